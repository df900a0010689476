# SPDX-License-Identifier: Apache-2.0
"""Builds a .tflite file layer by layer, with every layer quantised by what it makes of seeded images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.frontend.tflite.tflite_file import File
from tests.networks.images import images
from tests.networks.quantize import Integers, Quantization, Reals, covering, normalize
from tests.networks.window import average, convolve, convolve_depthwise, largest

_CALIBRATION_IMAGES = 8
_INPUT = Quantization(float(np.float32(0.00784)), -1)  # reals from -1 to 1
_FUSED = {"none": 0, "relu": 1, "relu6": 3}
# Ranges of the real mean and the mean absolute deviation that channels are given. After relu6 the upper limit
# is met now and then, and the lower one by every tenth value or so.
_CENTRE = {"none": (0.0, 2.0), "relu": (1.0, 3.0), "relu6": (1.0, 4.0)}
_SPREAD = (0.7, 1.5)
# How far other images may reach beyond the range of these: a vector has few values to take a range from.
_PLANE_MARGIN, _VECTOR_MARGIN = 0.05, 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """A tensor of the file, and its codes [N, ...] for the calibration images."""

    tensor: int
    codes: NDArray[np.int8]
    quantization: Quantization

    @property
    def dims(self) -> tuple[int, ...]:
        """Of one inference, the batch of 1 included."""
        return (1, *self.codes.shape[1:])

    @property
    def centred(self) -> Integers:
        return self.quantization.centred(self.codes)


class Network:
    """A network with one input [1, H, W, C]; the methods add layers with SAME padding and return what they compute."""

    def __init__(self, seed: int, dims: tuple[int, int, int]) -> None:
        self.file = File()
        self.random = np.random.default_rng(seed)
        self.input = self._activation("input", images(seed, _CALIBRATION_IMAGES, dims), _INPUT)

    def convolution(
        self, x: Activation, channels: int, kernel: int = 1, stride: int = 1, activation: str = "relu6", *, name: str
    ) -> Activation:
        weights = self._weights((channels, kernel, kernel, x.dims[3]))
        sums = convolve(x.centred, weights, stride)
        fields = {"strideH": stride, "strideW": stride, "fusedActivationFunction": _FUSED[activation]}
        return self._linear("CONV_2D", x, weights, sums, activation, name, "Conv2DOptions", fields)

    def depthwise(
        self, x: Activation, kernel: int = 3, stride: int = 1, activation: str = "relu6", *, name: str
    ) -> Activation:
        weights = self._weights((1, kernel, kernel, x.dims[3]))
        sums = convolve_depthwise(x.centred, weights, stride)
        fields = {
            "strideH": stride,
            "strideW": stride,
            "depthMultiplier": 1,
            "fusedActivationFunction": _FUSED[activation],
        }
        return self._linear(
            "DEPTHWISE_CONV_2D", x, weights, sums, activation, name, "DepthwiseConv2DOptions", fields, axis=3
        )

    def dense(self, x: Activation, units: int, name: str) -> Activation:
        """A fully-connected layer with one scale for all weights; x is flattened."""
        flat = x.centred.reshape(len(x.codes), -1)
        weights = self._weights((units, flat.shape[1]))
        sums = convolve(flat[:, None, None], weights[:, None, None], 1)[:, 0, 0]
        return self._linear(
            "FULLY_CONNECTED", x, weights, sums, "none", name, "FullyConnectedOptions", {}, per_channel=False
        )

    def add(self, x: Activation, y: Activation, activation: str = "none", *, name: str) -> Activation:
        real = x.quantization.real(x.codes) + y.quantization.real(y.codes)
        quantization = covering(real, activation, _PLANE_MARGIN)
        output = self._activation(name, quantization.codes(real, activation), quantization)
        self.file.node(
            "ADD",
            [x.tensor, y.tensor],
            [output.tensor],
            "AddOptions",
            fusedActivationFunction=_FUSED[activation],
        )
        return output

    def concat(self, *parts: Activation, name: str) -> Activation:
        """Channels side by side; the parts are quantised alike."""
        codes = np.concatenate([part.codes for part in parts], axis=-1)
        output = self._activation(name, codes, parts[0].quantization)
        self.file.node(
            "CONCATENATION", [part.tensor for part in parts], [output.tensor], "ConcatenationOptions", axis=3
        )
        return output

    def max_pool(self, x: Activation, kernel: int, stride: int, name: str) -> Activation:
        return self._pool("MAX_POOL_2D", largest, x, (kernel, kernel), stride, name)

    def average_pool(self, x: Activation, kernel: int, stride: int, name: str) -> Activation:
        return self._pool("AVERAGE_POOL_2D", average, x, (kernel, kernel), stride, name)

    def plane_average(self, x: Activation, name: str) -> Activation:
        """The mean over the whole plane, [1, 1, 1, C]."""
        height, width = x.dims[1:3]
        return self._pool("AVERAGE_POOL_2D", average, x, (height, width), max(height, width), name)

    def pack(self, output: Activation) -> bytes:
        """The file, with `output` as the only output."""
        self.file.graph.inputs, self.file.graph.outputs = [self.input.tensor], [output.tensor]
        return self.file.pack()

    def _activation(self, name: str, codes: NDArray[np.int8], quantization: Quantization) -> Activation:
        dims, scale = (1, *codes.shape[1:]), [quantization.scale]
        tensor = self.file.tensor(name, dims, scale=scale, zero_point=quantization.zero_point)
        return Activation(tensor, codes, quantization)

    def _weights(self, dims: tuple[int, ...]) -> NDArray[np.int8]:
        return self.random.integers(-127, 128, dims).astype(np.int8)

    def _uniform(self, limits: tuple[float, float], count: int) -> Reals:
        return self.random.uniform(limits[0], limits[1], (count,))

    def _linear(
        self,
        operator: str,
        x: Activation,
        weights: NDArray[np.int8],
        sums: Integers,
        activation: str,
        name: str,
        options: str,
        fields: Mapping[str, Any],
        axis: int = 0,
        per_channel: bool = True,
    ) -> Activation:
        """A layer with weights. `sums` are its accumulators without a bias, `axis` is the channel of the weights."""
        channels = sums.shape[-1]
        centre = self._uniform(_CENTRE[activation], channels)
        spread = self._uniform(_SPREAD, channels)
        layer = normalize(sums, x.quantization.scale, centre, spread, per_channel)
        scales = layer.scale if per_channel else layer.scale[:1]
        quantization = covering(layer.real, activation, _PLANE_MARGIN if sums.ndim == 4 else _VECTOR_MARGIN)
        output = self._activation(name, quantization.codes(layer.real, activation), quantization)
        bias_scales = (x.quantization.scale * scales).tolist()
        constants = [
            self.file.constant(f"{name}/weights", weights, scales.tolist(), axis),
            self.file.constant(f"{name}/bias", layer.bias, bias_scales),
        ]
        self.file.node(operator, [x.tensor, *constants], [output.tensor], options, **fields)
        return output

    def _pool(
        self,
        operator: str,
        function: Callable[[NDArray[np.int8], tuple[int, int], int], NDArray[np.int8]],
        x: Activation,
        kernel: tuple[int, int],
        stride: int,
        name: str,
    ) -> Activation:
        output = self._activation(name, function(x.codes, kernel, stride), x.quantization)
        fields: dict[str, Any] = {
            "filterHeight": kernel[0],
            "filterWidth": kernel[1],
            "strideH": stride,
            "strideW": stride,
        }
        self.file.node(operator, [x.tensor], [output.tensor], "Pool2DOptions", **fields)
        return output
