# SPDX-License-Identifier: Apache-2.0
"""A float ONNX model to an int8 one in the QDQ form, by ONNX Runtime's static quantizer.

Activations are int8 with a zero point from the least and the greatest value of the samples; weights are int8, symmetric, with a
scale per output channel. Batch normalisation is folded first.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from sconnx.errors import SconnxError
from sconnx.quantize.samples import GraphInput, Sample

HELP = "./sconsw installs it for quantize=; elsewhere: pip install onnxruntime"


@dataclass(frozen=True, slots=True)
class TensorError:
    """How far a tensor of the quantised model is from that of the float one, over all samples.

    Args:
        sqnr_db: 10 * log10(mean(x^2) / mean((x - q)^2)); None: the tensors are equal.
        largest: max |x - q|, in real numbers.
    """

    name: str
    operator: str
    sqnr_db: float | None
    largest: float


def graph_inputs(model: onnx.ModelProto) -> list[GraphInput]:
    """The inputs that are no initialisers. Raises SconnxError E104 for open dimensions other than the first."""
    constants = {tensor.name for tensor in model.graph.initializer}
    found = []
    for info in model.graph.input:
        if info.name in constants:
            continue
        dims = tuple(
            dim.dim_value or (1 if axis == 0 else 0) for axis, dim in enumerate(info.type.tensor_type.shape.dim)
        )
        if 0 in dims:
            what = f"input {info.name!r}: dimension {dims.index(0)} is not fixed"
            raise SconnxError("E104", what, help="export the model with fixed input dims")
        dtype = onnx.helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)
        found.append(GraphInput(info.name, np.dtype(dtype), dims))
    return found


def quantize(model: onnx.ModelProto, samples: Sequence[Sample]) -> onnx.ModelProto:
    """The int8 model. Raises SconnxError E609 when ONNX Runtime is not installed, or refuses the model."""
    with _onnxruntime(), tempfile.TemporaryDirectory() as folder:
        from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process

        class Reader(CalibrationDataReader):  # type: ignore[misc]
            def __init__(self) -> None:
                self.rest = iter(samples)

            def get_next(self) -> Sample | None:
                return next(self.rest, None)

        # By files: given a model, it moves the weights out of it.
        source, prepared, result = (Path(folder, f"{name}.onnx") for name in ("source", "prepared", "quantized"))
        source.write_bytes(model.SerializeToString())
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            result,
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
        return onnx.load(result)


def tensor_errors(model: onnx.ModelProto, quantized: onnx.ModelProto, samples: Sequence[Sample]) -> list[TensorError]:
    """The error of each float tensor that the quantised model has too, in running order: of what a reader gets of it."""
    operators = {name: node.op_type for node in model.graph.node for name in node.output if name}
    kept = {name for node in quantized.graph.node for name in node.output}
    dequantized = {name: f"{name}_DequantizeLinear_Output" for name in operators}
    same = {name: read if read in kept else name for name, read in dequantized.items() if {read, name} & kept}
    float_values = _values(model, list(same), samples)
    int_values = _values(quantized, list(same.values()), samples)
    errors = []
    for name, read in same.items():
        pairs = list(zip(float_values[name], int_values[read], strict=True))
        if pairs[0][0].dtype.kind != "f":
            continue
        x = np.stack([one for one, _ in pairs]).astype(np.float64)
        difference = x - np.stack([other for _, other in pairs])
        noise = float(np.mean(difference**2))
        signal = float(np.mean(x**2))
        sqnr = None if noise == 0 else round(10 * float(np.log10(max(signal, 1e-300) / noise)), 2)
        errors.append(TensorError(name, operators[name], sqnr, float(np.abs(difference).max(initial=0))))
    return errors


def _values(model: onnx.ModelProto, names: Sequence[str], samples: Sequence[Sample]) -> dict[str, list[Any]]:
    """What ONNX Runtime computes for tensors, by sample; without fusions, in one thread."""
    with _onnxruntime():
        import onnxruntime

        told = onnx.ModelProto()
        told.CopyFrom(model)
        outputs = {info.name for info in told.graph.output}
        told.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in outputs)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(told.SerializeToString(), options, providers=["CPUExecutionProvider"])
        runs = [session.run(list(names), sample) for sample in samples]
    return {name: [run[i] for run in runs] for i, name in enumerate(names)}


@contextmanager
def _onnxruntime() -> Iterator[None]:
    """What it raises is E609; what it logs is left out."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    except ImportError as error:
        raise SconnxError("E609", "quantize= needs ONNX Runtime", why=str(error), help=HELP) from None
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, onnx.checker.ValidationError) as error:
        raise _refused(error) from None
    except Exception as error:
        if not type(error).__module__.startswith("onnxruntime"):
            raise
        raise _refused(error) from None
    finally:
        logging.disable(level)


def _refused(error: Exception) -> SconnxError:
    why = " ".join(str(error).split())
    return SconnxError("E609", "ONNX Runtime's quantizer refuses the model", why=why or type(error).__name__)
