# SPDX-License-Identifier: Apache-2.0
"""A core that sconnx does not know, all of it in a folder: the CPU's file, one lib, one kernel."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sconnx.graph.model import Model, QuantValues
from sconnx.graph.operator import Conv2D, Pad2D
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule
from tests.export.workshop import cpu_text
from tests.tiny_models import QUANT, Chain

LIB = '''
"""Lib `x0`: nothing but padded convolutions."""

from sconnx.codegen.c_value import Array
from sconnx.export.access import Window
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.tensor import DType
from sconnx.reference.requantize import requantize_products

x0 = ExportLib("x0")
S8, S32 = IOSpec(DType.INT8), IOSpec(DType.INT32)
IMAGE = IOSpec(DType.INT8, (1, None, None, None))


@x0.register("PaddedConv2D", ImplSpec((IMAGE, S8, S32), (IMAGE,), frozenset({"x0dot"})))
class PaddedRows(Implementation):
    header = "x0_padded_conv2d.h"
    params_type = "x0_padded_conv2d_params"

    def kernel(self, node):
        return "x0_padded_conv2d"

    def access(self, node):
        conv, top = node.members["conv"], node.attribute("pad.padding")[0]
        return Window(conv.attribute("kernel_dims")[0], conv.attribute("stride_dims")[0], 1, top)

    def scratch_bytes(self, node):
        return 4 * node.output.channels

    def pack(self, node, params):
        x, weights, bias = node.inputs
        y = node.output
        scales = params.scale[x.values][0], params.scale[weights.values], params.scale[y.values][0]
        zero_points = int(params.zero_point[x.values][0]), int(params.zero_point[y.values][0])
        requantize = requantize_products(
            node.rule, float(scales[0]), scales[1], float(scales[2]), zero_points[1], node.attribute("conv.activation").value
        )
        return {
            "weights": Array(params.value[weights.values]),
            "bias": Array(params.value[bias.values]),
            "multiplier": Array(requantize.multiplier),
            "shift": Array(requantize.shift),
            "step": int(requantize.multiplier.size > 1),
            "kernel_height": node.attribute("conv.kernel_dims")[0],
            "kernel_width": node.attribute("conv.kernel_dims")[1],
            "stride_width": node.attribute("conv.stride_dims")[1],
            "pad_left": node.attribute("pad.padding")[1],
            "in_width": x.width,
            "in_channels": x.channels,
            "out_width": y.width,
            "out_channels": y.channels,
            "input_zero_point": zero_points[0],
            "output_zero_point": zero_points[1],
        }
'''

HEADER = """#ifndef X0_PADDED_CONV2D_H
#define X0_PADDED_CONV2D_H
#include <stdint.h>

typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t step, kernel_height, kernel_width, stride_width, pad_left, in_width, in_channels, out_width, out_channels;
    int32_t input_zero_point, output_zero_point;
} x0_padded_conv2d_params;

/* One output row; scratch holds one int32 sum per output channel. */
void x0_padded_conv2d(const x0_padded_conv2d_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
"""

KERNEL = """#include "x0_padded_conv2d.h"

#include <stddef.h>

#include "sx_requantize.h"

static int32_t product(const x0_padded_conv2d_params *p, const int8_t *row, int32_t column, const int8_t *weights)
{
    int32_t sum = 0;
    if (row != NULL && column >= 0 && column < p->in_width) {
        for (int32_t c = 0; c < p->in_channels; ++c) {
            sum += (row[column * p->in_channels + c] - p->input_zero_point) * weights[c];
        }
    }
    return sum;
}

void x0_padded_conv2d(const x0_padded_conv2d_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    int32_t *const sums = (int32_t *)(void *)scratch;
    for (int32_t x = 0; x < p->out_width; ++x) {
        const int8_t *weights = p->weights;
        for (int32_t o = 0; o < p->out_channels; ++o) {
            sums[o] = p->bias[o];
            for (int32_t i = 0; i < p->kernel_height; ++i) {
                for (int32_t j = 0; j < p->kernel_width; ++j) {
                    sums[o] += product(p, rows[i], x * p->stride_width - p->pad_left + j, weights);
                    weights += p->in_channels;
                }
            }
        }
        for (int32_t o = 0; o < p->out_channels; ++o) {
            const sx_requantize_s8 rule = {p->multiplier, p->shift, p->step, p->output_zero_point, -128, 127};
            *out++ = sx_requantize_s8_tflite(sums[o], &rule, o);
        }
    }
}
"""


def make(folder: Path) -> Path:
    """The core's files in a folder; the path of the CPU's."""
    files = {
        "rules/x0/__init__.py": LIB,
        "rules/kernels/x0/x0_padded_conv2d.h": HEADER,
        "rules/kernels/x0/x0_padded_conv2d.c": KERNEL,
        "cortex-x0.toml": cpu_text("x0", more='[new_features]\nx0dot = "dot product of four"\n').replace(
            '"unaligned"', '"unaligned", "x0dot"'
        ),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder / "cortex-x0.toml"


def _quant(channels: int) -> QuantValues:
    return QuantValues.of([0.01 * (1 + channel) for channel in range(channels)], axis=0)


def network(padded: bool = True) -> Model:
    """Two padded convolutions, and the same network with the padding in the convolutions: the oracle."""
    chain = Chain("x0net", Rule.TFLITE)
    random = np.random.default_rng(5)
    x = chain.builder.add_input("x", DType.INT8, (1, 7, 6, 3), QUANT)
    for number, (kernel, stride, pads, channels) in enumerate(
        (((3, 3), (2, 1), (1, 2, 1, 0), 5), ((2, 3), (1, 2), (1, 1, 0, 1), 4))
    ):
        depth = chain.builder.tensors[x].dims[3]
        weights = random.integers(-127, 128, (channels, *kernel, depth)).astype(np.int8)
        bias = random.integers(-900, 900, channels).astype(np.int32)
        constants = (
            chain.builder.add_constant(f"w{number}", weights, _quant(channels)),
            chain.builder.add_constant(f"b{number}", bias, _quant(channels)),
        )
        if padded:
            x = chain.node(Pad2D(padding=pads), x, name=f"pad{number}")
        conv = Conv2D(kernel_dims=kernel, stride_dims=stride, padding=(0, 0, 0, 0) if padded else pads)
        x = chain.node(conv, x, *constants, name=f"conv{number}")
    return chain.build(x)
