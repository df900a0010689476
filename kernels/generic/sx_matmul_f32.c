/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_matmul_f32.h"

#include <stddef.h>

#include "sx_elements.h"
#include "sx_multiply_add.h"

/** Four columns of b, and how far their next elements are. */
typedef struct {
    const sx_f32 *columns[4];
    int32_t inner, a_step, b_step;
} sx_matmul_f32_strip;

/** Four sums of one row of a. Never inline: the loops want all registers of the core. */
__attribute__((noinline)) static void sx_matmul_f32_row(float sums[4], const sx_f32 *x, const sx_matmul_f32_strip *strip)
{
    const sx_f32 *s = strip->columns[0], *t = strip->columns[1], *u = strip->columns[2], *v = strip->columns[3];
    const int32_t a_step = strip->a_step, b_step = strip->b_step;
    float a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    for (int32_t i = strip->inner; i > 0; --i) {
        const float left = *x;
        a = sx_multiply_add(left, *s, a);
        b = sx_multiply_add(left, *t, b);
        c = sx_multiply_add(left, *u, c);
        d = sx_multiply_add(left, *v, d);
        x += a_step;
        s += b_step;
        t += b_step;
        u += b_step;
        v += b_step;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/** The same of two rows: sums[row][column]. */
__attribute__((noinline)) static void sx_matmul_f32_two_rows(float sums[8], const sx_f32 *x, const sx_f32 *y,
                                                             const sx_matmul_f32_strip *strip)
{
    const sx_f32 *s = strip->columns[0], *t = strip->columns[1], *u = strip->columns[2], *v = strip->columns[3];
    const int32_t a_step = strip->a_step, b_step = strip->b_step;
    float a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    float e = sums[4], f = sums[5], g = sums[6], h = sums[7];
    for (int32_t i = strip->inner; i > 0; --i) {
        const float left = *x, right = *y;
        const float w0 = *s, w1 = *t, w2 = *u, w3 = *v;
        a = sx_multiply_add(left, w0, a);
        e = sx_multiply_add(right, w0, e);
        b = sx_multiply_add(left, w1, b);
        f = sx_multiply_add(right, w1, f);
        c = sx_multiply_add(left, w2, c);
        g = sx_multiply_add(right, w2, g);
        d = sx_multiply_add(left, w3, d);
        h = sx_multiply_add(right, w3, h);
        x += a_step;
        y += a_step;
        s += b_step;
        t += b_step;
        u += b_step;
        v += b_step;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
    sums[4] = e;
    sums[5] = f;
    sums[6] = g;
    sums[7] = h;
}

/** Up to four columns of one product, from `first` on; those beyond the last one are computed as it is, and not stored. */
static void sx_matmul_f32_columns(const sx_matmul_f32_params *p, const sx_f32 *a, const sx_f32 *b, sx_f32 *out,
                                  int32_t first)
{
    const int32_t count = (p->columns - first < 4) ? p->columns - first : 4;
    sx_matmul_f32_strip strip = {{NULL}, p->inner, p->a_inner_step, p->b_inner_step};
    float bias[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int32_t i = 0; i < 4; ++i) {
        const int32_t column = first + ((i < count) ? i : count - 1);
        strip.columns[i] = b + column * p->b_column_step;
        bias[i] = (p->bias != NULL) ? p->bias[column] : 0.0f;
    }
    for (int32_t row = 0; row < p->rows;) {
        const int32_t pair = (row + 1 < p->rows) ? 2 : 1;
        float sums[8] = {bias[0], bias[1], bias[2], bias[3], bias[0], bias[1], bias[2], bias[3]};
        if (pair == 2) {
            sx_matmul_f32_two_rows(sums, a, a + p->a_row_step, &strip);
        } else {
            sx_matmul_f32_row(sums, a, &strip);
        }
        for (int32_t one = 0; one < pair; ++one) {
            for (int32_t i = 0; i < count; ++i) {
                out[row * p->columns + first + i] = sx_clamp_f32(sums[4 * one + i], &p->limits);
            }
            ++row;
        }
        a += pair * p->a_row_step;
    }
}

void sx_matmul_f32(const sx_matmul_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    sx_f32 *to = (sx_f32 *)(void *)out;
    sx_broadcast_run pair = sx_broadcast_first(rows);
    do {
        const sx_f32 *a = (const sx_f32 *)(const void *)pair.a;
        const sx_f32 *b = (const sx_f32 *)(const void *)pair.b;
        for (int32_t first = 0; first < p->columns; first += 4) {
            sx_matmul_f32_columns(p, a, b, to, first);
        }
        to += p->rows * p->columns;
    } while (sx_broadcast_next(&p->batches, &pair));
}
