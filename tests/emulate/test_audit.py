# SPDX-License-Identifier: Apache-2.0
"""verify audit=1: silent about right firmwares, and exact about wrong plans and wrong kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sconnx.elf.image import read_image
from sconnx.emulate.machine import UnicornMachine
from sconnx.emulate.unicorn_binding import load_unicorn
from sconnx.emulate.vectors import seeded_vectors
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, AveragePooling2D, Conv2D, FullyConnected, MaxPooling2D, Relu, Reshape, Softmax
from sconnx.memory.meminfo import scratch_key
from sconnx.report.show import show
from sconnx.steps.import_model import interface_of
from sconnx.target.board import load_board
from sconnx.target.cpu import load_cpu
from tests.emulate.firmware_build import FirmwareBuilder
from tests.emulate.model_firmware import TARGET, Document, ModelBuilder, ModelFirmware
from tests.tiny_models import ROOT, Chain, random_models, tiny_model

HELP = (
    " (help: the kernel does not keep to the access and the scratch that its rule states, or the memory plan is wrong)"
)
POLICIES: list[dict[str, str]] = [
    {},
    {"optimize": "ram"},
    {"optimize": "ram", "input": "keep", "output": "caller"},
    {"optimize": "ram", "input": "stream"},
    {"optimize": "speed"},
    {"optimize": "speed", "input": "clobber", "output": "caller"},
]
IMAGE, WIDE, POOLED, THIN, RELU, TOTAL = 0, 3, 4, 7, 8, 9
"""Tensors of image_model."""


@pytest.fixture(scope="module")
def models(builder: FirmwareBuilder, tmp_path_factory: pytest.TempPathFactory) -> ModelBuilder:
    return ModelBuilder(builder, tmp_path_factory.mktemp("audit"))


def image_model() -> Model:
    """Wide between its input and its first pooling, so that these stream; a second reader keeps a tensor alive."""
    chain = Chain("image")
    x = chain.input(1, 12, 8, 2)
    same = Conv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1))
    wide = chain.node(same, x, chain.constant(8, 3, 3, 2), chain.constant(8, dtype=np.int32))
    pooled = chain.node(MaxPooling2D(kernel_dims=(2, 2), stride_dims=(2, 2)), wide)
    narrow = Conv2D(kernel_dims=(1, 1))
    thin = chain.node(narrow, pooled, chain.constant(4, 1, 1, 8), chain.constant(4, dtype=np.int32))
    total = chain.node(Add(), chain.node(Relu(), thin), thin)
    mean = chain.node(AveragePooling2D(kernel_dims=(6, 4), stride_dims=(6, 4)), total)
    flat = chain.node(Reshape(dims=(1, 4)), mean)
    logits = chain.node(FullyConnected(), flat, chain.constant(3, 4), chain.constant(3, dtype=np.int32))
    return chain.build(chain.node(Softmax(), logits))


def relu_model() -> Model:
    chain = Chain("relu")
    return chain.build(chain.node(Relu(), chain.input(1, 2, 3, 4)))


def place(firmware: ModelFirmware, tensor: int) -> Document:
    """The tensor's entry of the memory plan."""
    found: Document = next(entry for entry in firmware.document("meminfo.json")["tensors"] if entry["tensor"] == tensor)
    return found


def step_of(firmware: ModelFirmware, node: int) -> int:
    segments = firmware.document("schedule.json")["segments"]
    return next(step for step, segment in enumerate(segments) if node in segment["nodes"])


def streams_with(firmware: ModelFirmware, *nodes: int) -> bool:
    segment = firmware.document("schedule.json")["segments"][step_of(firmware, nodes[0])]
    return set(nodes) <= set(segment["nodes"])


def there(firmware: ModelFirmware, offset: int, node: int) -> str:
    """What the plan has at an offset while a node runs."""
    step = step_of(firmware, node)
    texts = []
    for entry in firmware.document("meminfo.json")["tensors"]:
        start = entry["offset_bytes"]
        if start <= offset < start + entry["size_bytes"] and entry["first"] <= step < entry["last"]:
            rows = entry["ring_rows"]
            text = f"ring of tensor {entry['tensor']} ({rows} rows)" if rows else f"tensor {entry['tensor']}"
            if entry["scratch_of"] is not None:
                text = f"scratch of node {entry['scratch_of']}"
            texts.append(f"{text}, alive in steps [{entry['first']}, {entry['last']})")
    return f"there lies {', '.join(texts)}" if texts else f"there lies nothing that is alive in step {step}"


