# SPDX-License-Identifier: Apache-2.0
"""A bench as a Markdown page."""

from __future__ import annotations

from itertools import groupby

from sconnx.bench.bench import Bench
from sconnx.bench.cells import Table, cycle_table, layer_table, memory_table, summaries

HEAD = """\
# Benchmarks

Made by `./sconsw bench`; bench.json holds the same figures. Instructions are those of one inference, counted in the emulator,
callees and predicated instructions included. RAM and flash are what the linker placed: `arena` is activation RAM, `other flash`
is everything but weights and biases, board support included. `of speed` and `of ram` hold instructions and arena beside those of
`optimize=speed` and `optimize=ram` with the same policy for inputs. Estimated cycles are marked `est.`: a model of the
pipeline before memory without wait states, whose error ARCHITECTURE.md tells; cycles of others are measured milliseconds times
the clock of their board. MACs are those that are executed.
"""


def bench_page(bench: Bench) -> str:
    """All tables: summary and peers by model, then layers and bytes by build, then sources and flags."""
    parts = [HEAD]
    for title, tables in summaries(bench, lambda folder: None):
        parts.append(f"## {_escaped(title)}\n")
        parts += [page_table(table) for table in tables]
    parts.append("## Layers, and bytes by what they are for\n")
    for (model, target, toolchain), rows in groupby(bench.rows, key=lambda row: row.build):
        modes = list(rows)
        parts.append(f"### {model}, {target} on {modes[0].board}, {toolchain}\n")
        parts += [
            page_table(layer_table(bench, modes)),
            *([page_table(cycle_table(bench, modes))] if any(row.estimated_cycles for row in modes) else []),
            page_table(memory_table(modes, "RAM", lambda row: row.ram)),
            page_table(memory_table(modes, "flash", lambda row: row.flash)),
        ]
    parts.append(_notes(bench))
    return "\n".join(parts)


def page_table(table: Table) -> str:
    header, *rows = table.rows
    rule = ["---:" if letter == "r" else "---" for letter in table.align]
    lines = [f"| {' | '.join(map(_escaped, row))} |" for row in (header, rule, *rows)]
    return "\n".join([f"{table.title}:", "", *lines, ""])


def _escaped(word: str) -> str:
    return word.replace("|", "\\|").replace("<", "&lt;")


def _notes(bench: Bench) -> str:
    """Sources of the peers' figures, and the compilers' flags."""
    lines = ["## Sources\n"] if bench.sources else []
    lines += [f"- {each.name}: {each.version}. Counts {each.counts}. Source: {each.origin}." for each in bench.sources]
    lines += [*([""] if bench.sources else []), "## Flags\n"]
    flags = {f"{row.target}, {row.toolchain}, optimize={row.optimize}": " ".join(row.flags) for row in bench.rows}
    lines += [f"- {build}: `{words}`" for build, words in flags.items()]
    return "\n".join(lines) + "\n"
