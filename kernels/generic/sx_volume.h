/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_VOLUME_H
#define SX_VOLUME_H

#include <stdint.h>

#include "sx_elements.h"
#include "sx_rows.h"

/** Batches of volumes, or of images as volumes of depth 1, and the windows over depth and height. */
typedef struct {
    int32_t batch;
    int32_t in_depth, in_height, in_row_bytes;
    int32_t out_depth, out_height, out_row_bytes;
    int32_t kernel_depth, kernel_height;
    int32_t stride_depth, stride_height;
    int32_t dilation_depth, dilation_height;
    int32_t pad_front, pad_top;
} sx_volume;

/** Type of a row kernel with its parameters; callers give it as a constant argument. */
typedef void sx_volume_row(const void *p, const int8_t *const rows[], int8_t *out);

/** A pointer in a scratch buffer. */
typedef const int8_t *SX_MAY_ALIAS sx_row_pointer;

/**
 * Call a row kernel for every output row. Its kernel_height is kernel_depth * kernel_height: the rows of a window's planes
 * follow each other.
 *
 * @param scratch  room for as many pointers, and for aligning them: 8 * kernel_depth * kernel_height + 4 bytes
 */
static inline void sx_volume_rows(const sx_volume *v, const void *p, const int8_t *in, int8_t *out, int8_t *scratch,
                                  sx_volume_row *row)
{
    const uintptr_t alignment = sizeof(sx_row_pointer);
    sx_row_pointer *rows = (sx_row_pointer *)(((uintptr_t)scratch + alignment - 1u) / alignment * alignment);
    const int32_t plane_bytes = v->in_height * v->in_row_bytes;
    for (int32_t image = 0; image < v->batch; ++image) {
        for (int32_t z = 0; z < v->out_depth; ++z) {
            for (int32_t y = 0; y < v->out_height; ++y) {
                for (int32_t i = 0; i < v->kernel_depth; ++i) {
                    const int32_t in_z = z * v->stride_depth - v->pad_front + i * v->dilation_depth;
                    const int32_t height = (in_z >= 0 && in_z < v->in_depth) ? v->in_height : 0;
                    const int8_t *plane = (height > 0) ? in + in_z * plane_bytes : in;
                    sx_window(rows + i * v->kernel_height, v->kernel_height, plane, height, v->in_row_bytes,
                              y * v->stride_height - v->pad_top, v->dilation_height);
                }
                row(p, rows, out);
                out += v->out_row_bytes;
            }
        }
        in += v->in_depth * plane_bytes;
    }
}

#endif
