/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING3D_F32_H
#define SX_POOLING3D_F32_H

#include <stdint.h>

#include "sx_pooling2d_f32.h"
#include "sx_volume.h"

/** Parameters of one pooling of batches of volumes, or of images. */
typedef struct {
    sx_pooling2d_f32_params row; /* kernel_height is that of the volume times its kernel_depth */
    sx_volume volume;
} sx_pooling3d_f32_params;

/**
 * 3-D poolings of float32, row by row as those of sx_pooling2d_f32.h: rows of a window outside of the volume are left out.
 *
 * @param rows     rows[0] is the input [batch][in_depth][in_height][in_width][channels]
 * @param out      [batch][out_depth][out_height][out_width][channels]; must not overlap the input
 * @param scratch  see sx_volume_rows
 */
void sx_average_pooling3d_f32(const sx_pooling3d_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);
void sx_max_pooling3d_f32(const sx_pooling3d_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
