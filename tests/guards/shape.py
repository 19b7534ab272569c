"""Measures the shape of the code against docs and STYLE: `python -m tests.guards.shape PATH…`.

A module's length is its lines; a function's is its lines without decorators and docstring.
"""

import ast
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MODULE_MOST = 300
FUNCTION_MOST = 50
FUNCTION_NINE_IN_TEN = 20
GENERATED = "_pb2"


@dataclass(frozen=True)
class Length:
    """How long something is, and where it stands."""

    where: str
    lines: int


def main(paths: Sequence[str]) -> int:
    """Print the figures; return 1 if any is over its limit."""
    files = sorted(file for path in paths for file in Path(path).rglob("*.py"))
    files = [file for file in files if GENERATED not in file.name]
    modules = [Length(str(file), len(file.read_text().splitlines())) for file in files]
    functions = [length for file in files for length in _functions(file)]
    over = [m for m in modules if m.lines > MODULE_MOST]
    over += [f for f in functions if f.lines > FUNCTION_MOST]
    said = [
        f"{_figures('modules', [m for m in modules if m.lines])}; limit {MODULE_MOST}",
        f"{_figures('functions', functions)}; limit {FUNCTION_MOST}",
        *(f"too long: {length.where}, {length.lines} lines" for length in over),
    ]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if over or _nine_in_ten(functions) > FUNCTION_NINE_IN_TEN else 0


def _functions(file: Path) -> Iterator[Length]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Length(f"{file}:{node.lineno} {node.name}", _lines(node))


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return whole
    docstring = node.body[0]
    return whole - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def _figures(what: str, lengths: Sequence[Length]) -> str:
    median = statistics.median(length.lines for length in lengths)
    longest = max(lengths, key=lambda length: length.lines)
    return (
        f"{len(lengths)} {what}: median {median:g} lines, nine in ten at most "
        f"{_nine_in_ten(lengths)}, longest {longest.lines} ({longest.where})"
    )


def _nine_in_ten(lengths: Sequence[Length]) -> int:
    ordered = sorted(length.lines for length in lengths)
    return ordered[int(len(ordered) * 0.9)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
