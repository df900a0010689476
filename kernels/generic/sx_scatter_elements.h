/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SCATTER_ELEMENTS_H
#define SX_SCATTER_ELEMENTS_H

#include <stdint.h>

/** What becomes of an element of x and its update, of float32. */
typedef enum {
    SX_SCATTER_ADD = 0,
    SX_SCATTER_MULTIPLY = 1,
    SX_SCATTER_MINIMUM = 2,
    SX_SCATTER_MAXIMUM = 3
} sx_scattering;

/** Parameters of writing elements to places along one axis. */
typedef struct {
    const int32_t *dims;    /* of indices and updates, [rank] */
    const int32_t *strides; /* of x in elements, [rank] */
    int32_t rank;           /* >= 1 */
    int32_t axis;           /* that the indices are of */
    int32_t axis_size;      /* of x along it */
    int32_t elements;       /* of x */
    int32_t updates;
    int32_t element_bytes; /* 1, 2, 4 or 8 */
    int32_t index_bytes;   /* 4 or 8: int32 or int64 */
    int32_t scattering;    /* an sx_scattering, of sx_scatter_elements_f32 alone */
} sx_scatter_elements;

/**
 * out = x; then, with ascending k, out[place of k, its coordinate along the axis being indices[k]] = updates[k].
 *
 * Negative indices count from the end; others outside of x write nothing.
 *
 * @param rows  rows[0] is x, rows[1] the indices [updates], rows[2] the updates [updates]
 * @param out   [elements]; must not overlap indices and updates, may be x itself
 */
void sx_scatter_elements_bytes(const sx_scatter_elements *p, const int8_t *const rows[], int8_t *out);

/** The same of float32; an element and its update are joined as p->scattering says. `out` must not overlap x. */
void sx_scatter_elements_f32(const sx_scatter_elements *p, const int8_t *const rows[], int8_t *out);

#endif
