/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_transpose_s8.h"

void sx_transpose_s8_exact(const sx_transpose_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t count = p->dims[3];
    const int32_t step = p->strides[3];
    for (int32_t i = 0; i < p->dims[0]; ++i) {
        for (int32_t j = 0; j < p->dims[1]; ++j) {
            int32_t offset = i * p->strides[0] + j * p->strides[1];
            for (int32_t k = 0; k < p->dims[2]; ++k) {
                int32_t at = offset;
                for (int32_t l = 0; l < count; ++l) {
                    *out++ = rows[0][at];
                    at += step;
                }
                offset += p->strides[2];
            }
        }
    }
}
