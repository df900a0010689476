/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a block of four columns with the outputs of the loops in assembly and of their twins in C, in turn. */
#include "sx_io.h"

#include "sx_columns_s8_dsp.h"
#include "sx_matmul_s8_dsp.h"
#include "sx_matvec_s8_dsp.h"

#define MOST_FOURS 40
#define MOST_CHANNELS 16

typedef struct {
    int32_t is_tflite, fours, rest, channels, zero_point;
    int32_t bias[MOST_CHANNELS], multiplier[MOST_CHANNELS];
    int8_t shift[MOST_CHANNELS];
    int8_t x[4][4 * MOST_FOURS];
    int32_t w[MOST_CHANNELS * MOST_FOURS];
} record;

typedef struct {
    int8_t fours[2][4][MOST_CHANNELS], twos[2][2][MOST_CHANNELS], ones[2][MOST_CHANNELS];
    int32_t group[2][4];
} answer;

int main(void);

static void compute(const record *r, answer *a)
{
    static uint32_t four_columns[8 * MOST_FOURS], two_columns[4 * MOST_FOURS];
    const sx_rule rule = r->is_tflite ? SX_RULE_TFLITE : SX_RULE_ONNX;
    const int32_t zero = r->is_tflite ? 2 * r->zero_point + 1 : r->zero_point;
    const int32_t step = (int32_t)sizeof r->x[0];
    (void)sx_put_four_columns(four_columns, r->x[0], step, 3 * step, r->fours);
    for (int32_t i = 0; i < 2; ++i) {
        (void)sx_put_fours(two_columns + i, r->x[i], r->fours, 2);
    }
    for (int32_t twin = 0; twin < 2; ++twin) {
        const sx_matmul_block block_4 = {
            sx_matmul_skip(r->fours, 4), four_columns + r->fours * 8, four_columns, r->bias, r->multiplier, r->shift,
            zero, MOST_CHANNELS, 3 * MOST_CHANNELS, a->fours[twin][0], r->channels, 4 - 16 * r->fours, -16 * r->fours, r->w,
        };
        const sx_matmul_block block_2 = {
            sx_matmul_skip(r->fours, 2), two_columns + r->fours * 4, two_columns, r->bias, r->multiplier, r->shift,
            zero, MOST_CHANNELS, 0, a->twos[twin][0], r->channels, 0, 0, r->w,
        };
        const int8_t *const x = r->x[0];
        const int32_t whole = r->fours - ((r->rest != 0) ? 1 : 0);
        const uint32_t rest = sx_load_four(x + 4 * whole);
        sx_matvec_block column = {
            sx_matvec_skip(whole), x + whole * 4, x, r->bias, r->multiplier, r->shift, 4, 1, zero,
            a->ones[twin], r->channels, r->w, rest, r->rest,
        };
        if (twin == 0) {
            sx_matmul(&block_4, 4, rule);
            sx_matmul(&block_2, 2, rule);
            sx_matvec(&column, rule);
        } else {
            sx_matmul_c(block_4, 4, rule);
            sx_matmul_c(block_2, 2, rule);
            sx_matvec_c(column, rule);
        }
        column.out = a->group[twin];
        column.channels = 0;
        if (twin == 0) {
            sx_matvec(&column, rule);
        } else {
            sx_matvec_c(column, rule);
        }
    }
}

int main(void)
{
    static record input;
    static answer output;
    while (sx_io_read(&input, sizeof input) == sizeof input) {
        compute(&input, &output);
        sx_io_write(&output, sizeof output);
    }
    return 0;
}
