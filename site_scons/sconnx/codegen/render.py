# SPDX-License-Identifier: Apache-2.0
"""Rendering: a template and a context of ready-made strings. No logic lives in the templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, templates: Path = TEMPLATES, /, **context: Any) -> bytes:
    """The rendered text of a file in the folder `templates`; a name that the context lacks is a bug and raises."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(template).render(**context).encode("ascii")
