/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_mul_s8_dsp.h"

#include <stdbool.h>

#include "sx_binary_s8_body.h"
#include "sx_packed_s8_dsp.h"
#include "sx_requantize_s8_dsp.h"

/** The products for `size` elements, a multiple of four. */
static inline void multiply_fours(const sx_mul_s8 *p, const int8_t *x, const int8_t *y, int8_t *out, int32_t size,
                                  sx_requantize_channel channel)
{
    const uint32_t x_offset = sx_two_times(-p->a_zero_point);
    const uint32_t y_offset = sx_two_times(-p->b_zero_point);
    const uint32_t lowest = sx_four_times(p->minimum);
    const uint32_t highest = sx_four_times(p->maximum);
    const bool is_narrow = p->minimum != -128 || p->maximum != 127;
    const int8_t *const end = out + size;
    while (out != end) {
        const uint32_t x_word = sx_load_fours(x);
        const uint32_t y_word = sx_load_fours(y);
        const uint32_t x_even = sx_add_even(x_offset, x_word);
        const uint32_t y_even = sx_add_even(y_offset, y_word);
        const uint32_t x_odd = sx_add_odd(x_offset, x_word);
        const uint32_t y_odd = sx_add_odd(y_offset, y_word);
        const int32_t a = sx_requantize_short_tflite(sx_low(x_even) * sx_low(y_even), channel);
        const int32_t b = sx_requantize_short_tflite(sx_low(x_odd) * sx_low(y_odd), channel);
        const int32_t c = sx_requantize_short_tflite(sx_high(x_even) * sx_high(y_even), channel);
        const int32_t d = sx_requantize_short_tflite(sx_high(x_odd) * sx_high(y_odd), channel);
        uint32_t word = sx_pack_fours(a, b, c, d);
        if (is_narrow) {
            word = sx_min_fours(sx_max_fours(word, lowest), highest);
        }
        sx_store_fours(out, word);
        x += 4;
        y += 4;
        out += 4;
    }
}

void sx_mul_s8_dsp_tflite(const sx_mul_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t shift = -p->out_shift;
    int32_t fours = 0;
    if (1 <= shift && shift <= 24 && p->out_multiplier != 0) {
        const int32_t offset = (2 * p->out_zero_point + 1) * (1 << (shift - 1));
        const sx_requantize_channel channel = {(int32_t)((uint32_t)p->out_multiplier * 2u), offset, shift};
        fours = p->size & ~3;
        multiply_fours(p, rows[0], rows[1], out, fours, channel);
    }
    sx_product_s8_body(p, rows, out, fours);
}
