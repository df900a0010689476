/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DOT_S8_MVE_H
#define SX_DOT_S8_MVE_H

#include <stdint.h>

#include "sx_mve.h"

/**
 * Runs of bytes, 16 a step. The loops are predicated by their count: the last step touches no byte behind the end.
 */
#if SX_HAS_MVE

#define SX_PRODUCTS_MVE(sum, x)                 \
    "vldrb.u8 %q[w_bytes], [%[w]], #16\n\t"      \
    "vmladava.s8 %[" sum "], %q[" x "], %q[w_bytes]\n\t"
#define SX_STEP_MVE(x) \
    SX_PRODUCTS_MVE("sum0", x) SX_PRODUCTS_MVE("sum1", x) SX_PRODUCTS_MVE("sum2", x) SX_PRODUCTS_MVE("sum3", x)

/**
 * Define sx_dots_s8_mve for up to `steps` * 16 products, which stay in registers: eight instructions for 64 products, and
 * seven for four sums. VMLADAV adds up in an even general-purpose register.
 */
#define SX_FEW_DOTS_MVE(steps, products)                                                                                  \
    static inline void sx_dots##steps##_s8_mve(int32_t *sums, const int32_t *bias, const int8_t *x, const int8_t *w,      \
                                               int32_t count, int32_t blocks)                                             \
    {                                                                                                                     \
        const int8x16_t x0 = sx_bytes_mve(x, count, 0, steps), x1 = sx_bytes_mve(x, count, 1, steps);                     \
        const int8x16_t x2 = sx_bytes_mve(x, count, 2, steps), x3 = sx_bytes_mve(x, count, 3, steps);                     \
        int32_t sum0, sum1, sum2, sum3;                                                                                   \
        int8x16_t w_bytes;                                                                                                \
        __asm__ volatile("dls lr, %[blocks]\n"                                                                            \
                         "1:\n\t"                                                                                         \
                         "vldrw.32 %q[w_bytes], [%[bias]], #16\n\t"                                                       \
                         "vmov %[sum0], %[sum2], %q[w_bytes][2], %q[w_bytes][0]\n\t"                                      \
                         "vmov %[sum1], %[sum3], %q[w_bytes][3], %q[w_bytes][1]\n\t" products                             \
                         "vmov %q[w_bytes][2], %q[w_bytes][0], %[sum0], %[sum2]\n\t"                                      \
                         "vmov %q[w_bytes][3], %q[w_bytes][1], %[sum1], %[sum3]\n\t"                                      \
                         "vstrw.32 %q[w_bytes], [%[sums]], #16\n\t"                                                       \
                         "le lr, 1b"                                                                                      \
                         : [sums] "+r"(sums), [bias] "+r"(bias), [w] "+r"(w), [sum0] "=&Te"(sum0),                        \
                           [sum1] "=&Te"(sum1), [sum2] "=&Te"(sum2), [sum3] "=&Te"(sum3), [w_bytes] "=&w"(w_bytes)        \
                         : [blocks] "r"(blocks), [x0] "w"(x0), [x1] "w"(x1), [x2] "w"(x2), [x3] "w"(x3)                   \
                         : "lr", "memory");                                                                               \
    }

/**
 * Bytes 16 * i to 16 * i + 15 of `count`, and zeros behind them; zeros where i >= steps. The predicate is set and used in one
 * block: no compiler knows that blocks of assembly change it.
 */
static inline int8x16_t sx_bytes_mve(const int8_t *x, int32_t count, int32_t i, int32_t steps)
{
    int8x16_t bytes = vdupq_n_s8(0);
    if (i + 1 < steps) {
        bytes = vldrbq_s8(x + 16 * i);
    } else if (i + 1 == steps) {
        __asm__ volatile("vctp.8 %[rest]\n\t"
                         "vpst\n\t"
                         "vldrbt.u8 %q[bytes], [%[x]]"
                         : [bytes] "=w"(bytes)
                         : [x] "r"(x + 16 * i), [rest] "r"(count - 16 * i)
                         : "memory");
    }
    return bytes;
}

SX_FEW_DOTS_MVE(3, SX_STEP_MVE("x0") SX_STEP_MVE("x1") SX_STEP_MVE("x2"))
SX_FEW_DOTS_MVE(4, SX_STEP_MVE("x0") SX_STEP_MVE("x1") SX_STEP_MVE("x2") SX_STEP_MVE("x3"))

