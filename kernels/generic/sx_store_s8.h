/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_STORE_S8_H
#define SX_STORE_S8_H

#include <stddef.h>
#include <stdint.h>

#include "sx_requantize.h"

/**
 * The sums of `count` channels from `channel` on: add the biases (NULL: none), requantise, store. A body gets the one of
 * its rule. Never inline: a rule needs most registers of a small core for itself.
 */
typedef void sx_store_s8(int8_t *out, const int32_t *sums, int32_t count, const int32_t *bias,
                         const sx_requantize_s8 *requantize, int32_t channel);

static inline void sx_store_s8_body(int8_t *out, const int32_t *sums, int32_t count, const int32_t *bias,
                                    const sx_requantize_s8 *requantize, int32_t channel, sx_requantize_rule *rule)
{
    const sx_requantize_s8 constant = *requantize;
    const int32_t end = channel + count;
#if defined(__clang__)
#pragma clang loop unroll(disable)
#endif
    for (; channel < end; ++channel) {
        const int32_t base = (bias != NULL) ? bias[channel] : 0;
        *out++ = rule(base + *sums++, &constant, channel);
    }
}

__attribute__((noinline, unused)) static void sx_store_s8_tflite(int8_t *out, const int32_t *sums, int32_t count,
                                                                 const int32_t *bias,
                                                                 const sx_requantize_s8 *requantize, int32_t channel)
{
    sx_store_s8_body(out, sums, count, bias, requantize, channel, sx_requantize_s8_tflite);
}

__attribute__((noinline, unused)) static void sx_store_s8_onnx(int8_t *out, const int32_t *sums, int32_t count,
                                                               const int32_t *bias,
                                                               const sx_requantize_s8 *requantize, int32_t channel)
{
    sx_store_s8_body(out, sums, count, bias, requantize, channel, sx_requantize_s8_onnx);
}

#endif
