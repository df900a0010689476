# SPDX-License-Identifier: Apache-2.0
"""sconnx as a backend of ONNX: `prepare` exports, compiles and links a program, `run` starts it."""

from __future__ import annotations

import functools
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.backend.base import Backend, BackendRep

from sconnx.emulate.firmware import Firmware, observe
from sconnx.emulate.vectors import Vector, to_source, to_stored
from tests.conformance.exporter import Exporter

Array = NDArray[np.generic]
TARGETS = {"CPU": "host", "CORTEX_M7": "cortex-m7"}
"""The CPU of each device."""


@functools.cache
def exporter(target: str) -> Exporter:
    """One for each target and process."""
    return Exporter(target)


class SconnxRep(BackendRep):
    """A linked program in a folder that lives as long as this object."""

    def __init__(self, firmware: Firmware, model: onnx.ModelProto, folder: Path) -> None:
        self.firmware = firmware
        self.dtypes = [
            np.dtype(onnx.helper.tensor_dtype_to_np_dtype(entry.type.tensor_type.elem_type))
            for entry in model.graph.output
        ]
        weakref.finalize(self, shutil.rmtree, folder)

    def run(self, inputs: Sequence[Array], **kwargs: Any) -> tuple[Array, ...]:
        """One inference; inputs and outputs have the dims and dtypes of the ONNX model."""
        firmware, where = self.firmware, self.firmware.elf.name
        ports = zip(firmware.interface.inputs, inputs, strict=True)
        stored = tuple(to_stored(port, firmware.graph.rule, np.asarray(array), where) for port, array in ports)
        (outputs,) = observe(firmware, [Vector(stored)]).outputs
        made = zip(firmware.interface.outputs, outputs, self.dtypes, strict=True)
        return tuple(to_source(port, array, dtype) for port, array, dtype in made)


class SconnxBackend(Backend):
    """Devices: CPU, a process of this machine; CORTEX_M7, an emulated board."""

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return device in TARGETS

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> SconnxRep:
        """Export a model.

        Args:
            kwargs: `name`, a C identifier for the model.

        Raises:
            SconnxError: the model is not supported.
        """
        folder = Path(tempfile.mkdtemp(prefix="sconnx-"))
        try:
            path = folder / "model.onnx"
            path.write_bytes(model.SerializeToString())
            firmware = exporter(TARGETS[device]).export(path, kwargs.get("name", "model"), folder)
        except BaseException:
            shutil.rmtree(folder)
            raise
        return SconnxRep(firmware, model, folder)
