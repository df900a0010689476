/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING3D_S16_H
#define SX_POOLING3D_S16_H

#include <stdint.h>

#include "sx_pooling2d_s16.h"
#include "sx_volume.h"

/** Parameters of one pooling of batches of volumes, or of images, of int16. */
typedef struct {
    sx_pooling2d_s16 row; /* kernel_height is that of the volume times its kernel_depth */
    sx_volume volume;
} sx_pooling3d_s16;

/**
 * As sx_pooling3d_s8.h, row by row as those of sx_pooling2d_s16.h; input and output are int16 and must not overlap.
 *
 * @param scratch  see sx_volume_rows
 */
void sx_max_pooling3d_s16_exact(const sx_pooling3d_s16 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);
void sx_average_pooling3d_s16_tflite(const sx_pooling3d_s16 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
