/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REQUANTIZE_MVE_H
#define SX_REQUANTIZE_MVE_H

#include <stddef.h>
#include <stdint.h>

#include "sx_mve.h"
#include "sx_port.h"
#include "sx_requantize.h"

/** How int32 sums become int8 outputs: what sx_requantize_s8 says, in blocks of four channels. */
typedef struct {
    const int32_t *multiplier; /* as in sx_requantize_s8; of all blocks, the last filled up, or of one block for all */
    const int8_t *shift_right; /* tflite: the exponents of multiplier that are below 0, else 0: -31..0; onnx: NULL */
    const int8_t *shift_left;  /* tflite: those that are above 0, else 0: 0..30; NULL when there is none; onnx: NULL */
    int32_t step;              /* from one block to the next: 4, or 0 when there is only one */
    int32_t zero_point;        /* of the output, -128..127 */
    int32_t minimum, maximum;  /* clamp limits, fused activation included: -128 <= minimum <= maximum <= 127 */
} sx_requantize_s8_mve;

/**
 * Type of the two rules below: `channels` sums to outputs, at least one; `first` is the index of the first multiplier.
 * The sums are read in whole blocks of four, and may be changed.
 */
typedef void sx_outputs_rule_mve(int8_t *out, int32_t *sums, int32_t channels, const sx_requantize_s8_mve *requantize,
                                 int32_t first);

/**
 * The same for up to four channels of some pixels, at least one: sums[x][4] to out[x * out_step + c], c < channels.
 * `first` is the index of their multipliers.
 */
typedef void sx_pixels_rule_mve(int8_t *out, int32_t out_step, int32_t *sums, int32_t pixels, int32_t channels,
                                const sx_requantize_s8_mve *requantize, int32_t first);

/** The index of the multiplier of channel i behind `first`. */
static inline int32_t sx_multiplier_index_mve(const sx_requantize_s8_mve *requantize, int32_t first, int32_t i)
{
    return first + (i / 4) * requantize->step + i % 4;
}

/** The left shifts of sx_scale_tflite: few models have any. */
SX_NOINLINE static void sx_shift_left_mve(int32_t *sums, int32_t channels, const sx_requantize_s8_mve *requantize, int32_t first)
{
    SX_SMALL_LOOP
    for (int32_t i = 0; i < channels; ++i) {
        const int32_t left = requantize->shift_left[sx_multiplier_index_mve(requantize, first, i)];
        sums[i] = (left > 0) ? sx_shift_left(sums[i], left) : sums[i];
    }
}

#if SX_HAS_MVE

/**
 * sx_requantize_s8_tflite of four sums in `value`, with `multiplier` and `shifts`.
 *
 * VQRDMULH is sx_multiply_q31. VRSHL rounds ties up; to round those of negative numbers down, as sx_divide_pot does, 1 is
 * taken from them first, unless nothing is shifted. No product is the smallest int32, so that does not wrap.
 */
#define SX_SCALE_TFLITE_MVE                                        \
    "vqrdmulh.s32 %q[value], %q[value], %q[multiplier]\n\t"        \
    "vand %q[other], %q[value], %q[shifts]\n\t"                    \
    "vshr.s32 %q[other], %q[other], #31\n\t"                       \
    "vadd.i32 %q[value], %q[value], %q[other]\n\t"                 \
    "vrshl.s32 %q[value], %q[value], %q[shifts]\n\t" SX_CLAMP_MVE

/** sx_requantize_s8_onnx of four sums in `value`, with the factors in `multiplier`. The conversion saturates. */
#define SX_SCALE_ONNX_MVE                                          \
    "vcvt.f32.s32 %q[value], %q[value]\n\t"                        \
    "vmul.f32 %q[value], %q[value], %q[multiplier]\n\t"            \
    "vcvtn.s32.f32 %q[value], %q[value]\n\t" SX_CLAMP_MVE

#define SX_CLAMP_MVE                                               \
    "vqadd.s32 %q[value], %q[value], %[zero]\n\t"                  \
    "vmax.s32 %q[value], %q[value], %q[minimum]\n\t"               \
    "vmin.s32 %q[value], %q[value], %q[maximum]\n\t"

