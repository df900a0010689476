/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV3D_F32_H
#define SX_CONV3D_F32_H

#include <stdint.h>

#include "sx_conv2d_f32.h"
#include "sx_volume.h"

/** Parameters of one convolution of batches of volumes, or of images. */
typedef struct {
    sx_conv2d_f32_params row; /* kernel_height is that of the volume times its kernel_depth */
    sx_volume volume;
} sx_conv3d_f32_params;

/**
 * A 3-D convolution of float32, row by row as sx_conv2d_f32: rows of a window outside of the volume are padding.
 *
 * @param rows     rows[0] is the input [batch][in_depth][in_height][in_width][in_channels]
 * @param out      [batch][out_depth][out_height][out_width][out_channels]; must not overlap the input
 * @param scratch  see sx_volume_rows
 */
void sx_conv3d_f32(const sx_conv3d_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
