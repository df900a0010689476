/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_fully_connected_s8.h"

#include "sx_fully_connected_s8_blocks.h"

void sx_fully_connected_s8_tflite(const sx_fully_connected_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_fully_connected_s8_blocks(p, rows, out, sx_store_s8_tflite);
}
