# SPDX-License-Identifier: Apache-2.0
"""What `sconnx_add_model` asks for: a file with one `name=value` per line, as the variables of sconnx."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sconnx.places import places
from sconnx.project.library_settings import library_settings
from sconnx.project.models import ModelSettings
from sconnx.project.options import build_options, model_options
from sconnx.project.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """One model for one target. Paths are relative to the folder that commands run in: that of the CMakeLists.txt."""

    settings: Settings

    @property
    def model(self) -> ModelSettings:
        return self.settings.models[0]

    @property
    def rules(self) -> tuple[Path, ...]:
        """The folders of rules, that of sconnx first."""
        return (places().rules, *map(Path, self.settings.rules))

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of all steps."""
        rules = [str(folder) for folder in self.rules]
        return {**build_options(self.settings, rules), **model_options(self.model), "pins": self.model.pins}


def read_request(path: Path, *, is_model_made: bool) -> Request:
    """Read and check it.

    Args:
        is_model_made: whether another command of the build may still have to make the model.

    Raises:
        SconnxError: all problems at once, as `library_settings`.
    """
    values = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
    name, model = values.pop("name"), values.pop("model")
    return Request(library_settings({name: model}, values, made=[model] if is_model_made else []))
