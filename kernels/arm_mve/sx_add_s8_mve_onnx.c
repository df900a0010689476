/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_add_s8_mve.h"

#include "sx_binary_s8_body.h"
#include "sx_mve.h"

#if SX_HAS_MVE

/** 23 instructions for four elements. MVE cannot divide: four scalar divisions in the lanes of q0 do. */
void sx_add_s8_mve_onnx(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int8_t *a = rows[0];
    const int8_t *b = rows[1];
    const int32x4_t a_zero = vdupq_n_s32(p->a_zero_point);
    const int32x4_t b_zero = vdupq_n_s32(p->b_zero_point);
    const int32x4_t minimum = vdupq_n_s32(p->minimum);
    const int32x4_t maximum = vdupq_n_s32(p->maximum);
    const sx_float32 scale = sx_f32_from_bits(p->out_multiplier);
    int32x4_t right;
    __asm__ volatile("wlstp.32 lr, %[size], 2f\n"
                     "1:\n\t"
                     "vldrb.s32 q0, [%[a]], #4\n\t"
                     "vldrb.s32 %q[right], [%[b]], #4\n\t"
                     "vsub.i32 q0, q0, %q[a_zero]\n\t"
                     "vsub.i32 %q[right], %q[right], %q[b_zero]\n\t"
                     "vcvt.f32.s32 q0, q0\n\t"
                     "vcvt.f32.s32 %q[right], %q[right]\n\t"
                     "vmul.f32 q0, q0, %[a_scale]\n\t"
                     "vmul.f32 %q[right], %q[right], %[b_scale]\n\t"
                     "vadd.f32 q0, q0, %q[right]\n\t"
                     "vdiv.f32 s0, s0, %[scale]\n\t"
                     "vdiv.f32 s1, s1, %[scale]\n\t"
                     "vdiv.f32 s2, s2, %[scale]\n\t"
                     "vdiv.f32 s3, s3, %[scale]\n\t"
                     "vcvtn.s32.f32 q0, q0\n\t"
                     "vqadd.s32 q0, q0, %[out_zero]\n\t"
                     "vmax.s32 q0, q0, %q[minimum]\n\t"
                     "vmin.s32 q0, q0, %q[maximum]\n\t"
                     "vstrb.32 q0, [%[out]], #4\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [a] "+l"(a), [b] "+l"(b), [out] "+l"(out), [right] "=&w"(right)
                     : [size] "r"(p->size), [a_zero] "w"(a_zero), [b_zero] "w"(b_zero),
                       [out_zero] "r"(p->out_zero_point), [a_scale] "r"(p->a_multiplier), [b_scale] "r"(p->b_multiplier),
                       [scale] "t"(scale), [minimum] "w"(minimum), [maximum] "w"(maximum)
                     : "q0", "lr", "memory");
}

#else

void sx_add_s8_mve_onnx(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_binary_s8_onnx_body(p, rows, out, sx_f32_add);
}

#endif
