/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_GRID_SAMPLE_F32_H
#define SX_GRID_SAMPLE_F32_H

#include <stdbool.h>
#include <stdint.h>

/** Spatial dimensions of an image, at most. */
#define SX_GRID_SAMPLE_RANK 3

/** Parameters of reading images at places that a grid names. */
typedef struct {
    const int32_t *sizes; /* of the spatial dimensions, each 1 to 2^20, [rank] */
    int32_t rank;         /* 1 to 3 */
    int32_t images;       /* >= 1 */
    int32_t channels;     /* >= 1 */
    int32_t places;       /* of one image, >= 1 */
    int32_t taps;         /* along a dimension: 1 nearest, 2 linear, 4 cubic (Keys, a = -0.75) */
    bool is_zero_outside; /* else the edge is repeated, or, if is_mirrored, the image mirrored at its borders */
    bool is_mirrored;
    bool align_corners; /* -1 and 1 are the centres of the outermost elements, else the outer borders of these */
} sx_grid_sample_f32;

/**
 * out[n][k][c] = sum over taps of weight * x[n][tap][c], the taps being those around the k-th place of the grid.
 *
 * A place g along a dimension of `size` elements is at (g + 1) / 2 * (size - 1), or ((g + 1) * size - 1) / 2 without
 * align_corners. Taps are multiplied dimension by dimension. Places beyond +-2^20 elements count as there, and one that is
 * no number as -2^20. The nearest element of a place between two is the even one.
 *
 * @param rows  rows[0] is x [images][sizes...][channels], rows[1] the grid [images][places][rank], the last dimension first;
 *              float32
 * @param out   float32 [images][places][channels]; must not overlap the operands
 */
void sx_grid_sample_f32_whole(const sx_grid_sample_f32 *p, const int8_t *const rows[], int8_t *out);

#endif
