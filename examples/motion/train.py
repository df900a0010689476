# SPDX-License-Identifier: Apache-2.0
"""Train motion.onnx, an int8 network that tells seven shoulder exercises apart, and set windows aside to test it.

README.md has the commands.
"""

import importlib.util
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).resolve().parent
SEED = 7
HELD_OUT_SUBJECTS = (3, 6, 9)
CLASSES = 7
WINDOW, HOP = 128, 32
"""Samples: 2.56 s, every 0.64 s."""
RANGE = np.array([4, 4, 4, 8, 8, 8], np.float32)
"""Of acceleration in g, of rotation in rad/s; what is beyond is clipped."""
SHIPPED_PER_CLASS = 40
CALIBRATION_WINDOWS = 500
EPOCHS = 30
BATCH = 64

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


def recordings() -> dict[str, Any]:
    """The data that the package ships, read without its own dependencies."""
    spec = importlib.util.find_spec("seglearn")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "data/watch_dataset.npy"
    return dict(np.load(path, allow_pickle=True).item())


def windows(data: dict[str, Any], subjects: tuple[int, ...]) -> tuple[Floats, Labels]:
    """Windows float32 [N, 6, WINDOW] in units of RANGE, and the exercise of each."""
    found, labels = [], []
    for signal, label, subject in zip(data["X"], data["y"], data["subject"], strict=True):
        if int(subject) not in subjects:
            continue
        scaled = np.clip(signal.astype(np.float32) / RANGE, -1, 1).T
        for start in range(0, scaled.shape[1] - WINDOW + 1, HOP):
            found.append(scaled[:, start : start + WINDOW])
            labels.append(int(label))
    return np.stack(found), np.array(labels)


def separable(channels: int, outputs: int, stride: int) -> list[nn.Module]:
    """A depthwise and a pointwise convolution over time."""
    return [
        nn.Conv1d(channels, channels, 5, stride=stride, padding=2, groups=channels, bias=False),
        nn.BatchNorm1d(channels),
        nn.ReLU(),
        nn.Conv1d(channels, outputs, 1, bias=False),
        nn.BatchNorm1d(outputs),
        nn.ReLU(),
    ]


