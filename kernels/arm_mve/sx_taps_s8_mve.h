/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_TAPS_S8_MVE_H
#define SX_TAPS_S8_MVE_H

#include <stdint.h>

#include "sx_mve.h"

/**
 * Windows of 4 x 4 taps, one of which is one VMLADAV. For that the inputs are laid out by columns of 64 bytes:
 * [16 channels][4 rows], so that four words, one per column, are the 16 taps of a channel.
 */
#define SX_COLUMN_BYTES 64

/** Four rows at one column, and the distance to the next; 0 for a row that has the same value in all columns. */
typedef struct {
    const int8_t *row[4];
    int32_t step[4];
} sx_four_rows;

#if SX_HAS_MVE

/** Lay out `count` columns of up to 16 channels, about 17 instructions a column. */
static inline void sx_lay_out_columns_mve(int8_t *to, const sx_four_rows *rows, int32_t count, int32_t channels)
{
    const int8_t *row0 = rows->row[0], *row1 = rows->row[1], *row2 = rows->row[2], *row3 = rows->row[3];
    const int32_t step0 = rows->step[0], step1 = rows->step[1], step2 = rows->step[2], step3 = rows->step[3];
    /* The loop is in C: with all of the pointers and steps in it, one block would need more registers than GCC has. */
    for (int32_t i = 0; i < count; ++i) {
        __asm__ volatile("vctp.8 %[channels]\n\t"
                         "vpstttt\n\t"
                         "vldrbt.u8 q0, [%[row0]]\n\t"
                         "vldrbt.u8 q1, [%[row1]]\n\t"
                         "vldrbt.u8 q2, [%[row2]]\n\t"
                         "vldrbt.u8 q3, [%[row3]]\n\t"
                         "vst40.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "vst41.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "vst42.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "vst43.8 {q0, q1, q2, q3}, [%[to]]!"
                         : [to] "+r"(to)
                         : [row0] "r"(row0), [row1] "r"(row1), [row2] "r"(row2), [row3] "r"(row3), [channels] "r"(channels)
                         : "q0", "q1", "q2", "q3", "memory");
        row0 += step0;
        row1 += step1;
        row2 += step2;
        row3 += step3;
    }
}

/**
 * The sums of four channels in `pixels` windows: sums[x][c] = addend[x][c] + the sum over 4 columns and 4 rows of
 * at[x * stride + column * pitch + 4 * c + row] * w[c][column][row]. The addend of pixel x is `addend_step` bytes behind that
 * of x - 1: 16, or 0 where all have the same. 17 instructions a pixel.
 */
static inline void sx_tap_sums_mve(int32_t *sums, const int32_t *addend, int32_t addend_step, const int8_t *at,
                                   int32_t stride, int32_t pitch, const int8_t *w, int32_t pixels)
{
    const uint32x4_t column = vmulq_n_u32(vidupq_n_u32(0u, 1), (uint32_t)pitch);
    uint32x4_t address = vaddq_n_u32(column, (uint32_t)(uintptr_t)at);
    const int8x16_t w0 = vldrbq_s8(w), w1 = vldrbq_s8(w + 16), w2 = vldrbq_s8(w + 32), w3 = vldrbq_s8(w + 48);
    int32_t sum0, sum1, sum2, sum3;
    int32x4_t x, y;
    __asm__ volatile("dls lr, %[pixels]\n"
                     "1:\n\t"
                     "vldrw.u32 %q[x], [%q[address]]\n\t"
                     "vmladav.s8 %[sum0], %q[x], %q[w0]\n\t"
                     "vldrw.u32 %q[x], [%q[address], #4]\n\t"
                     "vmladav.s8 %[sum1], %q[x], %q[w1]\n\t"
                     "vldrw.u32 %q[x], [%q[address], #8]\n\t"
                     "vmladav.s8 %[sum2], %q[x], %q[w2]\n\t"
                     "vldrw.u32 %q[x], [%q[address], #12]\n\t"
                     "vmladav.s8 %[sum3], %q[x], %q[w3]\n\t"
                     "vldrw.32 %q[y], [%[addend]]\n\t"
                     "vmov %q[x][2], %q[x][0], %[sum0], %[sum2]\n\t"
                     "vadd.i32 %q[address], %q[address], %[stride]\n\t"
                     "vmov %q[x][3], %q[x][1], %[sum1], %[sum3]\n\t"
                     "add %[addend], %[addend], %[step]\n\t"
                     "vadd.i32 %q[x], %q[x], %q[y]\n\t"
                     "vstrw.32 %q[x], [%[sums]], #16\n\t"
                     "le lr, 1b"
                     : [sums] "+r"(sums), [addend] "+r"(addend), [address] "+w"(address), [sum0] "=&Te"(sum0),
                       [sum1] "=&Te"(sum1), [sum2] "=&Te"(sum2), [sum3] "=&Te"(sum3), [x] "=&w"(x), [y] "=&w"(y)
                     : [step] "r"(addend_step), [stride] "r"(stride), [pixels] "r"(pixels), [w0] "w"(w0), [w1] "w"(w1),
                       [w2] "w"(w2), [w3] "w"(w3)
                     : "lr", "memory");
}

#else

static inline void sx_lay_out_columns_mve(int8_t *to, const sx_four_rows *rows, int32_t count, int32_t channels)
{
    for (int32_t i = 0; i < count; ++i) {
        for (int32_t c = 0; c < channels; ++c) {
            for (int32_t ky = 0; ky < 4; ++ky) {
                to[4 * c + ky] = rows->row[ky][i * rows->step[ky] + c];
            }
        }
        to += SX_COLUMN_BYTES;
    }
}

static inline void sx_tap_sums_mve(int32_t *sums, const int32_t *addend, int32_t addend_step, const int8_t *at,
                                   int32_t stride, int32_t pitch, const int8_t *w, int32_t pixels)
{
    for (int32_t x = 0; x < pixels; ++x) {
        for (int32_t c = 0; c < 4; ++c) {
            uint32_t sum = (uint32_t)addend[c];
            for (int32_t tap = 0; tap < 16; ++tap) {
                sum += (uint32_t)(at[(tap / 4) * pitch + 4 * c + tap % 4] * w[16 * c + tap]);
            }
            *sums++ = (int32_t)sum;
        }
        addend += addend_step / 4;
        at += stride;
    }
}

#endif

#endif
