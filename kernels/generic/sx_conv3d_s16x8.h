/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV3D_S16X8_H
#define SX_CONV3D_S16X8_H

#include <stdint.h>

#include "sx_conv2d_s16x8.h"
#include "sx_volume.h"

/** Parameters of one convolution of batches of volumes, or of images, of int16 with symmetric int8 weights. */
typedef struct {
    sx_conv2d_s16x8 row; /* kernel_height is that of the volume times its kernel_depth */
    sx_volume volume;
} sx_conv3d_s16x8;

/**
 * As sx_conv3d_s8.h, row by row as sx_conv2d_s16x8_tflite; input and output are int16 and must not overlap.
 *
 * @param scratch  see sx_volume_rows
 */
void sx_conv3d_s16x8_tflite(const sx_conv3d_s16x8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
