/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MUL_S8_DSP_H
#define SX_MUL_S8_DSP_H

#include "sx_mul_s8.h"

/**
 * What sx_mul_s8_tflite computes, bit for bit, under the same conditions, with the DSP extension. Operands may lie at any
 * address.
 */
void sx_mul_s8_dsp_tflite(const sx_mul_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
