/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels' drivers for the tests: whole images through row kernels, and arrays through the inline functions. */
#include <stddef.h>
#include <stdint.h>

#include "sx_add_s8.h"
#include "sx_average_pooling2d_s8.h"
#include "sx_average_pooling2d_s8_mve.h"
#include "sx_concat_s8.h"
#include "sx_conv2d_packed_s8.h"
#include "sx_conv2d_s8_dsp.h"
#include "sx_conv2d_s8_mve.h"
#include "sx_depthwise_conv2d_s8.h"
#include "sx_fully_connected_packed_s8.h"
#include "sx_depthwise_conv2d_s8_mve.h"
#include "sx_fully_connected_s8.h"
#include "sx_lookup_s8.h"
#include "sx_max_pooling2d_s8.h"
#include "sx_max_pooling2d_s8_mve.h"
#include "sx_pad2d_s8.h"
#include "sx_requantize_s8_dsp.h"
#include "sx_pointwise_s8_mve.h"
#include "sx_rows.h"
#include "sx_pooling2d_s8_dsp.h"
#include "sx_exponential_q31.h"
#include "sx_softmax_s8.h"
#include "sx_split_s8.h"
#include "sx_status.h"
#include "sx_transpose_s8.h"

#define MAXIMUM_KERNEL_HEIGHT 32

typedef struct {
    int32_t in_height, in_row_bytes, out_height, out_row_bytes, stride_height, dilation_height, pad_top;
} replay_image;

#define REPLAY(op, rule, kernel_rows)                                                                               \
    void replay_##op##_##rule(const sx_##op##_s8 *p, const replay_image *image, const int8_t *input, int8_t *out);  \
    void replay_##op##_##rule(const sx_##op##_s8 *p, const replay_image *image, const int8_t *input, int8_t *out)   \
    {                                                                                                               \
        const int8_t *rows[MAXIMUM_KERNEL_HEIGHT];                                                                  \
        for (int32_t y = 0; y < image->out_height; ++y) {                                                           \
            sx_window(rows, kernel_rows, input, image->in_height, image->in_row_bytes,                              \
                      y * image->stride_height - image->pad_top, image->dilation_height);                           \
            sx_##op##_s8_##rule(p, rows, out + y * image->out_row_bytes);                                           \
        }                                                                                                           \
    }

REPLAY(conv2d, tflite, p->kernel_height)
REPLAY(conv2d, onnx, p->kernel_height)
REPLAY(conv2d, dsp_tflite, p->kernel_height)
REPLAY(conv2d, dsp_onnx, p->kernel_height)
REPLAY(depthwise_conv2d, tflite, p->kernel_height)
REPLAY(depthwise_conv2d, onnx, p->kernel_height)
REPLAY(average_pooling2d, tflite, p->kernel_height)
REPLAY(average_pooling2d, onnx, p->kernel_height)
REPLAY(average_pooling2d, mve_tflite, p->kernel_height)
REPLAY(average_pooling2d, mve_onnx, p->kernel_height)
REPLAY(max_pooling2d, exact, p->kernel_height)
REPLAY(average_pooling2d, dsp_tflite, p->kernel_height)
REPLAY(average_pooling2d, dsp_onnx, p->kernel_height)
REPLAY(max_pooling2d, dsp_exact, p->kernel_height)
REPLAY(max_pooling2d, mve_exact, p->kernel_height)
REPLAY(pad2d, exact, 1)

#define REPLAY_PACKED(rule)                                                                                           \
    void replay_conv2d_packed_##rule(const sx_conv2d_packed_s8 *p, const replay_image *image, const int8_t *input,    \
                                     int8_t *out, int8_t *scratch);                                                   \
    void replay_conv2d_packed_##rule(const sx_conv2d_packed_s8 *p, const replay_image *image, const int8_t *input,    \
                                     int8_t *out, int8_t *scratch)                                                    \
    {                                                                                                                 \
        const int8_t *rows[MAXIMUM_KERNEL_HEIGHT];                                                                    \
        for (int32_t y = 0; y < image->out_height; ++y) {                                                             \
            sx_window(rows, p->kernel_height, input, image->in_height, image->in_row_bytes,                           \
                      y * image->stride_height - image->pad_top, image->dilation_height);                             \
            sx_conv2d_packed_s8_##rule(p, rows, out + y * image->out_row_bytes, scratch);                             \
        }                                                                                                             \
    }

REPLAY_PACKED(tflite)
REPLAY_PACKED(onnx)

#define SIZE_OF(op) (int32_t)sizeof(sx_##op##_s8)

