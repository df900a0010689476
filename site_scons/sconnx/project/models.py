# SPDX-License-Identifier: Apache-2.0
"""The models of a build: `model=a.tflite,b.onnx` with their names, vectors, pins, states and the node to explain.

The words of several models are separated by commas; a comma in the path of an existing file is part of that path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from sconnx.codegen.names import c_identifier
from sconnx.errors import SconnxError

MODEL_SUFFIXES = (".onnx", ".tflite")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """The variables of one model, checked.

    Args:
        path: the .tflite or .onnx file.
        vectors: an .npz file; empty: none.
        samples: an .npz file to quantise the model with; empty: it stays as it is.
        pins: (tensor, region).
        carry: (output, input): each output becomes the input of the next run.
        node: what `explain` is about; None: it is about another model.
    """

    path: str
    name: str
    vectors: str
    samples: str
    pins: tuple[tuple[str, str], ...]
    carry: tuple[tuple[str, str], ...]
    node: str | None


def file_list(text: str, root: Path) -> list[str]:
    """The paths in `a,b`, which may be empty. Where commas allow several readings, the longest existing file is meant."""
    parts = text.split(",")
    found = []
    while parts:
        ends = range(len(parts), 1, -1)
        end = next((end for end in ends if (root / ",".join(parts[:end])).is_file()), 1)
        found.append(",".join(parts[:end]))
        parts = parts[end:]
    return found


def shown_file(path: str) -> str:
    """A model's path for reports, which say the same in every checkout: of a file elsewhere its name alone."""
    return Path(path).name if Path(path).is_absolute() or ".." in Path(path).parts else Path(path).as_posix()


def check_file(name: str, path: str, root: Path, errors: list[SconnxError]) -> None:
    """E101 when a variable names a file that is not there."""
    if path and not (root / path).is_file():
        errors.append(SconnxError("E101", f"{name}={root / path}: no such file", where=Path(path).name))


def parse_models(values: Mapping[str, str], root: Path, errors: list[SconnxError]) -> tuple[ModelSettings, ...]:
    """The models of `model=`, with what `name=`, `vectors=`, `pin=` and `node=` say of each.

    Problems are added to `errors`: E702 malformed, E703 models that cannot be in one firmware.
    """
    if not values["model"]:
        errors.append(SconnxError("E702", "there is no model", help="model=kws.tflite"))
        return ()
    paths = file_list(values["model"], root)
    count = len(paths)
    if "" in paths:
        errors.append(SconnxError("E702", f"model={values['model']} has a comma too many"))
    vectors = _per_model("vectors", values["vectors"], file_list(values["vectors"], root), count, errors)
    samples = _per_model("quantize", values["quantize"], file_list(values["quantize"], root), count, errors)
    given = _per_model(
        "name", values["name"], values["name"].split(",") if count > 1 else [values["name"]], count, errors
    )
    names = [_name(path, name, errors) for path, name in zip(paths, given, strict=True)]
    for (first, one), (second, other) in combinations(zip(paths, names, strict=True), 2):
        errors += _conflict(first, one, second, other, root) if first and second else []
    pins = _pairs("pin", ("tensor", "region"), values["pin"], names, errors)
    carried = _pairs("carry", ("output", "input"), values["carry"], names, errors)
    node = _scoped("node", values["node"], values["node"], names, errors) if values["node"] else None
    return tuple(
        ModelSettings(
            path=path,
            name=name,
            vectors=file,
            samples=calibration,
            pins=tuple((tensor, region) for model, tensor, region in pins if model == name),
            carry=tuple((output, following) for model, output, following in carried if model == name),
            node="" if node is None else node[1] if node[0] == name else None,
        )
        for path, name, file, calibration in zip(paths, names, vectors, samples, strict=True)
    )


def _per_model(
    variable: str, text: str, entries: Sequence[str], count: int, errors: list[SconnxError]
) -> Sequence[str]:
    """An entry for each model, all empty where the variable is."""
    if text and len(entries) != count:
        given = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
        what = f"{variable}={text} has {given} for {count} {'model' if count == 1 else 'models'}"
        errors.append(SconnxError("E702", what, help="one per model, separated by commas; an entry may be empty"))
    return entries if len(entries) == count else [""] * count


def _name(path: str, given: str, errors: list[SconnxError]) -> str:
    """The name of a model, which all that is generated begins with."""
    usable = c_identifier(given)
    if given and usable != given:
        problem = "is reserved" if given.isidentifier() and usable == f"n_{given}" else "is no identifier"
        errors.append(SconnxError("E702", f"name={given} {problem}", help=f"did you mean '{usable}'?"))
    model = Path(path)
    return given or c_identifier(model.stem if model.suffix.lower() in MODEL_SUFFIXES else model.name)


def _conflict(first: str, one: str, second: str, other: str, root: Path) -> list[SconnxError]:
    """Why two models, each a path and a name, cannot be in one firmware."""
    if (root / first).resolve() == (root / second).resolve():
        hint = "once is enough: its weights are constant, and each thread may have a ctx of its own"
        return [SconnxError("E703", f"model= has {second} twice", help=hint)]
    if one == other:
        what = f"{first} and {second} are both called '{one}'"
        return [SconnxError("E703", what, help="give each a name of its own: name=a,b")]
    short, long = sorted((one, other), key=len)
    if long.startswith(f"{short}_"):
        what = f"all that belongs to '{long}' would begin with '{short}_', like all that belongs to '{short}'"
        return [SconnxError("E703", what, help="give other names: name=a,b")]
    return []


def _pairs(
    variable: str, words: tuple[str, str], text: str, names: Sequence[str], errors: list[SconnxError]
) -> list[tuple[str, str, str]]:
    """`image:sram`, of several models `a:image:sram`, as (model, image, sram); the first word may have colons.

    Args:
        words: what the two stand for.
    """
    found = []
    first, second = words
    for part in filter(None, text.split(",")):
        left, colon, right = part.rpartition(":")
        if not colon or not left:
            hint = f"{variable}={first.upper()}:{second.upper()}"
            errors.append(SconnxError("E702", f"{variable}={part} names no {second}", help=hint))
        else:
            found.append((*_scoped(variable, part, left, names, errors), right))
    return found


def _scoped(variable: str, shown: str, word: str, names: Sequence[str], errors: list[SconnxError]) -> tuple[str, str]:
    """(model, rest) of `model:rest`; where there is one model, the whole word is about it."""
    if len(names) == 1:
        return names[0], word
    model, colon, rest = word.partition(":")
    if not colon or model not in names:
        hint = f"begin with the model: {' or '.join(f'{name}:' for name in names)}"
        errors.append(SconnxError("E702", f"{variable}={shown} names no model", help=hint))
    return model, rest
