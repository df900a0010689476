/* SPDX-License-Identifier: Apache-2.0 */
/* Answers records {rule, accumulator, multiplier, right shift, zero point} with a requantised int8 each. */
#include "sx_io.h"

#include "sx_requantize_s8_dsp.h"

typedef struct {
    int32_t is_tflite, accumulator, multiplier, shift, zero_point;
} record;

int main(void);

int main(void)
{
    static record records[256];
    static int8_t results[256];
    size_t count = 0;
    while ((count = sx_io_read(records, sizeof records) / sizeof(record)) != 0u) {
        for (size_t i = 0; i < count; i++) {
            const record r = records[i];
            const int8_t shift = (int8_t)r.shift;
            const sx_requantize_s8_dsp q = {&r.multiplier, &shift, 0, (int8_t)r.zero_point, -128, 127, 1, 0};
            const sx_rule rule = r.is_tflite ? SX_RULE_TFLITE : SX_RULE_ONNX;
            results[i] = (int8_t)sx_requantize_short(r.accumulator, sx_requantize_load(&q, 0, rule), rule);
        }
        sx_io_write(results, count);
    }
    return 0;
}
