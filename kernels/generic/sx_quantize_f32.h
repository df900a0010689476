/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_QUANTIZE_F32_H
#define SX_QUANTIZE_F32_H

#include <stdint.h>

/** Parameters of a conversion between float32 and integers that stand for it. */
typedef struct {
    const float *scales;        /* [channels] */
    const int32_t *zero_points; /* [channels] */
    int32_t size;               /* number of elements, a multiple of channels * inner */
    int32_t channels;           /* number of scales: that of element i is number (i / inner) % channels */
    int32_t inner;              /* elements in a row that have one scale, >= 1 */
} sx_quantize_f32;

/**
 * out = clamp(round(x / scale) + zero_point) to the range of the output's elements, the division in float32.
 *
 * Halves are rounded to even (onnx) or away from zero (tflite). An infinity becomes the limit; NaN the lowest value.
 *
 * @param rows  rows[0] is x, float32 [size]
 * @param out   int8, uint8 or int16 [size]; written in ascending order, each after its x was read: may be where x is
 */
void sx_quantize_f32_s8_onnx(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_quantize_f32_u8_onnx(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_quantize_f32_s16_onnx(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_quantize_f32_s8_tflite(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_quantize_f32_u8_tflite(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_quantize_f32_s16_tflite(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);

/**
 * out = (q - zero_point) * scale, in float32.
 *
 * @param rows  rows[0] is q, int8, uint8, int16 or int32 [size]; q - zero_point must be an int32
 * @param out   float32 [size]; written in ascending order, each after its q was read
 */
void sx_dequantize_f32_s8(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_dequantize_f32_u8(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_dequantize_f32_s16(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);
void sx_dequantize_f32_s32(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out);

#endif