/** One multiplier per channel; 14 instructions for four channels by the tflite rule. */
static inline void sx_outputs_s8_mve_tflite(int8_t *out, int32_t *sums, int32_t channels,
                                            const sx_requantize_s8_mve *requantize, int32_t first)
{
    const int32_t *multipliers = requantize->multiplier + first;
    const int8_t *shift = requantize->shift_right + first;
    const int32x4_t minimum = vdupq_n_s32(requantize->minimum);
    const int32x4_t maximum = vdupq_n_s32(requantize->maximum);
    int32x4_t value, other, multiplier, shifts;
    if (requantize->shift_left != NULL) {
        sx_shift_left_mve(sums, channels, requantize, first);
    }
    if (requantize->step != 0) {
        __asm__ volatile("dlstp.32 lr, %[channels]\n"
                         "1:\n\t"
                         "vldrw.32 %q[value], [%[sums]], #16\n\t"
                         "vldrw.32 %q[multiplier], [%[multipliers]], #16\n\t"
                         "vldrb.s32 %q[shifts], [%[shift]], #4\n\t" SX_SCALE_TFLITE_MVE
                         "vstrb.32 %q[value], [%[out]], #4\n\t"
                         "letp lr, 1b"
                         : [out] "+l"(out), [sums] "+r"(sums), [multipliers] "+r"(multipliers), [shift] "+l"(shift),
                           [multiplier] "=&w"(multiplier), [shifts] "=&w"(shifts), [value] "=&w"(value), [other] "=&w"(other)
                         : [channels] "r"(channels), [zero] "r"(requantize->zero_point), [minimum] "w"(minimum),
                           [maximum] "w"(maximum)
                         : "lr", "memory");
    } else {
        multiplier = vldrwq_s32(multipliers);
        shifts = vldrbq_s32(shift);
        __asm__ volatile("dlstp.32 lr, %[channels]\n"
                         "1:\n\t"
                         "vldrw.32 %q[value], [%[sums]], #16\n\t" SX_SCALE_TFLITE_MVE
                         "vstrb.32 %q[value], [%[out]], #4\n\t"
                         "letp lr, 1b"
                         : [out] "+l"(out), [sums] "+r"(sums), [value] "=&w"(value), [other] "=&w"(other)
                         : [channels] "r"(channels), [zero] "r"(requantize->zero_point), [minimum] "w"(minimum),
                           [maximum] "w"(maximum), [multiplier] "w"(multiplier), [shifts] "w"(shifts)
                         : "lr", "memory");
    }
}

/** 11 instructions for four channels by the onnx rule, where `step` steps through the multipliers. */
static inline void sx_outputs_s8_mve_onnx(int8_t *out, int32_t *sums, int32_t channels,
                                          const sx_requantize_s8_mve *requantize, int32_t first)
{
    const int32_t *multipliers = requantize->multiplier + first;
    const int32x4_t minimum = vdupq_n_s32(requantize->minimum);
    const int32x4_t maximum = vdupq_n_s32(requantize->maximum);
    int32x4_t value, multiplier;
    __asm__ volatile("dlstp.32 lr, %[channels]\n"
                     "1:\n\t"
                     "vldrw.32 %q[value], [%[sums]], #16\n\t"
                     "vldrw.32 %q[multiplier], [%[multipliers]]\n\t"
                     "add %[multipliers], %[multipliers], %[step], lsl #2\n\t" SX_SCALE_ONNX_MVE
                     "vstrb.32 %q[value], [%[out]], #4\n\t"
                     "letp lr, 1b"
                     : [out] "+l"(out), [sums] "+r"(sums), [multipliers] "+r"(multipliers), [value] "=&w"(value),
                       [multiplier] "=&w"(multiplier)
                     : [channels] "r"(channels), [step] "r"(requantize->step), [zero] "r"(requantize->zero_point),
                       [minimum] "w"(minimum), [maximum] "w"(maximum)
                     : "lr", "memory");
}

