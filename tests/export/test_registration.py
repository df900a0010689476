# SPDX-License-Identifier: Apache-2.0
"""The registry: duplicates, the order of candidates, determinism, and every reason of every unsupported node at once."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.export.library import ExportLib, load_libs
from sconnx.export.node import export_node
from sconnx.export.selection import first_fit, verdicts
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.constructors import Conv2DOp, MaxPooling2DOp, ReshapeOp
from sconnx.graph.operator import Activation, Conv2D, MaxPooling2D, Relu, Reshape
from sconnx.graph.tensor import DataFormat, DType
from sconnx.steps.rules import load_target_libs
from tests.build.scons_checkout import ROOT
from tests.export.made_up import NONE, lib_of, lowered_by, rule
from tests.export.workshop import cpu_text
from tests.tiny_models import RULES, Chain, tiny_model

S8 = IOSpec(DType.INT8)
DSP, MVE = frozenset({"dsp"}), frozenset({"dsp", "mve"})
# From the one that is tried first to the last, by hand.
ORDER = [
    ("Vector", ImplSpec(features=MVE)),
    ("ExactDsp", ImplSpec((IOSpec(DType.INT8, (2, 3), DataFormat.NONE),), features=DSP)),
    ("AnyDsp", ImplSpec(features=DSP)),
    ("Exact", ImplSpec((IOSpec(DType.INT8, (2, 3), DataFormat.NONE),), (S8,))),
    ("OneDim", ImplSpec((IOSpec(DType.INT8, (2, None)),))),
    ("Rank", ImplSpec((IOSpec(DType.INT8, (None, None)),))),
    ("InputA", ImplSpec((S8,))),
    ("OutputB", ImplSpec(outputs=(S8,))),
    ("Anything", ImplSpec()),
]


def relu(*dims: int) -> Chain:
    chain = Chain()
    chain.node(Relu(), chain.input(*dims))
    return chain


def test_order_of_candidates_whatever_the_order_of_registration() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        lib = ExportLib("x0")
        for position in random.permutation(len(ORDER)):
            name, spec = ORDER[position]
            lib.register("Relu", spec)(rule(name))
        assert [type(implementation).__name__ for _, implementation in lib.candidates("Relu")] == [
            name for name, _ in ORDER
        ]


def test_one_class_for_two_specs_that_fix_as_much() -> None:
    both = [ImplSpec((IOSpec(dims=(2, None)),)), ImplSpec((IOSpec(dims=(None, 3)),))]
    found = []
    for specs in (both, both[::-1]):
        lib = ExportLib("x0")
        Taken = rule("Taken")
        for spec in specs:
            lib.register("Relu", spec)(Taken)
        found.append([spec for spec, _ in lib.candidates("Relu")])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("features", "dims", "taken"),
    [
        (NONE, (2, 3), "Exact"),
        (DSP, (2, 3), "ExactDsp"),
        (DSP, (2, 4), "AnyDsp"),
        (MVE, (2, 3), "Vector"),
        (NONE, (2, 4), "OneDim"),
        (NONE, (3, 3), "Rank"),
        (NONE, (3,), "InputA"),
    ],
)
def test_the_most_specific_that_fits(features: frozenset[str], dims: tuple[int, ...], taken: str) -> None:
    lib = ExportLib("x0")
    for name, spec in reversed(ORDER):
        lib.register("Relu", spec)(rule(name))
    chain = relu(*dims)
    node = export_node(chain.build(chain.builder.nodes[0].outputs[0]).graph, 0)
    fit = first_fit(verdicts(node, [lib], features))
    assert fit is not None
    assert fit.name == f"x0.{taken}"


def test_duplicates() -> None:
    lib = ExportLib("x0")
    lib.register("Relu", ImplSpec((S8,)))(rule("First"))
    with pytest.raises(TypeError) as caught:
        lib.register("Relu", ImplSpec((IOSpec(DType.INT8),)))(rule("Second"))
    assert str(caught.value) == f"x0: Relu is registered twice for {ImplSpec((S8,))}: First, Second"
    with pytest.raises(TypeError, match="x0: two implementations of Relu are called First"):
        lib.register("Relu", ImplSpec())(rule("First"))


def unsupported_model() -> Chain:
    chain = Chain()
    x = chain.input(1, 4, 4, 2)
    for number in range(10):
        x = chain.node(MaxPooling2D(kernel_dims=(1, 1)), x, name=f"pool{number}")
    chain.node(Relu(), x)
    return chain


def test_ten_unsupported_nodes_are_ten_entries_with_all_reasons() -> None:
    chain = unsupported_model()
    graph = chain.build(chain.builder.nodes[-1].outputs[0]).graph
    first, second = ExportLib("first"), ExportLib("second")
    first.register("MaxPooling2D", ImplSpec(features=MVE))(rule("Vector"))
    first.register("MaxPooling2D", ImplSpec((IOSpec(DType.INT16),)))(rule("Wide"))
    second.register("MaxPooling2D", ImplSpec((IOSpec(dims=(1, 8, None, None)),)))(rule("Eight"))
    second.register("MaxPooling2D", ImplSpec())(rule("Choosy", lambda node: f"{node.name} is not for me"))
    second.register("Relu", ImplSpec())(rule("Any"))
    with pytest.raises(ErrorGroup) as caught:
        lowered_by(graph, first, second, features=DSP)
    assert [str(error) for error in caught.value.errors] == [
        f"tiny: error[E202]: node {number} 'pool{number}': operator MaxPooling2D has no implementation for cortex-x0: "
        f"second.Choosy: pool{number} is not for me; first.Vector: needs the CPU feature mve; "
        "first.Wide: input 0 is int8, not int16; second.Eight: input 0 has dims 1x4x4x2, not 1x8x?x? "
        "(help: `scons explain node=NAME` lists all candidates, `scons ops` what the target has; rules=DIR adds rules)"
        for number in range(10)
    ]


def test_an_operator_that_no_lib_has() -> None:
    chain = unsupported_model()
    graph = chain.build(chain.builder.nodes[0].outputs[0]).graph
    with pytest.raises(SconnxError) as caught:
        lowered_by(graph, lib_of("first", "Relu"), lib_of("second"))
    assert "cortex-x0: no lib of first, second registers MaxPooling2D (help" in str(caught.value)


RULES_FILES = {
    "mine/__init__.py": 'from sconnx.export.library import ExportLib\n\nmine = ExportLib("mine")\n',
    "mine/{name}.py": """
