/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s8_body.h"

static inline int32_t sx_pair_add_onnx(const sx_add_s8 *q, int8_t a, int8_t b)
{
    return sx_pair_s8_float(q, a, b, sx_f32_add);
}

void sx_add_broadcast_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    if (p->scales.is_fixed != 0) {
        sx_pairs_s8_body(p, rows, out, sx_pair_s8_fixed);
    } else {
        sx_pairs_s8_body(p, rows, out, sx_pair_add_onnx);
    }
}
