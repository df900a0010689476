/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SUM_S8_DSP_BODY_H
#define SX_SUM_S8_DSP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_add_s8.h"
#include "sx_packed_s8_dsp.h"

/** value / 2^SX_ADD_S8_FRACTION, rounded down, saturated to int8. */
static inline int32_t sx_sum_s8_dsp_round(int32_t value)
{
#if SX_PACKED_DSP
    int32_t rounded;
    __asm__("ssat %[r], #8, %[v], asr %[s]" : [r] "=r"(rounded) : [v] "r"(value), [s] "I"(SX_ADD_S8_FRACTION) : "cc");
    return rounded;
#else
    return sx_offset_clamp_s8(value >> SX_ADD_S8_FRACTION, 0, -128, 127);
#endif
}

/** One element of the fixed-point form of sx_add_s8.h, saturated to int8. */
static inline int32_t sx_sum_s8_dsp_element(const sx_add_s8 *q, int32_t x, int32_t y, bool by_table)
{
    const int32_t summand = by_table ? q->table[x + 128] : q->offset + q->x_weight * x;
    return sx_sum_s8_dsp_round(summand + q->y_weight * y);
}

/** The fixed-point form for `size` elements, a multiple of four. */
static inline void sx_sum_s8_dsp_fours(const sx_add_s8 *p, const int8_t *x, const int8_t *y, int8_t *out, int32_t size,
                                       bool by_table)
{
    const sx_add_s8 q = *p;
    const uint32_t lowest = sx_four_times(q.minimum);
    const uint32_t highest = sx_four_times(q.maximum);
    const bool is_narrow = q.minimum != -128 || q.maximum != 127;
    const int8_t *const end = out + size;
    while (out != end) {
        const int32_t a = sx_sum_s8_dsp_element(&q, x[0], y[0], by_table);
        const int32_t b = sx_sum_s8_dsp_element(&q, x[1], y[1], by_table);
        const int32_t c = sx_sum_s8_dsp_element(&q, x[2], y[2], by_table);
        const int32_t d = sx_sum_s8_dsp_element(&q, x[3], y[3], by_table);
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

/** A sum or a difference; `exact` is the kernel for parameters without a fixed-point form. */
static inline void sx_sum_s8_dsp_body(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out,
                                      void exact(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out))
{
    if (p->is_fixed == 0) {
        exact(p, rows, out);
        return;
    }
    const int8_t *const x = rows[p->first];
    const int8_t *const y = rows[1 - p->first];
    const int32_t fours = p->size & ~3;
    if (p->table != NULL) {
        sx_sum_s8_dsp_fours(p, x, y, out, fours, true);
    } else {
        sx_sum_s8_dsp_fours(p, x, y, out, fours, false);
    }
    for (int32_t i = fours; i < p->size; ++i) {
        const int32_t value = sx_sum_s8_dsp_element(p, x[i], y[i], p->table != NULL);
        out[i] = sx_offset_clamp_s8(value, 0, p->minimum, p->maximum);
    }
}

#endif
