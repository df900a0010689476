/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING_S8_MVE_H
#define SX_POOLING_S8_MVE_H

#include <stdint.h>

#include "sx_dot_s8_mve.h"

/** How many channels a pooling takes at a time. */
#define SX_POOLED_MVE 64

#if SX_HAS_MVE

/** sums[i] += x[i] for i < count, count >= 1: five instructions for four. */
static inline void sx_add_s8_to_sums_mve(int32_t *sums, const int8_t *x, int32_t count)
{
    int32x4_t sum, addend;
    __asm__ volatile("dlstp.32 lr, %[count]\n"
                     "1:\n\t"
                     "vldrb.s32 %q[addend], [%[x]], #4\n\t"
                     "vldrw.32 %q[sum], [%[sums]]\n\t"
                     "vadd.i32 %q[sum], %q[sum], %q[addend]\n\t"
                     "vstrw.32 %q[sum], [%[sums]], #16\n\t"
                     "letp lr, 1b"
                     : [sums] "+r"(sums), [x] "+l"(x), [sum] "=&w"(sum), [addend] "=&w"(addend)
                     : [count] "r"(count)
                     : "lr", "memory");
}

/** maxima[i] = max(maxima[i], x[i]) for i < count, count >= 1: five instructions for 16. */
static inline void sx_raise_to_s8_mve(int8_t *maxima, const int8_t *x, int32_t count)
{
    int8x16_t maximum, other;
    __asm__ volatile("dlstp.8 lr, %[count]\n"
                     "1:\n\t"
                     "vldrb.u8 %q[other], [%[x]], #16\n\t"
                     "vldrb.u8 %q[maximum], [%[maxima]]\n\t"
                     "vmax.s8 %q[maximum], %q[maximum], %q[other]\n\t"
                     "vstrb.8 %q[maximum], [%[maxima]], #16\n\t"
                     "letp lr, 1b"
                     : [maxima] "+r"(maxima), [x] "+r"(x), [maximum] "=&w"(maximum), [other] "=&w"(other)
                     : [count] "r"(count)
                     : "lr", "memory");
}

/** out[i] = min(x[i], limit) for i < count, count >= 1: four instructions for 16. */
static inline void sx_limit_s8_mve(int8_t *out, const int8_t *x, int32_t limit, int32_t count)
{
    const int8x16_t most = vdupq_n_s8((int8_t)limit);
    int8x16_t value;
    __asm__ volatile("dlstp.8 lr, %[count]\n"
                     "1:\n\t"
                     "vldrb.u8 %q[value], [%[x]], #16\n\t"
                     "vmin.s8 %q[value], %q[value], %q[most]\n\t"
                     "vstrb.8 %q[value], [%[out]], #16\n\t"
                     "letp lr, 1b"
                     : [out] "+r"(out), [x] "+r"(x), [value] "=&w"(value)
                     : [count] "r"(count), [most] "w"(most)
                     : "lr", "memory");
}

#else

static inline void sx_add_s8_to_sums_mve(int32_t *sums, const int8_t *x, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        sums[i] += x[i];
    }
}

static inline void sx_raise_to_s8_mve(int8_t *maxima, const int8_t *x, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        maxima[i] = (x[i] > maxima[i]) ? x[i] : maxima[i];
    }
}

static inline void sx_limit_s8_mve(int8_t *out, const int8_t *x, int32_t limit, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        out[i] = (int8_t)((x[i] < limit) ? x[i] : limit);
    }
}

#endif

#endif
