# SPDX-License-Identifier: Apache-2.0
"""`sconnx build kws.tflite target=cortex-m7 report`: the project's own build, in the current folder.

A target in the place of `build` is that target: `sconnx verify kws.tflite`. With `-o` it is the step of that name instead.
"""

from __future__ import annotations

import importlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.places import places
from sconnx.project.models import MODEL_SUFFIXES
from sconnx.project.options import build_options, model_options
from sconnx.project.scons_command import scons_command, scons_environment
from sconnx.project.settings import Settings, parse_settings
from sconnx.project.variables import ALIASES, help_text
from sconnx.report.show import has_problems, show_all
from sconnx.steps.names import STEPS
from sconnx.steps.outputs import write_outputs

SHORT = {"check": "import-check"}
DIRECT = ("import-check", "ops")
"""What needs neither a compiler nor a build folder."""


def names() -> tuple[str, ...]:
    """The words that a build begins with."""
    return ("build", *SHORT, *ALIASES)


def build(words: Sequence[str]) -> int:
    """Run it. Returns the exit status.

    Args:
        words: `build` or a target first; then models, `name=value`, targets, and options of SCons.

    Raises:
        SconnxError: of what runs without SCons, as `parse_settings` and the steps; E701, a word that is none of these.
    """
    target = SHORT.get(words[0], words[0])
    models = [word for word in words[1:] if "=" not in word and word.lower().endswith(MODEL_SUFFIXES)]
    rest = [word for word in words[1:] if word not in models]
    if models:
        rest.insert(0, f"model={','.join(models)}")
    if {"-h", "--help"} & set(rest):
        print(help_text())
        return 0
    if target in DIRECT:
        return _direct(target, rest)
    command = [*scons_command(), *rest, *([] if target == "build" else [target])]
    return subprocess.run(command, env=scons_environment(), check=False).returncode


def _direct(target: str, words: Sequence[str]) -> int:
    """Run a step for each model, or `ops`, and print what it found."""
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise SconnxError("E701", f"'{wrong[0]}' is neither a model nor name=value")
    settings = parse_settings(dict(word.split("=", 1) for word in words), needs_model=target != "ops")
    step = STEPS[target]
    module = importlib.import_module(f"sconnx.steps.{step.module}")
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, (options, inputs) in enumerate(_calls(target, settings)):
            files.append(Path(folder) / f"{number}.json")
            write_outputs(files[-1:], module.run({key: options[key] for key in step.options}, inputs)[:1])
        print(show_all(files))
        return int(has_problems(files))


def _calls(target: str, settings: Settings) -> list[tuple[Mapping[str, Any], list[Path]]]:
    """Options and inputs of each call of the step."""
    options = build_options(settings, [str(places().rules), *settings.rules])
    if target == "ops":
        return [(options, [])]
    return [({**options, **model_options(model)}, [Path(model.path)]) for model in settings.models]
