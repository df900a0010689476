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

from sconnx.errors import SconnxError, raise_all
from sconnx.export.access import Access
from sconnx.export.manifest import OPERATORS
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Operator
from sconnx.graph.recipe import Recipe
from sconnx.graph.recipes import RECIPES
from sconnx.project.nearest import nearest

if TYPE_CHECKING:
    from sconnx.codegen.c_value import CValue
    from sconnx.graph.params import Params


class Implementation:
    """How one operator is exported. Subclasses hold no state and contain no C text.

    Class attributes:
        header: the header that declares the kernel and its parameter struct; empty when there is no kernel.
        params_type: the C type of the parameter struct.
        source: the C file that defines the kernel, without `.c`, where it is not called as the kernel: a family of small
            functions of which a linker takes what is used.
    """

    header: ClassVar[str] = ""
    params_type: ClassVar[str] = ""
    source: ClassVar[str] = ""

    def reject(self, node: ExportNode) -> str | None:
        """Why this implementation cannot take a node whose operands fit the ImplSpec, or None."""
        return None

    def kernel(self, node: ExportNode) -> str:
        """The C function, defined in <function>.c or in `source` of the lib's kernels folder. Not asked for an `Alias`."""
        raise NotImplementedError

    def access(self, node: ExportNode) -> Access:
        """In which order the kernel reads and writes."""
        raise NotImplementedError

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        """Positions of the inputs that the kernel gets as rows; the others are packed into its parameters."""
        return (0,)

    def scratch_bytes(self, node: ExportNode) -> int:
        """Bytes that the kernel needs while it runs; it gets them as a fourth argument when they are not 0."""
        return 0

    def packed_bytes(self, node: ExportNode) -> int | None:
        """Bytes of the arrays `weights` and `bias` that `pack` makes, if they may be more than the node's own constants."""
        return None

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        """The fields of the parameter struct."""
        return {}


_Rule = TypeVar("_Rule", bound=type[Implementation])


class ExportLib:
    """A named set of implementations, keyed by operator and ImplSpec.

    Args:
        name: as it stands in the preference lists of the targets; also that of its kernels folder.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._implementations: dict[tuple[str, ImplSpec], Implementation] = {}
        self._recipes: dict[str, Recipe] = {}

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
        """Implementations of an operator: more CPU features first, then more fixed facts of the operands, then by name."""

        def order(pair: tuple[ImplSpec, Implementation]) -> tuple[int, int, str, str]:
            spec, implementation = pair
            features, facts = spec.specificity
            text = f"{spec.inputs}{spec.outputs}{sorted(spec.features)}"
            return -features, -facts, type(implementation).__qualname__, text

        found = [(spec, impl) for (name, spec), impl in self._implementations.items() if name == operator]
        return sorted(found, key=order)

    def define(self, recipe: Recipe) -> None:
        """Add a MetaOperator that sconnx does not know by name. Raises TypeError when the name means something else."""
        if recipe.name in Operator.types:
            raise TypeError(f"{self.name}: the recipe {recipe.name} has the name of an operator")
        if RECIPES.get(recipe.name, recipe) != recipe or self._recipes.get(recipe.name, recipe) != recipe:
            raise TypeError(f"{self.name}: the recipe {recipe.name} is defined already, with another structure")
        self._recipes[recipe.name] = recipe

    @property
    def operators(self) -> list[str]:
        """Names of the operators and MetaOperators that are registered."""
        return sorted({operator for operator, _ in self._implementations})

    @property
    def recipes(self) -> list[Recipe]:
        """Recipes of the MetaOperators that are registered, the largest first."""
        known = RECIPES | self._recipes
        found = [known[operator] for operator in self.operators if operator in known]
        return sorted(found, key=lambda recipe: (-len(recipe.members), recipe.name))


def _rule_modules(folders: Sequence[Path]) -> list[tuple[str, ...]]:
    """The rule files as module names below `export_rules`, sorted, so that a package comes before what is in it."""
    found = set()
    for folder in folders:
        for path in folder.glob("*/**/*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found.add(parts[:-1] if parts[-1] == "__init__" else parts)
    return sorted(found)


def _load(folders: Sequence[Path], modules: Sequence[tuple[str, ...]]) -> list[types.ModuleType]:
    """Import modules of `export_rules`. Raises SconnxError E606 for a file that cannot be loaded."""
    loaded = []
    for parts in modules:
        try:
            module = importlib.import_module(".".join(("export_rules", *parts)))
        except Exception as error:
            path = "/".join(parts)
            raise SconnxError("E606", f"rule '{path}' cannot be loaded", where="rules", why=repr(error)) from error
        if hasattr(module, "__path__"):
            # A lib may have files in several folders.
            module.__path__ = [str(folder.joinpath(*parts)) for folder in folders if folder.joinpath(*parts).is_dir()]
        loaded.append(module)
    return loaded


def _open_package(folders: Sequence[Path]) -> None:
    """Make `export_rules` the package of these folders, forgetting any other."""
    package = types.ModuleType("export_rules")
    package.__path__ = [str(folder) for folder in folders]
    for name in [name for name in sys.modules if name.split(".")[0] == "export_rules"]:
        del sys.modules[name]
    sys.modules["export_rules"] = package


def load_operators(folders: Sequence[Path]) -> None:
    """Import what the folders say of operators that sconnx does not know: the files of their subfolders `operators`.

    Such a file defines the Operator, its translation from the model file, and its reference function.
    """
    _open_package(folders)
    _load(folders, [parts for parts in _rule_modules(folders) if parts[0] == OPERATORS])


def load_libs(folders: Sequence[Path]) -> dict[str, ExportLib]:
    """Import every rule file below the folders and return the libs by name.

    Raises:
        SconnxError: E606 a file cannot be loaded, E607 two libs have one name, E608 (all) operators that nobody defines.
    """
    _open_package(folders)
    libs: dict[str, ExportLib] = {}
    for module in _load(folders, _rule_modules(folders)):
        for value in vars(module).values():
            if isinstance(value, ExportLib) and libs.setdefault(value.name, value) is not value:
                raise SconnxError("E607", f"two libs have the name '{value.name}'", where="rules")
    raise_all([error for name in sorted(libs) for error in _unknown_operators(libs[name])])
    return libs


def _unknown_operators(lib: ExportLib) -> list[SconnxError]:
    """What a lib registers that is neither an operator nor a recipe: no node could ever ask for it."""
    recipes = {recipe.name for recipe in lib.recipes}
    known = (*Operator.types, *RECIPES)
    return [
        SconnxError(
            "E608",
            f"lib '{lib.name}' registers '{name}', which is no operator",
            where="rules",
            help=nearest(name, known),
        )
        for name in lib.operators
        if name not in Operator.types and name not in recipes
    ]
