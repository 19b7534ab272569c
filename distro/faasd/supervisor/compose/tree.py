"""YAML → a tree of text, every scalar as it is written: ``no`` is no boolean, ``22:22`` no number.

Only null and merge keys (``<<``) keep their YAML meaning.
"""

from collections.abc import Mapping
from typing import TypeAlias

import yaml

from faasd.base.errors import InvalidInput
from faasd.supervisor.compose.interpolate import interpolate
from faasd.supervisor.compose.where import Where

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree] | None"

_DEEPEST = 20


_KEPT = (":null", ":merge")


class _Loader(yaml.SafeLoader):
    """SafeLoader that leaves scalars alone and refuses a key given twice."""

    # The argument is text or None in truth; it is annotated as in PyYAML's type stubs.
    def compose_mapping_node(self, anchor: dict[object, yaml.Node]) -> yaml.MappingNode:
        """Compose a mapping whose keys differ; those merged in by ``<<`` may be overridden."""
        node = super().compose_mapping_node(anchor)
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        seen: set[str] = set()
        for key in keys:
            if key.value in seen:
                problem = f"key {key.value!r} is there twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return node


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith(_KEPT)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_tree(text: str, file: str) -> Tree:
    """Parse YAML.

    Raises:
        InvalidInput: it is no YAML; the sentence names file and line.
    """
    try:
        loaded: object = yaml.load(text, _Loader)  # noqa: S506  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f" line {mark.line + 1}" if mark else ""
        raise InvalidInput(f"{file}{line}: is no valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidInput(f"{file}: is no valid YAML: {error}") from error
    return _checked(loaded, Where(file=file), _DEEPEST)


def fill_in(tree: Tree, variables: Mapping[str, str], where: Where) -> Tree:
    """Return the tree with variables in its values (not its keys) replaced."""
    if isinstance(tree, str):
        return interpolate(tree, variables, where)
    if isinstance(tree, list):
        return [fill_in(item, variables, where.item(n)) for n, item in enumerate(tree)]
    if isinstance(tree, dict):
        return {key: fill_in(value, variables, where.at(key)) for key, value in tree.items()}
    return None


def _checked(node: object, where: Where, depth: int) -> Tree:
    if depth == 0:
        raise where.wrong(f"is nested deeper than {_DEEPEST} levels")
    if node is None or isinstance(node, str):
        return node
    if isinstance(node, list):
        return [_checked(item, where.item(n), depth - 1) for n, item in enumerate(node)]
    if isinstance(node, dict) and all(isinstance(key, str) for key in node):
        return {key: _checked(value, where.at(key), depth - 1) for key, value in node.items()}
    raise where.wrong("holds something that is no text, list or mapping with named keys")
