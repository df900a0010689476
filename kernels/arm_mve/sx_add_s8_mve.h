/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_ADD_S8_MVE_H
#define SX_ADD_S8_MVE_H

#include "sx_add_s8.h"

/** What sx_add_s8_tflite and sx_add_s8_onnx compute, bit for bit, under the same conditions, four elements at a time. */
void sx_add_s8_mve_tflite(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_add_s8_mve_onnx(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
