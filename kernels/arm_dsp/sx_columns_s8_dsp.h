/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_COLUMNS_S8_DSP_H
#define SX_COLUMNS_S8_DSP_H

#include <stdint.h>

#include "sx_halves_dsp.h"

/*
 * A window is written to a column as one sequence of bytes, in fours. Of 4 or 2 columns each has a word per pair of a four, as
 * sx_matmul_s8_dsp.h wants them; a single column has the bytes themselves.
 */
typedef struct {
    uint32_t *to;    /* where the next four goes */
    int32_t columns; /* 4, 2 or 1: words from the first pair of a four to the second */
    uint32_t rest;   /* bytes that are no four yet, the first one lowest; zeros above them */
    int32_t bits;    /* 8 for each of them: 0, 8, 16 or 24 */
} sx_column;

static inline uint32_t *sx_put_four(uint32_t *to, uint32_t four, int32_t columns)
{
    if (columns == 1) {
        *to = four;
        return to + 1;
    }
    to[0] = sx_even_bytes(four);
    to[columns] = sx_odd_bytes(four);
    return to + 2 * columns;
}

/** Append up to four bytes of a word, 8 `bits` each; those above them are zero. */
static inline void sx_put_bits(sx_column *column, uint32_t word, int32_t bits)
{
    column->rest |= word << column->bits;
    if (column->bits + bits >= 32) {
        column->to = sx_put_four(column->to, column->rest, column->columns);
        column->rest = (word >> 1) >> (31 - column->bits);
        bits -= 32;
    }
    column->bits += bits;
}

/** Append adjoining fours, at any address, to whole fours. */
static inline void sx_put_fours(sx_column *column, const int8_t *x, int32_t fours)
{
    uint32_t *to = column->to;
    const int8_t *const end = x + 4 * fours;
    if (column->columns == 4) {
        for (; end - x >= 16; x += 16) {
            to = sx_put_four(to, sx_load_four(x), 4);
            to = sx_put_four(to, sx_load_four(x + 4), 4);
            to = sx_put_four(to, sx_load_four(x + 8), 4);
            to = sx_put_four(to, sx_load_four(x + 12), 4);
        }
    }
    for (; x != end; x += 4) {
        to = sx_put_four(to, sx_load_four(x), column->columns);
    }
    column->to = to;
}

/** Append bytes at any address. */
static inline void sx_put_bytes(sx_column *column, const int8_t *x, int32_t count)
{
    for (; count >= 4; count -= 4) {
        sx_put_bits(column, sx_load_four(x), 32);
        x += 4;
    }
    for (; count > 0; --count) {
        sx_put_bits(column, (uint32_t)(uint8_t)*x++, 8);
    }
}

/** Append a byte several times. */
static inline void sx_put_same(sx_column *column, int32_t byte, int32_t count)
{
    const uint32_t bits = (uint32_t)byte & 0xFFu;
    for (; count >= 4; count -= 4) {
        sx_put_bits(column, bits * 0x01010101u, 32);
    }
    for (; count > 0; --count) {
        sx_put_bits(column, bits, 8);
    }
}

/** Append bytes [first, first + count) of a row of `row_bytes`, with `zero` where there are none. */
static SX_NOINLINE void sx_put_run(sx_column *column, const int8_t *row, int32_t row_bytes, int32_t first,
                                   int32_t count, int32_t zero)
{
    const int32_t end = first + count;
    const int32_t before = (first >= 0) ? 0 : (end > 0) ? -first : count;
    const int32_t behind = (end <= row_bytes) ? 0 : (first < row_bytes) ? end - row_bytes : count;
    sx_put_same(column, zero, before);
    if (before + behind < count) {
        sx_put_bytes(column, row + (first + before), count - before - behind);
    }
    sx_put_same(column, zero, (before < count) ? behind : 0);
}

#endif