def message(
    firmware: ModelFirmware, node: int, type: str, access: str, offset: int, wrong: str, kernel: str, call: int = 0
) -> str:
    """The message about a kernel's call for the first vector."""
    name = firmware.options["name"]
    return (
        f"{name}: error[E512]: layer {node} 'n{node}' ({type}) {access} at offset {offset} of {name}_arena in ram, {wrong}: "
        f"vector 0, call {call} of {kernel} in {name}_step_{node}: {there(firmware, offset, node)}{HELP}"
    )


@pytest.mark.parametrize(
    ("model", "policies"),
    [(model, policies) for model in (image_model(), tiny_model()) for policies in POLICIES],
    ids=lambda value: value.graph.name if isinstance(value, Model) else " ".join(value.values()) or "default",
)
def test_clean(
    models: ModelBuilder, capsys: pytest.CaptureFixture[str], model: Model, policies: dict[str, str]
) -> None:
    firmware = models.build(model, **policies)
    assert firmware.verify(capsys) == ""
    audited = firmware.document("verify.json")
    assert audited["audit"]["loads"] > audited["audit"]["stores"] > 0
    assert firmware.verify(capsys, audit=False) == ""
    assert firmware.document("verify.json") == {**audited, "audit": None}


def test_the_models_stream_and_overlap(models: ModelBuilder) -> None:
    """Or the tests here would be about less than they say."""
    ram = models.build(image_model(), optimize="ram")
    assert streams_with(ram, 0, 1) and place(ram, WIDE)["ring_rows"]
    relations = [entry["relation"]["kind"] for entry in ram.document("meminfo.json")["tensors"] if entry["relation"]]
    assert {"overlap", "in_place"} & set(relations)
    assert (
        models.build(image_model(), optimize="ram", input="stream").document("schedule.json")["segments"][0]["pushed"]
        == 0
    )


@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    random_models(most_nodes=5),
    st.sampled_from([policies for policies in POLICIES if policies.get("input") != "stream"]),
)
def test_random_models_are_clean(
    models: ModelBuilder, capsys: pytest.CaptureFixture[str], model: Model, policies: dict[str, str]
) -> None:
    assert models.build(model, **policies).verify(capsys) == ""