def network() -> nn.Sequential:
    layers = [nn.Conv1d(6, 16, 5, stride=2, padding=2, bias=False), nn.BatchNorm1d(16), nn.ReLU()]
    layers += [*separable(16, 24, 2), *separable(24, 32, 2), *separable(32, 48, 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(48, CLASSES))


def worn_otherwise(batch: Tensor) -> Tensor:
    """Each window as if the watch sat turned by some degrees about each axis, and was moved faster or slower in strength."""
    count = len(batch)
    angles = (torch.rand(count, 3) * 2 - 1) * (25 * torch.pi / 180)
    turn = torch.eye(3).expand(count, 3, 3)
    for axis in range(3):
        first, second = [other for other in range(3) if other != axis]
        one = torch.eye(3).repeat(count, 1, 1)
        one[:, first, first] = one[:, second, second] = torch.cos(angles[:, axis])
        one[:, first, second] = -torch.sin(angles[:, axis])
        one[:, second, first] = torch.sin(angles[:, axis])
        turn = one @ turn
    strength = 1 + (torch.rand(count, 1, 1) * 2 - 1) * 0.2
    turned = torch.cat([turn @ batch[:, :3], (turn @ batch[:, 3:]) * strength], dim=1)
    return turned.clamp(-1, 1)


def train(model: nn.Sequential, inputs: Tensor, labels: Tensor) -> None:
    """AdamW on windows that are worn otherwise, its step size falling to zero over all steps."""
    steps = EPOCHS * -(-len(inputs) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(inputs)).split(BATCH):
            loss = functional.cross_entropy(model(worn_otherwise(inputs[batch])), labels[batch], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def export(model: nn.Sequential, inputs: Floats, float_path: Path, int8_path: Path) -> None:
    """Write the model as float ONNX and as QDQ ONNX, int8, weights per channel, calibrated on the inputs."""
    torch.onnx.export(
        model.eval(),
        (torch.zeros(1, 6, WINDOW),),
        float_path,
        input_names=["motion"],
        output_names=["scores"],
        opset_version=17,
        dynamo=False,
    )
    feeds = iter([{"motion": window[np.newaxis]} for window in inputs])
    quantize_static(
        float_path,
        int8_path,
        SimpleNamespace(get_next=lambda: next(feeds, None)),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        weight_type=QuantType.QInt8,
        activation_type=QuantType.QInt8,
    )


def accuracy(path: Path, inputs: Floats, labels: Labels) -> float:
    """Share of windows that ONNX Runtime, with graph optimisations off, classifies as labelled."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    scores = np.concatenate([session.run(["scores"], {"motion": window[np.newaxis]})[0] for window in inputs])
    return float(np.mean(scores.argmax(axis=1) == labels))


def integers(model: Path, inputs: Floats) -> NDArray[np.int8]:
    """Windows as the firmware gets them: int8 [N, WINDOW, 6], by the scale of the model's input."""
    graph = onnx.load(model).graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    first = next(node for node in graph.node if "motion" in node.input)
    scale, zero_point = (constants[name] for name in first.input[1:])
    values = np.rint(inputs / scale) + zero_point.astype(np.int32)
    return np.clip(values, -128, 127).astype(np.int8).transpose(0, 2, 1)


def header(inputs: NDArray[np.int8], names: list[str]) -> str:
    """src/windows.h: what the watch measured in some windows, one per exercise."""
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0 */",
        "/* Written by train.py. */",
        "#ifndef WINDOWS_H",
        "#define WINDOWS_H",
    ]
    lines += [
        "",
        "#include <stdint.h>",
        "",
        f"constexpr const char *exercises[] = {{{', '.join(map(quoted, names))}}};",
        "",
    ]
    lines.append(f"constexpr int8_t windows[{len(inputs)}][{WINDOW}][6] = {{")
    for window in inputs:
        lines.append("    {")
        for start in range(0, WINDOW, 4):
            samples = ("{" + ", ".join(map(str, sample)) + "}," for sample in window[start : start + 4].tolist())
            lines.append("        " + " ".join(samples))
        lines.append("    },")
    return "\n".join([*lines, "};", "", "#endif", ""])


def quoted(name: str) -> str:
    return f'"{name}"'


def shipped(labels: Labels) -> NDArray[np.int64]:
    """SHIPPED_PER_CLASS windows of each exercise, spread over all of them."""
    of_class = [np.flatnonzero(labels == label) for label in range(CLASSES)]
    return np.concatenate([found[np.linspace(0, len(found) - 1, SHIPPED_PER_CLASS).astype(int)] for found in of_class])


def main() -> None:
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)

    data = recordings()
    subjects = {int(subject) for subject in data["subject"]}
    inputs, labels = windows(data, tuple(subjects - set(HELD_OUT_SUBJECTS)))
    held_inputs, held_labels = windows(data, HELD_OUT_SUBJECTS)
    model = network()
    train(model, torch.from_numpy(inputs), torch.from_numpy(labels))
    int8_path = HERE / "models/motion.onnx"
    chosen = np.random.default_rng(SEED).choice(len(inputs), CALIBRATION_WINDOWS, replace=False)
    with tempfile.TemporaryDirectory() as scratch:
        float_path = Path(scratch, "float.onnx")
        export(model, inputs[chosen], float_path, int8_path)
        for name, path in (("float", float_path), ("int8", int8_path)):
            share = accuracy(path, held_inputs, held_labels)
            print(f"{name}: {share:.1%} of {len(held_labels)} windows of subjects who were not trained on")
        print(f"int8, training subjects: {accuracy(int8_path, inputs, labels):.1%} of {len(labels)}")
    rows = shipped(held_labels)
    print(f"int8, shipped: {accuracy(int8_path, held_inputs[rows], held_labels[rows]):.1%} of {len(rows)}")
    raw = integers(int8_path, held_inputs[rows])
    np.savez_compressed(HERE / "heldout.npz", windows=raw, labels=held_labels[rows].astype(np.uint8))
    firsts = raw[SHIPPED_PER_CLASS // 2 :: SHIPPED_PER_CLASS]
    (HERE / "src/windows.h").write_text(header(firsts, data["y_labels"]))


if __name__ == "__main__":
    main()