/** Ten instructions for 64 products, and ten for four sums. LETP counts in lr. */
static inline void sx_many_dots_s8_mve(int32_t *sums, const int32_t *bias, const int8_t *x, const int8_t *w, int32_t count,
                                  int32_t blocks)
{
    const int8_t *at;
    int32_t sum0, sum1, sum2, sum3;
    int8x16_t x_bytes, w_bytes;
    __asm__ volatile("1:\n\t"
                     "vldrw.32 %q[xb], [%[bias]], #16\n\t"
                     "mov %[at], %[x]\n\t"
                     "vmov %[sum0], %[sum2], %q[xb][2], %q[xb][0]\n\t"
                     "vmov %[sum1], %[sum3], %q[xb][3], %q[xb][1]\n\t"
                     "dlstp.8 lr, %[count]\n"
                     "2:\n\t"
                     "vldrb.u8 %q[xb], [%[at]], #16\n\t"
                     "vldrb.u8 %q[wb], [%[w], #16]\n\t"
                     "vmladava.s8 %[sum1], %q[xb], %q[wb]\n\t"
                     "vldrb.u8 %q[wb], [%[w], #32]\n\t"
                     "vmladava.s8 %[sum2], %q[xb], %q[wb]\n\t"
                     "vldrb.u8 %q[wb], [%[w], #48]\n\t"
                     "vmladava.s8 %[sum3], %q[xb], %q[wb]\n\t"
                     "vldrb.u8 %q[wb], [%[w]], #64\n\t"
                     "vmladava.s8 %[sum0], %q[xb], %q[wb]\n\t"
                     "letp lr, 2b\n\t"
                     "vmov %q[xb][2], %q[xb][0], %[sum0], %[sum2]\n\t"
                     "vmov %q[xb][3], %q[xb][1], %[sum1], %[sum3]\n\t"
                     "subs %[blocks], #1\n\t"
                     "vstrw.32 %q[xb], [%[sums]], #16\n\t"
                     "bne 1b"
                     : [sums] "+r"(sums), [bias] "+r"(bias), [at] "=&r"(at), [w] "+r"(w), [blocks] "+r"(blocks),
                       [sum0] "=&Te"(sum0), [sum1] "=&Te"(sum1), [sum2] "=&Te"(sum2), [sum3] "=&Te"(sum3),
                       [xb] "=&w"(x_bytes), [wb] "=&w"(w_bytes)
                     : [x] "r"(x), [count] "r"(count)
                     : "lr", "cc", "memory");
}

/**
 * For each of `blocks` blocks of four i: sums[i] = bias[i] + the sum of x[k] * w(i, k) over k < count; all at least 1.
 * w: [blocks][steps of 16 k, the last filled up with zeros][4][16].
 */
static inline void sx_dots_s8_mve(int32_t *sums, const int32_t *bias, const int8_t *x, const int8_t *w, int32_t count,
                                  int32_t blocks)
{
    /* Smaller windows mostly come by many pixels, see sx_thin_s8_mve.h. */
    if (count > 64) {
        sx_many_dots_s8_mve(sums, bias, x, w, count, blocks);
    } else if (count > 48) {
        sx_dots4_s8_mve(sums, bias, x, w, count, blocks);
    } else if (count > 32) {
        sx_dots3_s8_mve(sums, bias, x, w, count, blocks);
    } else {
        sx_many_dots_s8_mve(sums, bias, x, w, count, blocks);
    }
}

/** The sum of `count` bytes, count >= 1. */
static inline int32_t sx_sum_s8_mve(const int8_t *x, int32_t count)
{
    int32_t sum = 0;
    int8x16_t bytes;
    __asm__ volatile("dlstp.8 lr, %[count]\n"
                     "1:\n\t"
                     "vldrb.u8 %q[bytes], [%[x]], #16\n\t"
                     "vaddva.s8 %[sum], %q[bytes]\n\t"
                     "letp lr, 1b"
                     : [x] "+r"(x), [sum] "+Te"(sum), [bytes] "=&w"(bytes)
                     : [count] "r"(count)
                     : "lr", "memory");
    return sum;
}

/** Copy `count` bytes, count >= 0; returns the end in `to`. */
static inline int8_t *sx_copy_s8_mve(int8_t *to, const int8_t *from, int32_t count)
{
    int8_t *at = to;
    int8x16_t bytes;
    __asm__ volatile("wlstp.8 lr, %[count], 2f\n"
                     "1:\n\t"
                     "vldrb.u8 %q[bytes], [%[from]], #16\n\t"
                     "vstrb.8 %q[bytes], [%[at]], #16\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [at] "+r"(at), [from] "+r"(from), [bytes] "=&w"(bytes)
                     : [count] "r"(count)
                     : "lr", "memory");
    return to + count;
}

/** Set `count` bytes, count >= 0; returns the end in `to`. */
static inline int8_t *sx_fill_s8_mve(int8_t *to, int32_t value, int32_t count)
{
    int8_t *at = to;
    const int8x16_t bytes = vdupq_n_s8((int8_t)value);
    __asm__ volatile("wlstp.8 lr, %[count], 2f\n"
                     "1:\n\t"
                     "vstrb.8 %q[bytes], [%[at]], #16\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [at] "+r"(at)
                     : [bytes] "w"(bytes), [count] "r"(count)
                     : "lr", "memory");
    return to + count;
}

#else

static inline void sx_dots_s8_mve(int32_t *sums, const int32_t *bias, const int8_t *x, const int8_t *w, int32_t count,
                                  int32_t blocks)
{
    for (int32_t i = 0; i < 4 * blocks; ++i) {
        uint32_t sum = (uint32_t)bias[i];
        for (int32_t k = 0; k < count; ++k) {
            const int32_t step = (i / 4) * ((count + 15) / 16) + k / 16;
            sum += (uint32_t)(x[k] * w[64 * step + 16 * (i % 4) + k % 16]);
        }
        sums[i] = (int32_t)sum;
    }
}

static inline int32_t sx_sum_s8_mve(const int8_t *x, int32_t count)
{
    int32_t sum = 0;
    for (int32_t k = 0; k < count; ++k) {
        sum += x[k];
    }
    return sum;
}

static inline int8_t *sx_copy_s8_mve(int8_t *to, const int8_t *from, int32_t count)
{
    for (int32_t k = 0; k < count; ++k) {
        to[k] = from[k];
    }
    return to + count;
}

static inline int8_t *sx_fill_s8_mve(int8_t *to, int32_t value, int32_t count)
{
    for (int32_t k = 0; k < count; ++k) {
        to[k] = (int8_t)value;
    }
    return to + count;
}

#endif

#endif
