# SPDX-License-Identifier: Apache-2.0
"""What a step says of each model of a firmware, in one document; of one model the document is what is said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.graph.json_form import check_schema

SCHEMA = "sconnx.models/1"


def of_models(documents: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One document of one or several."""
    return documents[0] if len(documents) == 1 else {"schema": SCHEMA, "models": list(documents)}


def by_model(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The documents that `of_models` was given."""
    return list(document["models"]) if document["schema"] == SCHEMA else [document]


def read_models(path: Path, schema: str) -> list[Mapping[str, Any]]:
    """The documents of a step's file. Raises ValueError when one of them is of another schema."""
    found = by_model(json.loads(path.read_text()))
    for document in found:
        check_schema(document, schema, path)
    return found
