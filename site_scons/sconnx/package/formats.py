# SPDX-License-Identifier: Apache-2.0
"""The forms of a package: one folder of templates per build system, and the archive.

Files of `templates/<format>/` become files of the package; NAME in a path stands for the package's name. Those of
`templates/common/` are in every package; `use.md` is a section of its README.md.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from sconnx.codegen.render import render
from sconnx.package.package import Package

TEMPLATES = Path(__file__).parent / "templates"
COMMON = "common"


def package_files(package: Package, form: str, licence: bytes) -> dict[str, bytes]:
    """All files of the package in one of `FORMATS`, by path."""
    use = render(f"{form}/use.md", TEMPLATES, package=package).decode("ascii")
    files = {f"src/{name}": content for name, content in package.files.items()} | {"LICENSE": licence}
    for folder in (COMMON, form):
        for path in sorted((TEMPLATES / folder).rglob("*.j2")):
            template = path.relative_to(TEMPLATES)
            target = template.relative_to(folder).with_suffix("").as_posix().replace("NAME", package.name)
            files[target] = render(template.as_posix(), TEMPLATES, package=package, form=form, use=use)
    return dict(sorted(files.items()))


def archive(files: Mapping[str, bytes], folder: str) -> bytes:
    """A .zip with the files in one folder: the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in files.items():
            # The earliest date that the format knows.
            entry = zipfile.ZipInfo(f"{folder}/{path}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return buffer.getvalue()
