/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_rescale_body.h"

static inline int32_t sx_rescale_rule_tflite(const sx_rescale *q, int32_t x)
{
    if (x >= 0) {
        return sx_scale_tflite(x, q->multiplier, q->shift);
    }
    const int32_t folded = (q->folded != 0) ? -x : x;
    return q->sign * sx_scale_tflite(folded, q->negative_multiplier, q->negative_shift);
}

void sx_rescale_tflite(const sx_rescale *p, const int8_t *const rows[], int8_t *out)
{
    sx_rescale_body(p, rows, out, sx_rescale_rule_tflite);
}