def test_every_access_is_counted(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """Against hooks in Python on a run of their own."""
    model = tiny_model()
    firmware = models.build(model)
    assert firmware.verify(capsys) == ""
    cpu = load_cpu(TARGET)
    board = load_board("", cpu)
    image = read_image(firmware.folder / "firmware.elf", board.regions)
    stdin = b"".join(vector.stdin for vector in seeded_vectors(interface_of(model)))
    machine = UnicornMachine(image, cpu, board, stdin)
    unicorn = load_unicorn()
    counts = {unicorn.UC_MEM_READ: 0, unicorn.UC_MEM_WRITE: 0}
    inside = [False]

    def access(engine: object, kind: int, address: int, size_bytes: int, value: int, user: object) -> None:
        counts[kind] += inside[0]

    machine._engine.hook_add(unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE, access)
    machine.watch(
        ["tiny_run"],
        None,
        {"tiny_run": lambda: inside.__setitem__(0, True)},
        {"tiny_run": lambda memory: inside.__setitem__(0, False)},
    )
    assert machine.run(60) == 0
    audit = firmware.document("verify.json")["audit"]
    assert audit == {"loads": counts[unicorn.UC_MEM_READ], "stores": counts[unicorn.UC_MEM_WRITE]}
    assert show(firmware.folder / "verify.json").endswith(
        f"; audit: {audit['loads']:,} loads and {audit['stores']:,} stores, all in live buffers"
    )


def moved(tensor: int, by_bytes: int, onto: int | None = None) -> Any:
    """A change of the plan: a tensor comes to lie elsewhere, counted from where it or another one was."""

    def change(plan: Document) -> None:
        entries = {entry["tensor"]: entry for entry in plan["tensors"]}
        base = entries[tensor if onto is None else onto]["offset_bytes"]
        entries[tensor]["offset_bytes"] = base + by_bytes

    return change


def test_a_plan_that_lets_an_output_overwrite_what_is_still_read(
    models: ModelBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    """The relu stores 4 bytes behind where it loads: its fifth load finds its own first result."""
    firmware = models.build(image_model(), change_plan=moved(RELU, 4, onto=THIN), optimize="speed")
    offset = place(firmware, THIN)["offset_bytes"] + 4
    assert firmware.verify(capsys) == message(
        firmware, 3, "Relu", "loads 1 byte", offset, f"last written as tensor {RELU}", "sx_lookup_s8_exact"
    )


def test_a_plan_that_lets_an_output_overwrite_what_a_later_node_reads(
    models: ModelBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    firmware = models.build(image_model(), change_plan=moved(RELU, 0, onto=THIN), optimize="speed")
    offset = place(firmware, THIN)["offset_bytes"]
    assert firmware.verify(capsys) == message(
        firmware, 4, "Add", "loads 1 byte", offset, f"last written as tensor {RELU}", "sx_add_s8_tflite"
    )


def test_a_ring_with_too_few_slots(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """The pooling needs two rows of the ring, and gets the second in the place of the first."""

    def one_slot(plan: Document) -> None:
        (ring,) = (entry for entry in plan["tensors"] if entry["tensor"] == WIDE)
        ring.update(ring_rows=1, size_bytes=ring["size_bytes"] // ring["ring_rows"])

    firmware = models.build(image_model(), change_plan=one_slot)
    offset = place(firmware, WIDE)["offset_bytes"]
    kernel = "sx_max_pooling2d_s8_exact"
    assert firmware.verify(capsys) == message(
        firmware, 1, "MaxPooling2D", "loads 1 byte", offset, f"last written as row 1 of tensor {WIDE}", kernel
    )


def test_code_of_another_plan(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """The code has the tensor 8 bytes above where the plan has it: the last 8 stores go beyond."""
    firmware = models.build(image_model())
    plan = firmware.document("meminfo.json")
    (entry,) = (entry for entry in plan["tensors"] if entry["tensor"] == RELU)
    above = models.build(image_model(), change_plan=moved(RELU, 8))
    end = entry["offset_bytes"] + entry["size_bytes"]
    have = above.verify(capsys, plan=plan)
    wanted = message(firmware, 3, "Relu", "stores 1 byte", end, "where it may not store", "sx_lookup_s8_exact")
    assert have == wanted


def changed(
    models: ModelBuilder, kernel: str, old: str, new: str, model: Model | None = None, **policies: str
) -> ModelFirmware:
    return models.build(model or image_model(), change_kernels={kernel: (old, new)}, **policies)


def test_a_kernel_that_writes_beyond_its_row(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of four bytes are in the row; the pooling streams, and must not leave the slot of its row."""
    kernel, end = "sx_max_pooling2d_s8_exact", "        x += p->stride_width;\n    }\n"
    firmware = changed(models, kernel, end, f"{end}    *(int32_t *)(void *)(out - 2) = 0;\n", optimize="ram")
    assert streams_with(firmware, 0, 1)
    pooled = place(firmware, POOLED)
    y = 5 if 0 in firmware.document("meminfo.json")["reversed_steps"] else 0
    row_end = pooled["offset_bytes"] + (y % (pooled["ring_rows"] or 6) + 1) * 4 * 8
    wanted = message(firmware, 1, "MaxPooling2D", "stores 4 bytes", row_end - 2, "where it may not store", kernel)
    behind = there(firmware, row_end, 1).replace("there lies", "at byte 2 of these lies")
    assert firmware.verify(capsys) == wanted.replace(there(firmware, row_end - 2, 1), behind)


def test_a_kernel_that_reads_before_its_row(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """The first of two rows in a ring of two."""
    kernel, start = "sx_max_pooling2d_s8_exact", "    int32_t x = -p->pad_left;\n"
    firmware = changed(models, kernel, start, f"{start}    (void)*(const volatile int8_t *)(rows[0] - 1);\n")
    ring = place(firmware, WIDE)
    assert ring["ring_rows"] == 2 and streams_with(firmware, 0, 1)
    offset = ring["offset_bytes"] - 1
    assert firmware.verify(capsys) == message(
        firmware, 1, "MaxPooling2D", "loads 1 byte", offset, "where it may not load", kernel
    )


def test_a_kernel_that_reads_a_row_of_another_call(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """Inside the tensor, but not a row of the window: row 2 in the first call, in a tensor that is there in full."""
    kernel, start = "sx_max_pooling2d_s8_exact", "    int32_t x = -p->pad_left;\n"
    beyond = "rows[1] + p->in_width * p->channels"
    read = f"    (void)*(const volatile int8_t *)({beyond});\n"
    firmware = changed(models, kernel, start, f"{start}{read}", optimize="speed")
    wide = place(firmware, WIDE)
    assert wide["ring_rows"] is None and step_of(firmware, 1) not in firmware.document("meminfo.json")["reversed_steps"]
    offset = wide["offset_bytes"] + 2 * 8 * 8
    assert firmware.verify(capsys) == message(
        firmware, 1, "MaxPooling2D", "loads 1 byte", offset, "where it may not load", kernel
    )


def test_a_kernel_that_writes_its_input(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    kernel, loop = "sx_lookup_s8_exact", "    while (x != fours) {\n"
    firmware = changed(models, kernel, loop, f"    *(int8_t *)(uintptr_t)x = 0;\n{loop}")
    offset = place(firmware, THIN)["offset_bytes"]
    assert firmware.verify(capsys) == message(
        firmware, 3, "Relu", "stores 1 byte", offset, "where it may not store", kernel
    )


def test_a_kernel_that_reads_its_output_first(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    kernel, loop = "sx_lookup_s8_exact", "    while (x != fours) {\n"
    firmware = changed(models, kernel, loop, f"    (void)*(const volatile int8_t *)out;\n{loop}", relu_model())
    offset = place(firmware, 1)["offset_bytes"]
    assert firmware.verify(capsys) == message(
        firmware, 0, "Relu", "loads 1 byte", offset, "written by nobody in this inference", kernel
    )


def test_a_kernel_that_reads_a_row_of_padding(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    kernel, call = "sx_conv2d_s8_tflite", "    sx_conv2d_s8_blocks("
    read = "(void)*(const volatile int8_t *)rows[0];"
    firmware = changed(models, kernel, call, f"    {read}\n{call}", optimize="speed")
    assert 0 not in firmware.document("meminfo.json")["reversed_steps"]
    assert firmware.verify(capsys) == (
        "image: error[E512]: layer 0 'n0' (Conv2D) loads 1 byte at 0x00000000 in flash, where it may not load: "
        f"vector 0, call 0 of {kernel} in image_step_0: there lies nothing that is alive in step 0{HELP}"
    )


def test_a_fold_that_trusts_its_scratch_too_early(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """At the first call nothing has been gathered, whatever lay there before."""
    kernel, start = "sx_average_pooling2d_fold_s8_tflite", "    sx_average_pooling2d_fold_s8_body("
    firmware = changed(models, kernel, start, f"    (void)*(const volatile int8_t *)scratch;\n{start}")
    offset = place(firmware, scratch_key(5))["offset_bytes"]
    assert firmware.verify(capsys) == message(
        firmware, 5, "AveragePooling2D", "loads 1 byte", offset, "written by nobody in this inference", kernel
    )


def test_a_fold_that_writes_its_output_too_early(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """Its pointer is NULL at all calls but the last."""
    kernel, start = "sx_average_pooling2d_fold_s8_tflite", "    sx_average_pooling2d_fold_s8_body("
    firmware = changed(models, kernel, start, f"    *(volatile int8_t *)out = 0;\n{start}")
    step = step_of(firmware, 5)
    assert firmware.verify(capsys) == (
        "image: error[E512]: layer 5 'n5' (AveragePooling2D) stores 1 byte at 0x00000000 in flash, where it may not store: "
        f"vector 0, call 0 of {kernel} in image_step_5: there lies nothing that is alive in step {step}{HELP}"
    )


def test_a_kernel_with_a_variable_of_its_own(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    """RAM that no plan knows of."""
    kernel, head = "sx_lookup_s8_exact", "void sx_lookup_s8_exact("
    loop = "    while (x != end) {\n"
    text = (ROOT / f"kernels/generic/{kernel}.c").read_text()
    body = text[text.index(head) :]
    with_store = "static volatile int8_t remembered;\n\n" + body.replace(loop, f"    remembered = 1;\n{loop}")
    firmware = changed(models, kernel, body, with_store, relu_model())
    image = read_image(firmware.folder / "firmware.elf", load_board("", load_cpu(TARGET)).regions)
    assert firmware.verify(capsys) == (
        f"relu: error[E512]: layer 0 'n0' (Relu) stores 1 byte at 0x{image.symbol('remembered').address:08x} in ram, where "
        f"it may not store: vector 0, call 0 of {kernel} in relu_step_0: there lies nothing that is alive in step 0{HELP}"
    )


def test_a_failure_leaves_the_verdict_as_it_was(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    firmware = models.build(relu_model(), change_plan=moved(1, 4, onto=0))
    verdict = firmware.folder / "verify.json"
    verdict.write_text("earlier")
    assert "error[E512]" in firmware.verify(capsys)
    assert verdict.read_text() == "earlier"
    assert "error[E510]" in firmware.verify(capsys, audit=False), "the values are wrong, too"


def test_gcc_keeps_the_functions_of_layers(models: ModelBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    firmware = models.build(image_model(), toolchain="gcc", optimize="ram")
    assert firmware.verify(capsys) == ""
    assert firmware.document("verify.json")["layers"] == 8


@pytest.mark.parametrize(("target", "board"), [("host", "host"), ("cortex-m55", "mps3-an547")])
def test_a_board_without_the_emulator(
    models: ModelBuilder, capsys: pytest.CaptureFixture[str], target: str, board: str
) -> None:
    firmware = models.build(relu_model())
    firmware.options.update(target=target, board="")
    assert firmware.verify(capsys) == (
        f"firmware.elf: error[E504]: board '{board}' cannot be audited: only the emulator unicorn shows every load and store"
        " (help: leave out audit=1, or build for a Cortex-M that unicorn has)"
    )
