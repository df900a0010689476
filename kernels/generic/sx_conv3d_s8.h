/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV3D_S8_H
#define SX_CONV3D_S8_H

#include <stdint.h>

#include "sx_conv2d_s8.h"
#include "sx_volume.h"

/** Parameters of one convolution of batches of volumes, or of images. */
typedef struct {
    sx_conv2d_s8 row; /* kernel_height is that of the volume times its kernel_depth */
    sx_volume volume;
} sx_conv3d_s8;

/**
 * A 3-D convolution, row by row as those of sx_conv2d_s8.h, bit for bit: rows of a window outside of the volume are padding.
 *
 * @param rows     rows[0] is the input [batch][in_depth][in_height][in_width][in_channels]
 * @param out      [batch][out_depth][out_height][out_width][out_channels]; must not overlap the input
 * @param scratch  see sx_volume_rows
 */
void sx_conv3d_s8_tflite(const sx_conv3d_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);
void sx_conv3d_s8_onnx(const sx_conv3d_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