extern const int32_t parameter_sizes[17];
const int32_t parameter_sizes[17] = {
    SIZE_OF(conv2d),        SIZE_OF(depthwise_conv2d), SIZE_OF(fully_connected), SIZE_OF(average_pooling2d),
    SIZE_OF(max_pooling2d), SIZE_OF(add),              SIZE_OF(softmax),         SIZE_OF(lookup),
    SIZE_OF(transpose),     SIZE_OF(pad2d),            SIZE_OF(concat),          SIZE_OF(split),
    SIZE_OF(conv2d_packed), SIZE_OF(fully_connected_packed),
    (int32_t)sizeof(sx_conv2d_s8_mve),
    (int32_t)sizeof(sx_pointwise_s8_mve),
    (int32_t)sizeof(sx_depthwise_conv2d_s8_mve),
};

/* A split with room for four outputs; those that it does not have are not asked for. */
void split_s8_exact(const sx_split_s8 *p, const int8_t *const rows[], int8_t *const outputs[4]);
void split_s8_exact(const sx_split_s8 *p, const int8_t *const rows[], int8_t *const outputs[4])
{
    sx_split_s8_exact(p, rows, outputs[0], outputs[1], outputs[2], outputs[3]);
}

void exponential_q31(const int32_t *a, int32_t *out, int32_t count);
void exponential_q31(const int32_t *a, int32_t *out, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        out[i] = sx_exponential_q31(a[i]);
    }
}

#define FLOAT_OPERATION(name)                                                            \
    void float_##name(const int32_t *a, const int32_t *b, int32_t *out, int32_t count);  \
    void float_##name(const int32_t *a, const int32_t *b, int32_t *out, int32_t count)   \
    {                                                                                    \
        for (int32_t i = 0; i < count; ++i) {                                            \
            out[i] = sx_f32_to_bits(sx_f32_##name(sx_f32_from_bits(a[i]), sx_f32_from_bits(b[i]))); \
        }                                                                                \
    }

FLOAT_OPERATION(add)
FLOAT_OPERATION(sub)
FLOAT_OPERATION(mul)
FLOAT_OPERATION(div)

void float_from_i32(const int32_t *a, int32_t *out, int32_t count);
void float_from_i32(const int32_t *a, int32_t *out, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        out[i] = sx_f32_to_bits(sx_f32_from_i32(a[i]));
    }
}

void float_to_i32(const int32_t *a, int32_t *out, int32_t count);
void float_to_i32(const int32_t *a, int32_t *out, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        out[i] = sx_f32_to_i32(sx_f32_from_bits(a[i]));
    }
}

void scale_tflite(const int32_t *a, const int32_t *multiplier, const int8_t *shift, int32_t *out, int32_t count);
void scale_tflite(const int32_t *a, const int32_t *multiplier, const int8_t *shift, int32_t *out, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        out[i] = sx_scale_tflite(a[i], multiplier[i], shift[i]);
    }
}

void scale_onnx(const int32_t *a, const int32_t *factor, int32_t *out, int32_t count);
void scale_onnx(const int32_t *a, const int32_t *factor, int32_t *out, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        out[i] = sx_scale_onnx(a[i], factor[i]);
    }
}

#define REQUANTIZE(rule)                                                                          \
    void requantize_##rule(const sx_requantize_s8 *p, const int32_t *a, int8_t *out, int32_t count); \
    void requantize_##rule(const sx_requantize_s8 *p, const int32_t *a, int8_t *out, int32_t count)  \
    {                                                                                             \
        for (int32_t i = 0; i < count; ++i) {                                                     \
            out[i] = sx_requantize_s8_##rule(a[i], p, 0);                                         \
        }                                                                                         \
    }

REQUANTIZE(tflite)
REQUANTIZE(onnx)

void requantize_dsp(const sx_requantize_s8_dsp *q, const int32_t *a, int8_t *out, int32_t count, int32_t is_onnx);
void requantize_dsp(const sx_requantize_s8_dsp *q, const int32_t *a, int8_t *out, int32_t count, int32_t is_onnx)
{
    const sx_rule rule = is_onnx ? SX_RULE_ONNX : SX_RULE_TFLITE;
    for (int32_t i = 0; i < count; ++i) {
        if (q->short_shifts == 0) {
            out[i] = (int8_t)sx_requantize_any(a[i], q, 0, rule);
        } else {
            const int32_t value = sx_requantize_short(a[i], sx_requantize_load(q, 0, rule), rule);
            out[i] = (int8_t)sx_clamp(value, q->minimum, q->maximum);
        }
    }
}
