/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_reduce_f32.h"

#include "sx_elements.h"
#include "sx_math_f32.h"

/** A sum, and what rounding took from it so far. */
typedef struct {
    float total, lost;
} compensated_sum;

static inline void add_compensated(compensated_sum *sum, float value)
{
    const float corrected = value - sum->lost;
    const float total = sum->total + corrected;
    const float lost = (total - sum->total) - corrected;
    /* Of an infinite sum nothing is lost. */
    sum->lost = (sx_fabsf(lost) < sx_infinity()) ? lost : 0.0f;
    sum->total = total;
}

/* A function of the elements that become one, the first of which is given: `body` for every run of them, x, step and run. */
#define OF_ELEMENTS(name, start, body, result)                                                             \
    static inline float name(const sx_reduce_f32_params *p, const sx_f32 *first)                           \
    {                                                                                                      \
        const int32_t run = sx_walk_run(&p->reduced);                                                      \
        const int32_t step = sx_walk_step(&p->reduced, 0);                                                 \
        int32_t index[SX_MAX_RANK] = {0};                                                                  \
        int32_t place = 0;                                                                                 \
        start;                                                                                             \
        do {                                                                                               \
            const sx_f32 *x = first + place;                                                               \
            body                                                                                           \
        } while (sx_walk_next(&p->reduced, 1, index, &place));                                             \
        return result;                                                                                     \
    }

/* The sum of term(element). */
#define SUM_OF(name, term)                                                                                 \
    OF_ELEMENTS(                                                                                           \
        name, compensated_sum sum = {0}, for (int32_t left = run; left > 0; left -= 16) {                  \
            float part[4] = {0.0f};                                                                        \
            for (int32_t fours = (left < 16) ? left >> 2 : 4; fours > 0; --fours) {                        \
                part[0] += term(x[0]);                                                                     \
                part[1] += term(x[step]);                                                                  \
                part[2] += term(x[2 * step]);                                                              \
                part[3] += term(x[3 * step]);                                                              \
                x += 4 * step;                                                                             \
            }                                                                                              \
            for (int32_t rest = (left < 16) ? left & 3 : 0; rest > 0; --rest) {                            \
                part[0] += term(*x);                                                                       \
                x += step;                                                                                 \
            }                                                                                              \
            add_compensated(&sum, (part[0] + part[1]) + (part[2] + part[3]));                              \
        },                                                                                                 \
        sum.total)

/* `result`, changed by every element. */
#define FOLD_OF(name, start, change)                                                                       \
    OF_ELEMENTS(                                                                                           \
        name, float result = start, for (int32_t i = 0; i < run; ++i) {                                    \
            const float element = x[i * step];                                                             \
            result = change;                                                                               \
        },                                                                                                 \
        result)

#define ITSELF(x) (x)
#define SQUARE(x) ((x) * (x))

SUM_OF(sum_of_elements, ITSELF)
SUM_OF(sum_of_magnitudes, sx_fabsf)
SUM_OF(sum_of_squares, SQUARE)
FOLD_OF(largest_of_elements, *first, (element > result || sx_is_nan(element)) ? element : result)
FOLD_OF(least_of_elements, *first, (element < result || sx_is_nan(element)) ? element : result)
FOLD_OF(product_of_elements, 1.0f, result * element)

OF_ELEMENTS(
    log_of_exponentials,
    const float largest = largest_of_elements(p, first);
    const float offset = (sx_fabsf(largest) < sx_infinity()) ? largest : 0.0f;
    compensated_sum sum = {0},
    for (int32_t i = 0; i < run; ++i) { add_compensated(&sum, sx_expf(x[i * step] - offset)); },
    sx_logf(sum.total) + offset)

/* A kernel: the walk over the output, and the value of the element whose inputs begin at `first`. */
#define REDUCTION(name, value)                                                                             \
    void sx_reduce_##name##_f32(const sx_reduce_f32_params *p, const int8_t *const rows[], int8_t *out)    \
    {                                                                                                      \
        const int32_t step = sx_walk_step(&p->kept, 0);                                                    \
        int32_t index[SX_MAX_RANK] = {0};                                                                  \
        int32_t place = 0;                                                                                 \
        sx_f32 *y = (sx_f32 *)(void *)out;                                                                 \
        do {                                                                                               \
            const sx_f32 *first = (const sx_f32 *)(const void *)rows[0] + place;                           \
            for (int32_t left = sx_walk_run(&p->kept); left > 0; --left) {                                 \
                *y++ = value;                                                                              \
                first += step;                                                                             \
            }                                                                                              \
        } while (sx_walk_next(&p->kept, 1, index, &place));                                                \
    }

REDUCTION(sum, sum_of_elements(p, first))
REDUCTION(mean, sum_of_elements(p, first) / (float)p->count)
REDUCTION(l1, sum_of_magnitudes(p, first))
REDUCTION(l2, sx_sqrtf(sum_of_squares(p, first)))
REDUCTION(sum_square, sum_of_squares(p, first))
REDUCTION(log_sum, sx_logf(sum_of_elements(p, first)))
REDUCTION(log_sum_exp, log_of_exponentials(p, first))
REDUCTION(max, largest_of_elements(p, first))
REDUCTION(min, least_of_elements(p, first))
REDUCTION(prod, product_of_elements(p, first))

#undef OF_ELEMENTS
#undef SUM_OF
#undef FOLD_OF
#undef ITSELF
#undef SQUARE
#undef REDUCTION
