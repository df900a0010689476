/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_COLUMNS_S8_DSP_H
#define SX_COLUMNS_S8_DSP_H

#include <stdint.h>

#include "sx_halves_dsp.h"

/*
 * Bytes written to columns in fours. Of 4 or 2 columns each has a word per pair of a four, as sx_matmul_s8_dsp.h wants them; a
 * single column has the bytes. The functions return where the column goes on.
 */

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

/** Adjoining fours, at any address, to one column. */
static inline uint32_t *sx_put_fours(uint32_t *to, const int8_t *x, int32_t fours, int32_t columns)
{
    for (; fours > 0; --fours) {
        to = sx_put_four(to, sx_load_four(x), columns);
        x += 4;
    }
    return to;
}

/** The same byte to one column. */
static inline uint32_t *sx_put_same(uint32_t *to, int32_t byte, int32_t fours, int32_t columns)
{
    for (; fours > 0; --fours) {
        to = sx_put_four(to, ((uint32_t)byte & 0xFFu) * 0x01010101u, columns);
    }
    return to;
}

/**
 * `fours` fours, at least one, to each of four columns.
 *
 * @param x     of column 0; those of 1, 2 and 3 are at step, 2 * step and last
 */
#if SX_HAS_DSP
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter" /* Assembly knows them as r0-r3 and on the stack. */

/* 14 instructions for four fours. */
#define SX_FOUR_COLUMNS                                                                                               \
    "ldr r4, [r1], #4\n"                                                                                              \
    "ldr r5, [r2], #4\n"                                                                                              \
    "ldr r6, [r3], #4\n"                                                                                              \
    "ldr r7, [r12], #4\n"                                                                                             \
    "sxtb16 r8, r4\n"                                                                                                 \
    "sxtb16 r9, r5\n"                                                                                                 \
    "sxtb16 r10, r6\n"                                                                                                \
    "sxtb16 r11, r7\n"                                                                                                \
    "stm r0!, {r8-r11}\n"                                                                                             \
    "sxtb16 r4, r4, ror #8\n"                                                                                         \
    "sxtb16 r5, r5, ror #8\n"                                                                                         \
    "sxtb16 r6, r6, ror #8\n"                                                                                         \
    "sxtb16 r7, r7, ror #8\n"                                                                                         \
    "stm r0!, {r4-r7}\n"

SX_ASSEMBLY static uint32_t *sx_put_four_columns(uint32_t *to, const int8_t *x, int32_t step, int32_t last, int32_t fours)
{
    __asm__ volatile("push {r4-r11, lr}\n"
                     "ldr lr, [sp, #36]\n"
                     "add r12, r1, r3\n"
                     "add r3, r1, r2, lsl #1\n"
                     "add r2, r1, r2\n"
                     "tst lr, #1\n"
                     "beq 1f\n"
                     "add lr, lr, #1\n"
                     "b 2f\n"
                     "1:\n" SX_FOUR_COLUMNS
                     "2:\n" SX_FOUR_COLUMNS
                     "subs lr, lr, #2\n"
                     "bne 1b\n"
                     "pop {r4-r11, pc}");
}

#pragma GCC diagnostic pop
#else
static inline uint32_t *sx_put_four_columns(uint32_t *to, const int8_t *x, int32_t step, int32_t last, int32_t fours)
{
    (void)sx_put_fours(to + 1, x + step, fours, 4);
    (void)sx_put_fours(to + 2, x + 2 * step, fours, 4);
    (void)sx_put_fours(to + 3, x + last, fours, 4);
    return sx_put_fours(to, x, fours, 4);
}
#endif

/** Copy bytes [first, first + count) of a row of `row_bytes`, with `zero` where there are none. */
static inline void sx_copy_padded(int8_t *to, const int8_t *row, int32_t row_bytes, int32_t first, int32_t count, int32_t zero)
{
    const int32_t end = first + count;
    const int32_t inside = (end < row_bytes) ? end : row_bytes;
    for (; first < end && first < 0; ++first) {
        *to++ = (int8_t)zero;
    }
    for (; first < inside; ++first) {
        *to++ = row[first];
    }
    for (; first < end; ++first) {
        *to++ = (int8_t)zero;
    }
}

/** Where an element of a column is, in bytes from its first one: 4 or 2 columns of int16, or one of bytes. */
static inline uint32_t sx_element_offset(uint32_t element, uint32_t columns)
{
    return (columns == 1) ? element : ((element / 4) * 2 + (element & 1)) * 4 * columns + (element & 2);
}

/** An element to where it is. */
static inline void sx_put_element(int8_t *to, int32_t x, int32_t columns)
{
    const int16_t half = (int16_t)x;
    if (columns == 1) {
        *to = (int8_t)x;
    } else {
        __builtin_memcpy(to, &half, sizeof half);
    }
}

#endif