from export_rules.mine import mine
from sconnx.export.access import Elementwise
from sconnx.export.library import Implementation
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.tensor import DType


@mine.register("Relu", ImplSpec({spec}))
class {title}(Implementation):
    header = "h.h"
    params_type = "t"

    def kernel(self, node):
        return "k"

    def access(self, node):
        return Elementwise()
""",
}
LOWER = """
import sys
from pathlib import Path

from sconnx.export.library import load_libs
from sconnx.export.lower import lower
from sconnx.graph.json_form import to_bytes
from tests.tiny_models import tiny_model

libs = load_libs([Path(folder) for folder in sys.argv[1:]])
features = frozenset({"dsp", "mul64", "div"})
sys.stdout.buffer.write(to_bytes(lower(tiny_model().graph, "x", [libs["mine"], libs["generic"]], features).to_json()))
print([type(rule).__name__ for _, rule in libs["mine"].candidates("Relu")])
"""


def test_neither_hashes_nor_the_order_of_folders_matter(tmp_path: Path) -> None:
    """The same implementations from files in other folders, under other names, with other hashes: the same bytes."""
    specs = {
        "a": "(IOSpec(DType.INT8),)",
        "b": "",
        "c": "features=frozenset({'dsp', 'mul64', 'div'})",
        "d": "(), (IOSpec(),)",
    }
    printed = set()
    for seed, order in enumerate(itertools.islice(itertools.permutations("abcd"), 0, 24, 8)):
        folders = [tmp_path / f"{seed}_{number}" for number in range(2)]
        for number, letter in enumerate(order):
            folder = folders[number % 2]
            (folder / "mine").mkdir(parents=True, exist_ok=True)
            text = RULES_FILES["mine/{name}.py"].format(spec=specs[letter], title=letter.upper())
            (folder / f"mine/file{number}.py").write_text(text)
        (folders[0] / "mine/__init__.py").write_text(RULES_FILES["mine/__init__.py"])
        paths = [str(RULES), *map(str, folders)]
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(seed),
            "PYTHONPATH": f"{ROOT / 'site_scons'}{os.pathsep}{ROOT}",
        }
        done = subprocess.run(
            [sys.executable, "-c", LOWER, *paths], env=environment, capture_output=True, text=True, check=True
        )
        printed.add(done.stdout)
    [text] = printed
    assert text.splitlines()[-1] == "['C', 'A', 'B', 'D']"
    assert '"implementation": "C"' in text


def folder_with(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_registering_what_is_no_operator(tmp_path: Path) -> None:
    text = RULES_FILES["mine/{name}.py"].format(spec="", title="Mine")
    rules = folder_with(
        tmp_path,
        {
            "mine/__init__.py": RULES_FILES["mine/__init__.py"],
            "mine/a.py": text.replace('"Relu"', '"Conv2d"'),
            "mine/b.py": text.replace('"Relu"', '"Softmaxx"'),
        },
    )
    with pytest.raises(ErrorGroup) as caught:
        load_libs((RULES, rules))
    assert str(caught.value) == (
        "rules: error[E608]: lib 'mine' registers 'Conv2d', which is no operator (help: did you mean 'Conv2D'?)\n"
        "rules: error[E608]: lib 'mine' registers 'Softmaxx', which is no operator (help: did you mean 'Softmax'?)"
    )


def test_a_folder_without_a_lib_of_its_name(tmp_path: Path) -> None:
    rules = folder_with(tmp_path, {"helpers/__init__.py": "", "helpers/shapes.py": "HALF = 2\n"})
    with pytest.raises(SconnxError) as caught:
        load_target_libs({"target": "cortex-m4", "rules": [str(RULES), str(rules)], "externals": {}})
    assert str(caught.value) == (
        "rules: error[E603]: no file in the folder 'helpers' defines a lib of that name "
        '(help: write helpers = ExportLib("helpers") in its __init__.py)'
    )


def test_a_users_lib_comes_before_those_of_the_cpu(tmp_path: Path) -> None:
    files = {"mine/__init__.py": RULES_FILES["mine/__init__.py"]}
    rules = folder_with(tmp_path, files)
    options = {"target": "cortex-m4", "rules": [str(RULES), str(rules)], "externals": {}}
    assert [lib.name for lib in load_target_libs(options)[1]] == ["mine", "arm_dsp", "generic"]
    (tmp_path / "own.toml").write_text(cpu_text("generic", "mine"))
    assert [lib.name for lib in load_target_libs({**options, "target": str(tmp_path / "own.toml")})[1]] == [
        "generic",
        "mine",
    ]
    (tmp_path / "own.toml").write_text(cpu_text("generic", "theirs"))
    with pytest.raises(SconnxError, match=r"error\[E603\]: lib 'theirs' is not among the rules"):
        load_target_libs({**options, "target": str(tmp_path / "own.toml")})


def test_constructors() -> None:
    assert Conv2DOp(kernel_dims=3, stride_dims=(2, 1), activation="relu") == Conv2D(
        kernel_dims=(3, 3), stride_dims=(2, 1), activation=Activation.RELU
    )
    assert MaxPooling2DOp(kernel_dims=[2, 3], padding=1) == MaxPooling2D(kernel_dims=(2, 3), padding=(1, 1, 1, 1))
    assert ReshapeOp(dims=6) == Reshape(dims=(6,))
    assert ReshapeOp(dims=[2, 3]) == Reshape(dims=(2, 3))
    with pytest.raises(TypeError, match="stride_dim'"):
        Conv2DOp(kernel_dims=3, stride_dim=2)
    with pytest.raises(ValueError, match="'gelu' is not a valid Activation"):
        Conv2DOp(kernel_dims=3, activation="gelu")


@pytest.mark.parametrize("name", ["Conv2d", "Conv2D", "MetaOperatorOp", "OpaqueOperatorOp", "OperatorOp"])
def test_no_such_constructor(name: str) -> None:
    from sconnx.graph import constructors

    with pytest.raises(AttributeError) as caught:
        getattr(constructors, name)
    assert str(caught.value).startswith(f"there is no constructor {name}; there are AddOp, SubOp, ")
    assert "MetaOperatorOp" not in str(caught.value).split(";")[1]


def test_specs_are_checked_keys() -> None:
    assert {ImplSpec((S8,)), ImplSpec((IOSpec(DType.INT8),)), ImplSpec()} == {ImplSpec(), ImplSpec((S8,))}
    with pytest.raises(TypeError, match="dtype is 'int8'; it must be a DType or None"):
        IOSpec("int8")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="data_format is 'NHWC'; it must be a DataFormat or None"):
        IOSpec(data_format="NHWC")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"dims are \(1, 0\); each must be None or at least 1"):
        IOSpec(dims=(1, 0))
    with pytest.raises(TypeError, match="'int8' is no IOSpec"):
        ImplSpec(("int8",))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="they must be a frozenset of names"):
        ImplSpec(features={"dsp"})  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        S8.dtype = None  # type: ignore[misc]


def test_optional_and_further_inputs() -> None:
    """An absent input fits every spec; inputs beyond the last spec are held against the last one."""
    graph = tiny_model().graph
    conv = export_node(graph, 0)
    tensors = tuple(operand.tensor if operand else None for operand in conv.inputs)
    outputs = (conv.output.tensor,)
    assert [str(m) for m in ImplSpec((S8, S8)).mismatches(tensors, outputs)] == ["input 2 is int32, not int8"]
    assert ImplSpec((S8, S8)).mismatches((*tensors[:2], None), outputs) == []
    assert ImplSpec((S8, S8, IOSpec(DType.INT32), S8)).mismatches(tensors, outputs) == []
