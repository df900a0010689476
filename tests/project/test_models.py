# SPDX-License-Identifier: Apache-2.0
"""Several models in one build: what the variables say of each, and what cannot be in one firmware."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sconnx.errors import SconnxError
from sconnx.project.models import file_list
from sconnx.project.settings import Settings, parse_settings, seen_from


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("kws.tflite", "vad.onnx", "old/kws.onnx", "a,b.onnx", "kws_2.onnx", "v.npz", "x, y/vad.onnx"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def parsed(root: Path, **arguments: str) -> Settings:
    return parse_settings(arguments, root)


def failures(root: Path, **arguments: str) -> list[str]:
    with pytest.raises(SconnxError) as caught:
        parse_settings(arguments, root)
    return str(caught.value).splitlines()


def test_one_model_is_a_firmware_of_its_name(root: Path) -> None:
    one = parsed(root, model="kws.tflite", vectors="v.npz", pin="x:y:ram,3:dtcm", node="a:3")
    (model,) = one.models
    assert (one.name, one.concurrent, model.path, model.name) == ("kws", False, "kws.tflite", "kws")
    assert (model.vectors, model.pins, model.node) == ("v.npz", (("x:y", "ram"), ("3", "dtcm")), "a:3")


def test_several_models(root: Path) -> None:
    two = parsed(root, model="kws.tflite,vad.onnx", vectors=",v.npz", pin="vad:x:y:ram,kws:3:dtcm", node="vad:a:3")
    kws, vad = two.models
    assert (two.name, two.concurrent, two.planned_together) == ("kws+vad", False, ((kws,), (vad,)))
    assert (kws.path, kws.name, kws.vectors, kws.pins, kws.node) == ("kws.tflite", "kws", "", (("3", "dtcm"),), None)
    assert (vad.path, vad.name, vad.vectors, vad.pins) == ("vad.onnx", "vad", "v.npz", (("x:y", "ram"),))
    assert vad.node == "a:3"


def test_outputs_that_become_inputs(root: Path) -> None:
    (one,) = parsed(root, model="vad.onnx", carry="h:out:h,c_out:c").models
    assert one.carry == (("h:out", "h"), ("c_out", "c"))
    kws, vad = parsed(root, model="kws.tflite,vad.onnx", carry="vad:h_out:h").models
    assert (kws.carry, vad.carry) == ((), (("h_out", "h"),))
    assert failures(root, model="vad.onnx", carry="h") == [
        "error[E702]: carry=h names no input (help: carry=OUTPUT:INPUT)"
    ]


def test_models_that_may_run_at_the_same_time(root: Path) -> None:
    two = parsed(root, model="kws.tflite,vad.onnx", concurrent="1", name="first,")
    assert [model.name for model in two.models] == ["first", "vad"]
    assert two.planned_together == (two.models,)
    assert [model.node for model in two.models] == ["", ""]


def test_a_comma_in_the_path_of_a_file(root: Path) -> None:
    assert parsed(root, model="a,b.onnx").name == "a_b"
    assert parsed(root, model="a,b.onnx,vad.onnx,kws.tflite").name == "a_b+vad+kws"
    assert file_list("x, y/vad.onnx,a,b.onnx", root) == ["x, y/vad.onnx", "a,b.onnx"]
    assert file_list("a,b.npz,,c", root) == ["a", "b.npz", "", "c"]


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(("kws.tflite", "vad.onnx", "a,b.onnx", "none", "")), min_size=1, max_size=5))
def test_a_list_is_what_it_was_joined_from(root: Path, names: list[str]) -> None:
    assert file_list(",".join(names), root) == names


def test_paths_are_those_of_the_caller(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "sconnx").mkdir()
    monkeypatch.chdir(root / "sconnx")
    given = {"model": "vad.onnx,/data/b.onnx", "vectors": ",v.npz", "quantize": "q.npz,"}
    folder = str(root / "x, y")
    seen = {"model": "../x, y/vad.onnx,/data/b.onnx", "vectors": ",../x, y/v.npz", "quantize": "../x, y/q.npz,"}
    assert seen_from(given, folder) == seen
    assert file_list(seen_from(given, folder)["model"], Path()) == ["../x, y/vad.onnx", "/data/b.onnx"]


PER_MODEL = "(help: one per model, separated by commas; an entry may be empty)"
PREFIX = "(help: begin with the model: kws: or vad:)"
TWO = "kws.tflite,vad.onnx"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": TWO, "name": "a"}, f"error[E702]: name=a has 1 entry for 2 models {PER_MODEL}"),
        ({"model": TWO, "name": "a,b,c"}, f"error[E702]: name=a,b,c has 3 entries for 2 models {PER_MODEL}"),
        ({"model": TWO, "name": "a,B"}, "error[E702]: name=B is no identifier (help: did you mean 'b'?)"),
        ({"model": TWO, "vectors": "v.npz"}, f"error[E702]: vectors=v.npz has 1 entry for 2 models {PER_MODEL}"),
        (
            {"model": "vad.onnx", "vectors": ",v.npz"},
            f"error[E702]: vectors=,v.npz has 2 entries for 1 model {PER_MODEL}",
        ),
        ({"model": TWO, "quantize": "v.npz"}, f"error[E702]: quantize=v.npz has 1 entry for 2 models {PER_MODEL}"),
        ({"model": f"{TWO},"}, f"error[E702]: model={TWO}, has a comma too many"),
        ({"model": TWO, "pin": "3:ram"}, f"error[E702]: pin=3:ram names no model {PREFIX}"),
        ({"model": TWO, "pin": "kws"}, "error[E702]: pin=kws names no region (help: pin=TENSOR:REGION)"),
        ({"model": TWO, "node": "conv:3"}, f"error[E702]: node=conv:3 names no model {PREFIX}"),
        (
            {"model": TWO, "concurrent": "yes"},
            "error[E701]: unknown value 'yes' of concurrent= (help: one of: 0, 1)",
        ),
        (
            {"model": "kws.tflite,old/kws.onnx"},
            "error[E703]: kws.tflite and old/kws.onnx are both called 'kws' (help: give each a name of its own: name=a,b)",
        ),
        (
            {"model": "vad.onnx,old/../vad.onnx", "name": "a,b"},
            "error[E703]: model= has old/../vad.onnx twice"
            " (help: once is enough: its weights are constant, and each thread may have a ctx of its own)",
        ),
        (
            {"model": "kws_2.onnx,kws.tflite"},
            "error[E703]: all that belongs to 'kws_2' would begin with 'kws_', like all that belongs to 'kws'"
            " (help: give other names: name=a,b)",
        ),
    ],
)
def test_messages(root: Path, arguments: dict[str, str], message: str) -> None:
    assert failures(root, **arguments) == [message]


def test_names_keep_models_apart(root: Path) -> None:
    assert parsed(root, model="kws.tflite,old/kws.onnx,kws_2.onnx", name=",old,second").name == "kws+old+second"


def test_all_problems_at_once(root: Path) -> None:
    lines = failures(
        root, model="no.onnx,kws.tflite,old/kws.onnx", vectors="none.npz,", name="A,,", node="3", flash="x"
    )
    assert [line.split("error")[1][:6] for line in lines] == [
        "[E101]",
        "[E101]",
        *["[E702]"] * 2,
        "[E703]",
        *["[E702]"] * 2,
    ]
