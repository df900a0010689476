# SPDX-License-Identifier: Apache-2.0
"""Models of random nodes, and their firmware with given libs, without a model file and without SCons."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sconnx.codegen.model_source import generate
from sconnx.codegen.params_source import generate_params
from sconnx.codegen.sections_source import sections_text
from sconnx.emulate.firmware import Firmware
from sconnx.export.library import load_libs
from sconnx.export.lower import lower
from sconnx.export.lowered import Lowered
from sconnx.graph.json_form import to_bytes
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling2D,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling2D,
    Mul,
    Operator,
    Softmax,
    Sub,
)
from sconnx.graph.tensor import DType
from sconnx.memory.planner import Memory, plan_memory
from sconnx.project.dependencies import PACKAGE
from sconnx.project.settings import parse_settings
from sconnx.project.sources import kernel_sources
from sconnx.reference.rule import Rule
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.steps import firmware as firmware_step
from sconnx.steps.import_model import interface_of
from sconnx.target.board import load_board
from sconnx.target.cpu import Cpu, load_cpu
from sconnx.target.toolchain import Toolchain, find_toolchain
from tests.tiny_models import PLANNING

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "export_rules"
KERNELS = ROOT / "kernels"
SUPPORT = PACKAGE / "target/support"
NAME = "random"


class RandomModel:
    """Adds nodes that do not depend on each other; everything is drawn from one seed."""

    def __init__(self, seed: int, rule: Rule = Rule.TFLITE) -> None:
        self.random = np.random.default_rng(seed)
        self.builder = ModelBuilder(NAME, rule)
        self.outputs: list[int] = []

    def integer(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return int(self.random.integers(low, high + 1))

    def quantization(self, low: float = 0.01, high: float = 0.1) -> QuantValues:
        return QuantValues.of(np.float32(self.random.uniform(low, high)), self.integer(-128, 127))

    def input(self, *dims: int, quantization: QuantValues) -> int:
        return self.builder.add_input(f"x{len(self.builder.inputs)}", DType.INT8, dims, quantization)

    def weights(self, *dims: int, axis: int, zero_point: int = 0) -> int:
        """Values of the whole range, with a scale per channel, or one scale and zero point."""
        values = self.random.integers(-127, 128, dims).astype(np.int8)
        count = dims[axis] if zero_point == 0 and self.integer(0, 3) else 1
        scales = self.random.uniform(0.001, 0.01, count).astype(np.float32)
        return self.builder.add_constant("w", values, QuantValues.of(scales, zero_point, axis))

    def bias(self, count: int, is_needed: bool = False) -> int | None:
        if not is_needed and not self.integer(0, 3):
            return None
        return self.builder.add_constant("b", self.random.integers(-5000, 5000, count).astype(np.int32))

    def node(self, operator: Operator, *inputs: int | None, quantization: QuantValues) -> int:
        number = len(self.outputs)
        output = self.builder.add_node(
            operator,
            inputs,
            name=f"n{number}",
            source_index=number,
            output_name=f"y{number}",
            quantization=quantization,
        )
        self.outputs.append(output)
        return output

    def window(self, largest_kernel: int, most_padding: int, most_dilation: int) -> dict[str, tuple[int, ...]]:
        kernel = (self.integer(1, largest_kernel), self.integer(1, largest_kernel))
        top, left = (min(self.integer(0, most_padding), size - 1) for size in kernel)
        bottom, right = (min(self.integer(0, most_padding), size - 1) for size in kernel)
        dilation = self.integer(1, most_dilation)
        return {
            "kernel_dims": kernel,
            "stride_dims": (self.integer(1, 3), self.integer(1, 3)),
            "padding": (top, left, bottom, right),
            **({"dilation_dims": (dilation, dilation)} if most_dilation > 1 else {}),
        }

    def activation(self) -> Activation:
        return list(Activation)[self.integer(0, len(Activation) - 1)]

    def conv2d(self, groups: int = 1, zero_point: int = 0, **fixed: tuple[int, ...]) -> None:
        """zero_point: of the weights."""
        window = {**self.window(4, 2, 2), **fixed}
        per_group, channels = self.integer(1, 9), groups * self.integer(1, 7)
        x = self.input(
            1, self.integer(8, 11), self.integer(8, 11), groups * per_group, quantization=self.quantization()
        )
        weights = self.weights(channels, *window["kernel_dims"], per_group, axis=0, zero_point=zero_point)
        operator = Conv2D(**window, groups=groups, activation=self.activation())  # type: ignore[arg-type]
        bias = self.bias(channels, is_needed=groups > 1)
        self.node(operator, x, weights, bias, quantization=self.quantization(0.1, 0.5))

    def depthwise_conv2d(self, multiplier: int = 1, **fixed: tuple[int, ...]) -> None:
        window = {**self.window(4, 2, 1), "dilation_dims": (1, 1), **fixed}
        if "padding" not in fixed:
            # At most kernel - 1, so that every window holds a value.
            kernel = window["kernel_dims"] * 2
            window["padding"] = tuple(min(pad, size - 1) for pad, size in zip(window["padding"], kernel, strict=True))
        channels = self.integer(1, 9)
        x = self.input(1, self.integer(8, 11), self.integer(8, 11), channels, quantization=self.quantization())
        weights = self.weights(*window["kernel_dims"], channels * multiplier, axis=2)
        operator = DepthwiseConv2D(
            **window,  # type: ignore[arg-type]
            channel_multiplier=multiplier,
            activation=self.activation(),
        )
        self.node(operator, x, weights, self.bias(channels * multiplier), quantization=self.quantization(0.05, 0.2))

    def fully_connected(self) -> None:
        batch, features, out = self.integer(1, 3), self.integer(1, 40), self.integer(1, 11)
        x = self.input(batch, features, quantization=self.quantization())
        weights = self.weights(out, features, axis=0, zero_point=self.integer(0, 1) * self.integer(-20, 20))
        operator = FullyConnected(activation=self.activation())
        self.node(operator, x, weights, self.bias(out), quantization=self.quantization(0.1, 0.5))

    def pooling(
        self, kind: type[AveragePooling2D] | type[MaxPooling2D], height: int = 0, **fixed: tuple[int, ...]
    ) -> None:
        quantization = self.quantization()
        channels = self.integer(1, 9)
        x = self.input(1, height or self.integer(6, 9), self.integer(6, 9), channels, quantization=quantization)
        window = {**self.window(4, 2, 1), **fixed}
        operator = kind(**window, activation=self.activation())  # type: ignore[arg-type]
        self.node(operator, x, quantization=quantization)

    def binary(self, kind: type[Add] | type[Sub] | type[Mul]) -> None:
        dims = (1, self.integer(1, 99))
        a, b = (self.input(*dims, quantization=self.quantization(0.001, 0.1)) for _ in range(2))
        self.node(kind(activation=self.activation()), a, b, quantization=self.quantization())

    def softmax(self) -> None:
        quantization = self.quantization(0.001, 2.0)
        x = self.input(self.integer(1, 3), self.integer(1, 40), quantization=quantization)
        self.node(Softmax(beta=1.0), x, quantization=QuantValues.of(1 / 256, -128))

    def build(self) -> Model:
        return self.builder.build(self.outputs)


def random_nodes(seed: int, rule: Rule = Rule.TFLITE) -> RandomModel:
    """Every function, and of CMSIS-NN every path of it that the rules can reach."""
    made = RandomModel(seed, rule)
    for _ in range(4):
        made.conv2d()
        made.conv2d(kernel_dims=(1, 1), padding=(0, 0, 0, 0), dilation_dims=(1, 1))
        made.conv2d(kernel_dims=(1, 1), padding=(0, 0, 0, 0), dilation_dims=(1, 1), stride_dims=(1, 1))
        made.conv2d(groups=made.integer(2, 3))
        made.depthwise_conv2d(kernel_dims=(3, 3), padding=(1, 1, 1, 1))
        made.depthwise_conv2d(kernel_dims=(3, 3), padding=(0, made.integer(0, 1), 2, 0))
        made.depthwise_conv2d(kernel_dims=(made.integer(1, 4), 2 * made.integer(1, 2)))
        made.depthwise_conv2d(multiplier=made.integer(2, 5))
        made.depthwise_conv2d(dilation_dims=(2, 2), kernel_dims=(2, 3))
        made.fully_connected()
        made.pooling(AveragePooling2D)
        made.pooling(MaxPooling2D)
        made.binary(Add)
        made.softmax()
    return made


def random_model(seed: int, rule: Rule = Rule.TFLITE) -> Model:
    return random_nodes(seed, rule).build()


class LinkedFirmware:
    """Links models for one CPU with some libs alone; kernels and board support are compiled once."""

    def __init__(
        self, folder: Path, target: str, toolchain: str = "zig", *, libs: tuple[str, ...], checkout: Path | None = None
    ) -> None:
        self.folder = folder
        self.cpu: Cpu = load_cpu(target)
        self.toolchain: Toolchain = find_toolchain(toolchain, self.cpu)
        settings = {"target": target} | ({"cmsis_nn": str(checkout)} if checkout else {})
        self.found = kernel_sources(parse_settings(settings), (RULES,), KERNELS)
        self.all_libs = load_libs((RULES,))
        self.libs = [self.all_libs[name] for name in libs]
        self.objects = [
            self._compile(source.path, is_external=source.is_external)
            for source in self.found.sources
            if source.object_path.startswith(tuple(f"{name}/" for name in libs))
        ]
        self.objects += [
            self._compile(SUPPORT / name) for name in ("startup.c", "runtime.c", "float32.c", "semihosting.c")
        ]

    def _run(self, command: Sequence[str]) -> None:
        cache = str(self.folder / "zig-cache")
        environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr

    def _compile(self, source: Path, is_external: bool = False) -> str:
        target = self.folder / f"{source.stem}.o"
        command = self.toolchain.compile_command(
            str(source),
            str(target),
            optimize="balanced",
            includes=[str(self.folder), str(SUPPORT), *map(str, self.found.includes)],
            system_includes=[str(path) for path in self.found.system_includes],
            warnings=not is_external,
        )
        self._run(command)
        return str(target)

    def lower(self, model: Model) -> Lowered:
        """A node that the libs do not take is an error."""
        return lower(model.graph, self.cpu.name, self.libs, frozenset(self.cpu.features))

    def build(self, model: Model) -> Firmware:
        """Everything from the rules to the linked firmware."""
        lowered, interface, board = self.lower(model), interface_of(model), load_board("", self.cpu)
        schedule = ExportScheduler("keep").schedule(lowered)
        plan = plan_memory(schedule, [Memory(region=board.ram.name)])
        header, source = generate(lowered, schedule, plan, interface)
        stored = {"interface.json": interface, "lowered.json": lowered, "meminfo.json": plan}
        for name, document in stored.items():
            (self.folder / name).write_bytes(to_bytes(document.to_json()))
        options = {**PLANNING, "name": NAME, "target": self.cpu.name, "board": "", "stack_bytes": None}
        main, script = firmware_step.run(options, [self.folder / name for name in stored])
        texts = {
            f"{NAME}.h": header,
            f"{NAME}.c": source,
            f"{NAME}_sections.h": sections_text(lowered, plan),
            f"{NAME}_params.c": generate_params(lowered, model.params, self.all_libs),
            "main.c": main,
            "link.ld": script,
        }
        for name, text in texts.items():
            (self.folder / name).write_bytes(text)
        objects = [self._compile(self.folder / name) for name in texts if name.endswith(".c")]
        elf = self.folder / f"{NAME}.elf"
        self._run(self.toolchain.link_command(str(elf), [*objects, *self.objects], str(self.folder / "link.ld")))
        return Firmware(elf, self.cpu, board, lowered, interface, schedule, plan)
