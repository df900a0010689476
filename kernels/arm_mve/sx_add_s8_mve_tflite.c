/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_add_s8_mve.h"

#include <stdbool.h>

#include "sx_binary_s8_body.h"
#include "sx_mve.h"

/** Whether an operand's factor is 1/2: that of the operand with the larger scale always is. */
static inline bool is_half(int32_t multiplier, int32_t shift)
{
    return multiplier == 1 << 30 && shift == 0;
}

#if SX_HAS_MVE

/**
 * The sum where the factor of b is 1/2, so that (b - b_zero_point) << 19 is exact, and the last shift goes to the right:
 * 22 instructions for four elements. The roundings are those of sx_outputs_s8_mve_tflite().
 */
static inline void add(const sx_add_s8 *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const int32x4_t a_shift = vdupq_n_s32(p->a_shift);
    const int32x4_t out_shift = vdupq_n_s32(p->out_shift);
    const int32x4_t a_zero = vdupq_n_s32(p->a_zero_point);
    const int32x4_t b_zero = vdupq_n_s32(p->b_zero_point);
    const int32x4_t minimum = vdupq_n_s32(p->minimum);
    const int32x4_t maximum = vdupq_n_s32(p->maximum);
    int32x4_t left, right;
    __asm__ volatile("wlstp.32 lr, %[size], 2f\n"
                     "1:\n\t"
                     "vldrb.s32 %q[left], [%[a]], #4\n\t"
                     "vsub.i32 %q[left], %q[left], %q[a_zero]\n\t"
                     "vshl.i32 %q[left], %q[left], #20\n\t"
                     "vqrdmulh.s32 %q[left], %q[left], %[a_multiplier]\n\t"
                     "vand %q[right], %q[left], %q[a_shift]\n\t"
                     "vshr.s32 %q[right], %q[right], #31\n\t"
                     "vadd.i32 %q[left], %q[left], %q[right]\n\t"
                     "vldrb.s32 %q[right], [%[b]], #4\n\t"
                     "vrshl.s32 %q[left], %q[left], %q[a_shift]\n\t"
                     "vsub.i32 %q[right], %q[right], %q[b_zero]\n\t"
                     "vshl.i32 %q[right], %q[right], #19\n\t"
                     "vadd.i32 %q[left], %q[left], %q[right]\n\t"
                     "vqrdmulh.s32 %q[left], %q[left], %[out_multiplier]\n\t"
                     "vand %q[right], %q[left], %q[out_shift]\n\t"
                     "vshr.s32 %q[right], %q[right], #31\n\t"
                     "vadd.i32 %q[left], %q[left], %q[right]\n\t"
                     "vrshl.s32 %q[left], %q[left], %q[out_shift]\n\t"
                     "vqadd.s32 %q[left], %q[left], %[out_zero]\n\t"
                     "vmax.s32 %q[left], %q[left], %q[minimum]\n\t"
                     "vmin.s32 %q[left], %q[left], %q[maximum]\n\t"
                     "vstrb.32 %q[left], [%[out]], #4\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [a] "+l"(a), [b] "+l"(b), [out] "+l"(out), [left] "=&w"(left), [right] "=&w"(right)
                     : [size] "r"(p->size), [a_zero] "w"(a_zero), [b_zero] "w"(b_zero),
                       [out_zero] "r"(p->out_zero_point), [a_multiplier] "r"(p->a_multiplier),
                       [out_multiplier] "r"(p->out_multiplier), [a_shift] "w"(a_shift), [out_shift] "w"(out_shift),
                       [minimum] "w"(minimum), [maximum] "w"(maximum)
                     : "lr", "memory");
}

#else

static inline void add(const sx_add_s8 *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    for (int32_t i = 0; i < p->size; ++i) {
        const int32_t left = sx_sum_s8_operand(a[i], p->a_zero_point, p->a_multiplier, p->a_shift);
        const int32_t right = (b[i] - p->b_zero_point) * (1 << 19);
        const int32_t product = sx_multiply_q31(left + right, p->out_multiplier);
        out[i] = sx_offset_clamp_s8(sx_divide_pot(product, -p->out_shift), p->out_zero_point, p->minimum, p->maximum);
    }
}

#endif

void sx_add_s8_mve_tflite(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_add_s8 swapped = *p;
    swapped.a_multiplier = p->b_multiplier;
    swapped.a_shift = p->b_shift;
    swapped.a_zero_point = p->b_zero_point;
    swapped.b_zero_point = p->a_zero_point;
    if (p->out_shift <= 0 && is_half(p->b_multiplier, p->b_shift)) {
        add(p, rows[0], rows[1], out);
    } else if (p->out_shift <= 0 && is_half(p->a_multiplier, p->a_shift)) {
        add(&swapped, rows[1], rows[0], out);
    } else {
        sx_sum_s8_tflite_body(p, rows, out, 1);
    }
}
