"""Kernel modules: which of them a list of names needs, by what depmod wrote beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """The modules of one kernel.

    Attributes:
        paths: of each module by its name, below the kernel's directory.
        needs: paths that must be loaded before a path, as modules.dep has them.
        built_in: names of what is in the kernel itself.
        soft: names that a module asks for beside what it needs (modules.softdep).
    """

    paths: Mapping[str, str]
    needs: Mapping[str, Sequence[str]]
    built_in: frozenset[str]
    soft: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """What is needed, and which names no kernel of this kind has.

    Attributes:
        paths: in an order in which they can be loaded.
    """

    paths: tuple[str, ...]
    unknown: tuple[str, ...]


def read_modules(directory: Path) -> Modules:
    """Read what depmod wrote into ``/lib/modules/VERSION``."""
    needs = dict(_needs((directory / "modules.dep").read_text()))
    soft = directory / "modules.softdep"
    return Modules(
        paths={module_name(path): path for path in needs},
        needs=needs,
        built_in=frozenset(map(module_name, (directory / "modules.builtin").read_text().split())),
        soft=dict(_soft(soft.read_text())) if soft.is_file() else {},
    )


def module_name(path: str) -> str:
    """Return a module's name: the file's, where dashes and underscores are the same."""
    return PurePosixPath(path).name.split(".", 1)[0].replace("-", "_")


def find_closure(modules: Modules, names: Iterable[str]) -> Closure:
    """Return what `names` need; what is built in needs nothing."""
    ordered: dict[str, None] = {}
    unknown: list[str] = []
    for name in map(module_name, names):
        if name in modules.paths:
            _add(modules, name, ordered)
        elif name not in modules.built_in:
            unknown.append(name)
    return Closure(paths=tuple(ordered), unknown=tuple(unknown))


def trim_aliases(text: str, paths: Iterable[str]) -> str:
    """Return the lines of modules.alias that lead to one of `paths`."""
    kept = set(map(module_name, paths))
    lines = [line for line in text.splitlines() if module_name(line.rpartition(" ")[2]) in kept]
    return "".join(f"{line}\n" for line in lines)


def _add(modules: Modules, name: str, ordered: dict[str, None]) -> None:
    path = modules.paths[name]
    if path in ordered:
        return
    # What depmod lists first is loaded last.
    for needed in reversed(modules.needs[path]):
        _add(modules, module_name(needed), ordered)
    ordered[path] = None
    for wished in modules.soft.get(name, ()):
        if wished in modules.paths:
            _add(modules, wished, ordered)


def _needs(text: str) -> Iterable[tuple[str, Sequence[str]]]:
    for line in text.splitlines():
        path, _, needed = line.partition(":")
        yield path, needed.split()


def _soft(text: str) -> Iterable[tuple[str, Sequence[str]]]:
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["softdep"]:
            wished = [module_name(word) for word in words[2:] if not word.endswith(":")]
            yield module_name(words[1]), wished
