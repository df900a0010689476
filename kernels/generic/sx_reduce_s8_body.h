/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REDUCE_S8_BODY_H
#define SX_REDUCE_S8_BODY_H

#include <stddef.h>

#include "sx_reduce_s8.h"

/** Joins an element to what was gathered before; kernels give one as a constant argument. */
typedef int32_t sx_reduce_join(int32_t gathered, int32_t x);

/** All elements along the reduced dimensions, joined to `first`. */
static inline int32_t sx_reduce_s8_gather(const int8_t *x, const sx_reduction *over, int32_t first, sx_reduce_join *join)
{
    int32_t gathered = first;
    for (int32_t i = 0; i < over->reduced[0]; ++i) {
        for (int32_t j = 0; j < over->reduced[1]; ++j) {
            const int8_t *element = x + i * over->reduced_steps[0] + j * over->reduced_steps[1];
            for (int32_t k = 0; k < over->reduced[2]; ++k) {
                gathered = join(gathered, *element);
                element += over->reduced_steps[2];
            }
        }
    }
    return gathered;
}

/** See sx_reduce_s8.h. */
static inline void sx_reduce_sum_s8_body(const sx_reduce_sum_s8 *p, const int8_t *const rows[], int8_t *out,
                                         sx_requantize_rule *rule, sx_reduce_join *sum)
{
    const sx_requantize_s8 requantize = p->requantize;
    const sx_reduction over = p->over;
    for (int32_t i = 0; i < over.kept[0]; ++i) {
        for (int32_t j = 0; j < over.kept[1]; ++j) {
            for (int32_t k = 0; k < over.kept[2]; ++k) {
                const int8_t *const x = rows[0] + sx_reduction_first(&over, i, j, k);
                *out++ = rule(sx_reduce_s8_gather(x, &over, p->offset, sum), &requantize, 0);
            }
        }
    }
}

/** See sx_reduce_s8.h. */
static inline void sx_reduce_extreme_s8_body(const sx_reduce_extreme_s8 *p, const int8_t *const rows[], int8_t *out,
                                             sx_reduce_join *extreme)
{
    const sx_reduction over = p->over;
    for (int32_t i = 0; i < over.kept[0]; ++i) {
        for (int32_t j = 0; j < over.kept[1]; ++j) {
            for (int32_t k = 0; k < over.kept[2]; ++k) {
                const int8_t *const x = rows[0] + sx_reduction_first(&over, i, j, k);
                const int32_t code = sx_reduce_s8_gather(x, &over, *x, extreme);
                *out++ = (p->table != NULL) ? p->table[code + 128] : (int8_t)code;
            }
        }
    }
}

static inline int32_t sx_reduce_join_sum(int32_t gathered, int32_t x)
{
    return gathered + x;
}

static inline int32_t sx_reduce_join_max(int32_t gathered, int32_t x)
{
    return (x > gathered) ? x : gathered;
}

static inline int32_t sx_reduce_join_min(int32_t gathered, int32_t x)
{
    return (x < gathered) ? x : gathered;
}

#endif
