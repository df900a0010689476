/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_RESCALE_BODY_H
#define SX_RESCALE_BODY_H

#include "sx_elements.h"
#include "sx_requantize.h"
#include "sx_rescale.h"

/** x' of the header; kernels give one as a constant argument. */
typedef int32_t sx_rescale_rule(const sx_rescale *q, int32_t x);

static inline int32_t sx_rescale_load(const int8_t *x, int32_t type, int32_t i)
{
    switch (type) {
    case SX_RESCALE_S8:
        return x[i];
    case SX_RESCALE_S16:
        return ((const sx_s16 *)(const void *)x)[i];
    default:
        return ((const sx_s32 *)(const void *)x)[i];
    }
}

static inline void sx_rescale_store(int8_t *out, int32_t type, int32_t i, int32_t value)
{
    switch (type) {
    case SX_RESCALE_S8:
        out[i] = (int8_t)value;
        break;
    case SX_RESCALE_S16:
        ((sx_s16 *)(void *)out)[i] = (int16_t)value;
        break;
    default:
        ((sx_s32 *)(void *)out)[i] = value;
        break;
    }
}

/** See sx_rescale.h. */
static inline void sx_rescale_body(const sx_rescale *p, const int8_t *const rows[], int8_t *out, sx_rescale_rule *rule)
{
    const sx_rescale q = *p;
    const int32_t low = q.minimum - q.zero_point;
    const int32_t high = q.maximum - q.zero_point;
    for (int32_t i = 0; i < q.size; ++i) {
        const int32_t x = rule(&q, sx_rescale_load(rows[0], q.from, i) - q.input_zero_point);
        const int32_t value = ((x < low) ? low : (x > high) ? high : x) + q.zero_point;
        sx_rescale_store(out, q.to, i, value);
    }
}

#endif
