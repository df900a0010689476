# SPDX-License-Identifier: Apache-2.0
"""ExportLib: a named set of implementations, and how the folders of rules are loaded.

A rule file lies in `<rules folder>/<lib>/` and registers its implementations:

    from export_rules.generic import generic

    @generic.register("Conv2D", ImplSpec(inputs=(S8, S8, S32), outputs=(S8,)))
    class Conv2DRows(Implementation): ...

The folders are searched as one Python package `export_rules`, the project's own first, so that a user's folder may add files
to a known lib or bring a lib of its own.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from sconnx.errors import SconnxError
from sconnx.export.access import Access
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec

if TYPE_CHECKING:
    from sconnx.codegen.c_value import CValue
    from sconnx.graph.params import Params


class Implementation:
    """How one operator is exported. Subclasses hold no state and contain no C text.

    Class attributes:
        header: the header that declares the kernel and its parameter struct; empty when there is no kernel.
        params_type: the C type of the parameter struct.
    """

    header: ClassVar[str] = ""
    params_type: ClassVar[str] = ""

    def reject(self, node: ExportNode) -> str | None:
        """Why this implementation cannot take a node whose operands fit the ImplSpec, or None."""
        return None

    def kernel(self, node: ExportNode) -> str:
        """The C function; it is defined in <function>.c of the lib's kernel folder. Empty for an `Alias`."""
        raise NotImplementedError

    def access(self, node: ExportNode) -> Access:
        """In which order the kernel reads and writes."""
        raise NotImplementedError

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        """Positions of the inputs that the kernel gets as rows; the others are packed into its parameters."""
        return (0,)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        """The fields of the parameter struct."""
        return {}


_Rule = TypeVar("_Rule", bound=type[Implementation])


class ExportLib:
    """A named set of implementations, keyed by operator and ImplSpec.

    Args:
        name: as it stands in the preference lists of the targets.
        kernels: folder of its kernels, within a kernels folder.
    """

    def __init__(self, name: str, kernels: str) -> None:
        self.name = name
        self.kernels = kernels
        self._implementations: dict[tuple[str, ImplSpec], Implementation] = {}

    def register(self, operator: str, spec: ImplSpec) -> Callable[[_Rule], _Rule]:
        """Class decorator. Raises TypeError when operator and spec, or operator and class name, are taken already."""

        def decorate(implementation: _Rule) -> _Rule:
            key = (operator, spec)
            if key in self._implementations:
                taken = type(self._implementations[key]).__qualname__
                raise TypeError(
                    f"{self.name}: {operator} is registered twice for {spec}: {taken}, {implementation.__qualname__}"
                )
            name = implementation.__name__
            for (other, _), known in self._implementations.items():
                if other == operator and type(known) is not implementation and type(known).__name__ == name:
                    raise TypeError(f"{self.name}: two implementations of {operator} are called {name}")
            self._implementations[key] = implementation()
            return implementation

        return decorate

    def candidates(self, operator: str) -> list[tuple[ImplSpec, Implementation]]:
        """Implementations of an operator, the most specific first, then by name."""
        found = [(spec, impl) for (name, spec), impl in self._implementations.items() if name == operator]
        return sorted(found, key=lambda pair: (-pair[0].specificity, type(pair[1]).__qualname__))

    @property
    def operators(self) -> list[str]:
        return sorted({operator for operator, _ in self._implementations})


def _rule_modules(folders: Sequence[Path]) -> list[tuple[str, ...]]:
    """The rule files as module names below `export_rules`, sorted, so that a package comes before what is in it."""
    found = set()
    for folder in folders:
        for path in folder.glob("*/**/*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found.add(parts[:-1] if parts[-1] == "__init__" else parts)
    return sorted(found)


def load_libs(folders: tuple[Path, ...]) -> dict[str, ExportLib]:
    """Import every rule file below the folders and return the libs by name. Raises SconnxError E606 for a bad file."""
    package = types.ModuleType("export_rules")
    for name in [name for name in sys.modules if name.split(".")[0] == "export_rules"]:
        del sys.modules[name]
    sys.modules["export_rules"] = package
    libs: dict[str, ExportLib] = {}
    for parts in [(), *_rule_modules(folders)]:
        try:
            loaded = importlib.import_module(".".join(("export_rules", *parts)))
        except Exception as error:
            path = "/".join(parts)
            raise SconnxError("E606", f"rule '{path}' cannot be loaded", where="rules", why=repr(error)) from error
        if loaded is package or hasattr(loaded, "__path__"):
            # A lib may have files in several folders.
            loaded.__path__ = [str(folder.joinpath(*parts)) for folder in folders if folder.joinpath(*parts).is_dir()]
        for value in vars(loaded).values():
            if isinstance(value, ExportLib) and libs.setdefault(value.name, value) is not value:
                raise SconnxError("E607", f"two libs have the name '{value.name}'", where="rules")
    return libs
