# SPDX-License-Identifier: Apache-2.0
"""The keywords of JSON Schema draft 2020-12 that our schemas use, after its specification; another keyword is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description"}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def problems(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: str = "$") -> Iterator[str]:
    """Where a document is not as its schema says."""
    for keyword, rule in schema.items():
        if keyword in ANNOTATIONS:
            continue
        yield from _check(keyword, rule, value, schema, root, path)


def _check(
    keyword: str, rule: Any, value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match keyword:
        case "$ref":
            yield from problems(value, root["$defs"][rule.removeprefix("#/$defs/")], root, path)
        case "type":
            if not any(_is(value, name) for name in ([rule] if isinstance(rule, str) else rule)):
                yield f"{path}: {value!r} is no {rule}"
        case "const" | "enum":
            if value not in (rule if keyword == "enum" else [rule]):
                yield f"{path}: {value!r} is not {rule!r}"
        case "minimum":
            if is_number and value < rule:
                yield f"{path}: {value!r} is below {rule}"
        case "pattern":
            if isinstance(value, str) and not re.search(rule, value):
                yield f"{path}: {value!r} is not like {rule}"
        case "minItems" | "maxItems":
            if isinstance(value, list) and (len(value) < rule if keyword == "minItems" else len(value) > rule):
                yield f"{path}: {len(value)} items"
        case "items":
            for position, item in enumerate(value) if isinstance(value, list) else ():
                yield from problems(item, rule, root, f"{path}[{position}]")
        case "anyOf":
            if all(list(problems(value, one, root, path)) for one in rule):
                yield f"{path}: fits none of {len(rule)}"
        case "required":
            yield from (f"{path}: lacks {name}" for name in rule if isinstance(value, dict) and name not in value)
        case "properties":
            for name in value.keys() & rule.keys() if isinstance(value, dict) else ():
                yield from problems(value[name], rule[name], root, f"{path}.{name}")
        case "additionalProperties":
            assert rule is False
            known = schema["properties"]
            yield from (
                f"{path}: has {name}" for name in (value if isinstance(value, dict) else ()) if name not in known
            )
        case _:
            raise ValueError(f"{path}: keyword {keyword} is not known here")


def _is(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))
