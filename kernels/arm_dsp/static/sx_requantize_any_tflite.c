/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_port.h"
#include "sx_requantize_s8_dsp.h"

SX_SMALL int32_t sx_requantize_any_tflite(int32_t accumulator, const sx_requantize_s8_dsp *q, int32_t channel)
{
    const int32_t i = channel * q->step;
    const int32_t value = sx_scale_tflite(accumulator, (int32_t)((uint32_t)q->multiplier[i] >> 1), -q->shift[i]);
    return sx_offset_clamp_s8(value, q->zero_point, q->minimum, q->maximum);
}
