/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_THIN_S8_MVE_H
#define SX_THIN_S8_MVE_H

#include <stdint.h>

#include "sx_mve.h"
#include "sx_requantize_mve.h"

/**
 * Windows of few inputs: the weights of some channels stay in registers, and pixels pass by. What there is to set up for
 * four channels is then needed once for many pixels.
 */
#define SX_THIN_MVE 32
#define SX_THIN_PIXELS_MVE 16

#if SX_HAS_MVE

/** The sums of four channels: up to 16 inputs, w: [4][16]; 12 instructions a pixel. */
static inline void sx_thin_sums16_mve(int32_t *sums, const int32_t *bias, const int8_t *x, int32_t step, const int8_t *w,
                                      int32_t count, int32_t pixels)
{
    const int8x16_t w0 = vldrbq_s8(w), w1 = vldrbq_s8(w + 16), w2 = vldrbq_s8(w + 32), w3 = vldrbq_s8(w + 48);
    const int32x4_t biases = vldrwq_s32(bias);
    int32_t sum0, sum1, sum2, sum3;
    int8x16_t bytes;
    __asm__ volatile("vctp.8 %[count]\n\t"
                     "dls lr, %[pixels]\n"
                     "1:\n\t"
                     "vpst\n\t"
                     "vldrbt.u8 %q[bytes], [%[x]]\n\t"
                     "add %[x], %[x], %[step]\n\t"
                     "vmladav.s8 %[sum0], %q[bytes], %q[w0]\n\t"
                     "vmladav.s8 %[sum1], %q[bytes], %q[w1]\n\t"
                     "vmladav.s8 %[sum2], %q[bytes], %q[w2]\n\t"
                     "vmladav.s8 %[sum3], %q[bytes], %q[w3]\n\t"
                     "vmov %q[bytes][2], %q[bytes][0], %[sum0], %[sum2]\n\t"
                     "vmov %q[bytes][3], %q[bytes][1], %[sum1], %[sum3]\n\t"
                     "vadd.i32 %q[bytes], %q[bytes], %q[biases]\n\t"
                     "vstrw.32 %q[bytes], [%[sums]], #16\n\t"
                     "le lr, 1b"
                     : [sums] "+r"(sums), [x] "+r"(x), [sum0] "=&Te"(sum0), [sum1] "=&Te"(sum1), [sum2] "=&Te"(sum2),
                       [sum3] "=&Te"(sum3), [bytes] "=&w"(bytes)
                     : [step] "r"(step), [count] "r"(count), [pixels] "r"(pixels), [biases] "w"(biases), [w0] "w"(w0),
                       [w1] "w"(w1), [w2] "w"(w2), [w3] "w"(w3)
                     : "lr", "memory");
}

/** The sums of two of four channels: 17 to 32 inputs, w: [2][4][16] from the first of the two; 12 instructions a pixel. */
static inline void sx_thin_sums32_mve(int32_t *sums, const int32_t *bias, const int8_t *x, int32_t step, const int8_t *w,
                                      int32_t count, int32_t pixels)
{
    const int8x16_t w00 = vldrbq_s8(w), w10 = vldrbq_s8(w + 16), w01 = vldrbq_s8(w + 64), w11 = vldrbq_s8(w + 80);
    int32_t sum0, sum1;
    int8x16_t x0, x1;
    __asm__ volatile("vctp.8 %[rest]\n\t"
                     "dls lr, %[pixels]\n"
                     "1:\n\t"
                     "vldrb.u8 %q[x0], [%[x]]\n\t"
                     "vpst\n\t"
                     "vldrbt.u8 %q[x1], [%[x], #16]\n\t"
                     "mov %[sum0], %[bias0]\n\t"
                     "mov %[sum1], %[bias1]\n\t"
                     "vmladava.s8 %[sum0], %q[x0], %q[w00]\n\t"
                     "vmladava.s8 %[sum1], %q[x0], %q[w10]\n\t"
                     "vmladava.s8 %[sum0], %q[x1], %q[w01]\n\t"
                     "vmladava.s8 %[sum1], %q[x1], %q[w11]\n\t"
                     "add %[x], %[x], %[step]\n\t"
                     "strd %[sum0], %[sum1], [%[sums]], #16\n\t"
                     "le lr, 1b"
                     : [sums] "+r"(sums), [x] "+r"(x), [sum0] "=&Te"(sum0), [sum1] "=&Te"(sum1), [x0] "=&w"(x0),
                       [x1] "=&w"(x1)
                     : [step] "r"(step), [rest] "r"(count - 16), [pixels] "r"(pixels), [bias0] "r"(bias[0]),
                       [bias1] "r"(bias[1]), [w00] "w"(w00), [w10] "w"(w10), [w01] "w"(w01), [w11] "w"(w11)
                     : "lr", "memory");
}

/** sums[pixel][c] = bias[c] + the products of four channels; w: [count / 16][4][16], each pixel `step` behind the one before. */
static inline void sx_thin_sums_mve(int32_t *sums, const int32_t *bias, const int8_t *x, int32_t step, const int8_t *w,
                                    int32_t count, int32_t pixels)
{
    if (count <= 16) {
        sx_thin_sums16_mve(sums, bias, x, step, w, count, pixels);
    } else {
        SX_SMALL_LOOP
        for (int32_t i = 0; i < 4; i += 2) {
            sx_thin_sums32_mve(sums + i, bias + i, x, step, w + 16 * i, count, pixels);
        }
    }
}

#else

static inline void sx_thin_sums_mve(int32_t *sums, const int32_t *bias, const int8_t *x, int32_t step, const int8_t *w,
                                    int32_t count, int32_t pixels)
{
    for (int32_t pixel = 0; pixel < pixels; ++pixel) {
        for (int32_t c = 0; c < 4; ++c) {
            uint32_t sum = (uint32_t)bias[c];
            for (int32_t k = 0; k < count; ++k) {
                sum += (uint32_t)(x[k] * w[64 * (k / 16) + 16 * c + k % 16]);
            }
            *sums++ = (int32_t)sum;
        }
        x += step;
    }
}

#endif

/**
 * All channels of some pixels, at most SX_THIN_PIXELS_MVE, with windows of `count` inputs, at most SX_THIN_MVE, `step` apart;
 * weights and bias in blocks, see sx_dots_s8_mve.
 */
static inline void sx_thin_pixels_s8_mve(const int8_t *weights, const int32_t *bias, const int8_t *x, int32_t step,
                                         int32_t count, int32_t pixels, int32_t channels, int8_t *out,
                                         const sx_requantize_s8_mve *requantize, sx_pixels_rule_mve *rule)
{
    int32_t sums[4 * SX_THIN_PIXELS_MVE];
    const int32_t block_bytes = (count <= 16) ? 64 : 128;
    int32_t first = 0;
    SX_SMALL_LOOP
    for (int32_t c = 0; c < channels; c += 4) {
        sx_thin_sums_mve(sums, bias + c, x, step, weights, count, pixels);
        rule(out + c, channels, sums, pixels, channels - c, requantize, first);
        weights += block_bytes;
        first += requantize->step;
    }
}

#endif