/** Define sx_pixels_s8_mve_<rule> by the scaling of four sums: 13 instructions a pixel by the tflite rule, 11 by the onnx rule. */
#define SX_PIXELS_MVE(scale)                                                                                             \
    __asm__ volatile("vctp.32 %[channels]\n\t"                                                                           \
                     "dls lr, %[pixels]\n"                                                                               \
                     "1:\n\t"                                                                                            \
                     "vldrw.32 %q[value], [%[sums]], #16\n\t" scale                                                      \
                     "vpst\n\t"                                                                                          \
                     "vstrbt.32 %q[value], [%[out]]\n\t"                                                                 \
                     "add %[out], %[out], %[step]\n\t"                                                                   \
                     "le lr, 1b"                                                                                         \
                     : [out] "+l"(out), [sums] "+r"(sums), [value] "=&w"(value), [other] "=&w"(other)                    \
                     : [channels] "r"(channels), [pixels] "r"(pixels), [step] "r"(out_step),                             \
                       [zero] "r"(requantize->zero_point), [minimum] "w"(minimum), [maximum] "w"(maximum),               \
                       [multiplier] "w"(multiplier), [shifts] "w"(shifts)                                                \
                     : "lr", "memory")

static inline void sx_pixels_s8_mve_tflite(int8_t *out, int32_t out_step, int32_t *sums, int32_t pixels, int32_t channels,
                                           const sx_requantize_s8_mve *requantize, int32_t first)
{
    const int32x4_t minimum = vdupq_n_s32(requantize->minimum);
    const int32x4_t maximum = vdupq_n_s32(requantize->maximum);
    const int32x4_t multiplier = vldrwq_s32(requantize->multiplier + first);
    const int32x4_t shifts = vldrbq_s32(requantize->shift_right + first);
    int32x4_t value, other;
    if (requantize->shift_left != NULL) {
        SX_SMALL_LOOP
        for (int32_t x = 0; x < pixels; ++x) {
            sx_shift_left_mve(sums + 4 * x, 4, requantize, first);
        }
    }
    SX_PIXELS_MVE(SX_SCALE_TFLITE_MVE);
}

static inline void sx_pixels_s8_mve_onnx(int8_t *out, int32_t out_step, int32_t *sums, int32_t pixels, int32_t channels,
                                         const sx_requantize_s8_mve *requantize, int32_t first)
{
    const int32x4_t minimum = vdupq_n_s32(requantize->minimum);
    const int32x4_t maximum = vdupq_n_s32(requantize->maximum);
    const int32x4_t multiplier = vldrwq_s32(requantize->multiplier + first);
    const int32x4_t shifts = multiplier; /* not used */
    int32x4_t value, other;
    SX_PIXELS_MVE(SX_SCALE_ONNX_MVE);
}

#else

static inline void sx_outputs_s8_mve_tflite(int8_t *out, int32_t *sums, int32_t channels,
                                            const sx_requantize_s8_mve *requantize, int32_t first)
{
    if (requantize->shift_left != NULL) {
        sx_shift_left_mve(sums, channels, requantize, first);
    }
    for (int32_t i = 0; i < channels; ++i) {
        const int32_t index = sx_multiplier_index_mve(requantize, first, i);
        const int32_t product = sx_multiply_q31(sums[i], requantize->multiplier[index]);
        const int32_t value = sx_divide_pot(product, -requantize->shift_right[index]);
        out[i] = sx_offset_clamp_s8(value, requantize->zero_point, requantize->minimum, requantize->maximum);
    }
}

static inline void sx_outputs_s8_mve_onnx(int8_t *out, int32_t *sums, int32_t channels,
                                          const sx_requantize_s8_mve *requantize, int32_t first)
{
    for (int32_t i = 0; i < channels; ++i) {
        const int32_t index = sx_multiplier_index_mve(requantize, first, i);
        const int32_t value = sx_scale_onnx(sums[i], requantize->multiplier[index]);
        out[i] = sx_offset_clamp_s8(value, requantize->zero_point, requantize->minimum, requantize->maximum);
    }
}

static inline void sx_pixels_s8_mve_tflite(int8_t *out, int32_t out_step, int32_t *sums, int32_t pixels, int32_t channels,
                                           const sx_requantize_s8_mve *requantize, int32_t first)
{
    for (int32_t x = 0; x < pixels; ++x) {
        sx_outputs_s8_mve_tflite(out + x * out_step, sums + 4 * x, (channels < 4) ? channels : 4, requantize, first);
    }
}

static inline void sx_pixels_s8_mve_onnx(int8_t *out, int32_t out_step, int32_t *sums, int32_t pixels, int32_t channels,
                                           const sx_requantize_s8_mve *requantize, int32_t first)
{
    for (int32_t x = 0; x < pixels; ++x) {
        sx_outputs_s8_mve_onnx(out + x * out_step, sums + 4 * x, (channels < 4) ? channels : 4, requantize, first);
    }
}

#endif

#endif
