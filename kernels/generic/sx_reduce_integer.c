/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_reduce_integer.h"

/* A kernel: `result` from a start value on, changed by every element x. */
#define INTEGER(name, start, change, end)                                                                  \
    void sx_reduce_##name##_integer(const sx_reduce_integer_params *p, const int8_t *const rows[], int8_t *out) \
    {                                                                                                      \
        const int32_t run = sx_walk_run(&p->reduced);                                                      \
        const int32_t step = sx_walk_step(&p->reduced, 0);                                                 \
        const int32_t last_step = sx_walk_step(&p->kept, 0);                                               \
        int32_t kept_index[SX_MAX_RANK] = {0};                                                             \
        int32_t kept_place = 0;                                                                            \
        int64_t values[SX_INTEGERS];                                                                       \
        do {                                                                                               \
            const int8_t *first = rows[0] + kept_place;                                                    \
            for (int32_t k = sx_walk_run(&p->kept); k > 0; --k) {                                          \
                int32_t index[SX_MAX_RANK] = {0};                                                          \
                int32_t place = 0;                                                                         \
                int64_t result;                                                                            \
                sx_load_integers(&result, first, 0, p->dtype, 1);                                          \
                result = start;                                                                            \
                do {                                                                                       \
                    for (int32_t from = 0; from < run; from += SX_INTEGERS) {                              \
                        const int32_t count = (run - from < SX_INTEGERS) ? run - from : SX_INTEGERS;       \
                        sx_load_integers(values, first + place + from * step, step, p->dtype, count);      \
                        for (int32_t i = 0; i < count; ++i) {                                              \
                            const int64_t x = values[i];                                                   \
                            result = change;                                                               \
                        }                                                                                  \
                    }                                                                                      \
                } while (sx_walk_next(&p->reduced, 1, index, &place));                                     \
                result = end;                                                                              \
                out = sx_store_integers(out, p->dtype, &result, 1);                                        \
                first += last_step;                                                                        \
            }                                                                                              \
        } while (sx_walk_next(&p->kept, 1, kept_index, &kept_place));                                      \
    }

INTEGER(sum, 0, sx_add_s64(result, x), result)
INTEGER(mean, 0, sx_add_s64(result, x), sx_divide_s64(result, p->count))
INTEGER(l1, 0, sx_add_s64(result, (x < 0) ? sx_sub_s64(0, x) : x), result)
INTEGER(sum_square, 0, sx_add_s64(result, sx_mul_s64(x, x)), result)
INTEGER(max, result, (x > result) ? x : result, result)
INTEGER(min, result, (x < result) ? x : result, result)
INTEGER(prod, 1, sx_mul_s64(result, x), result)

#undef INTEGER
