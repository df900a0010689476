/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_port.h"
#include "sx_pooling2d_s8_dsp.h"

#include "sx_average_pooling2d_fold_s8_dsp_body.h"

SX_SMALL void sx_average_pooling2d_fold_s8_dsp_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                             int8_t *scratch)
{
    sx_average_pooling2d_fold_s8_body(p, rows, out, scratch, sx_average_s8_tflite, sx_average_fold_s8_dsp_add);
}
