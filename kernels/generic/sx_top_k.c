/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>

#include "sx_along.h"
#include "sx_move.h"

/** An element by what decides its rank: of larger keys, and of lower indices among equal ones, the rank is higher. */
typedef struct {
    int64_t key;
    int32_t index;
} top_k_element;

/** Of the elements of a lane those that come after `previous` are looked at; gives the first of them. */
static inline top_k_element next_of(const sx_along_params *p, const int8_t *x, int32_t step, top_k_element previous)
{
    int64_t values[SX_INTEGERS];
    top_k_element found = {0, -1};
    for (int32_t from = 0; from < p->dim; from += SX_INTEGERS) {
        const int32_t count = (p->dim - from < SX_INTEGERS) ? p->dim - from : SX_INTEGERS;
        sx_load_integers(values, x + from * step, step, p->dtype, count);
        for (int32_t i = 0; i < count; ++i) {
            const int64_t key = p->is_least ? ~values[i] : values[i];
            const int is_later = previous.index < 0 || key < previous.key ||
                                 (key == previous.key && from + i > previous.index);
            if (is_later && (found.index < 0 || key > found.key)) {
                found.key = key;
                found.index = from + i;
            }
        }
    }
    return found;
}

void sx_top_k(const sx_along_params *p, const int8_t *const rows[], int8_t *out, ...)
{
    const int32_t bytes = sx_dtype_bytes(p->dtype);
    const int32_t index_bytes = sx_dtype_bytes(p->index_dtype);
    const int32_t step = p->inner * bytes;
    const int8_t *x = rows[0];
    va_list others;
    va_start(others, out);
    int8_t *indices = va_arg(others, int8_t *);
    va_end(others);
    for (int32_t outer = 0; outer < p->outer; ++outer) {
        for (int32_t inner = 0; inner < p->inner; ++inner) {
            const int8_t *const lane = x + inner * bytes;
            top_k_element found = {0, -1};
            for (int32_t rank = 0; rank < p->k; ++rank) {
                found = next_of(p, lane, step, found);
                const int32_t place = rank * p->inner + inner;
                const int64_t index = found.index;
                (void)sx_copy(out + place * bytes, lane + found.index * step, bytes);
                (void)sx_store_integers(indices + place * index_bytes, p->index_dtype, &index, 1);
            }
        }
        x += p->dim * step;
        out += p->k * step;
        indices += p->k * p->inner * index_bytes;
    }
}
