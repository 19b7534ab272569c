"""Reads a compose file and the env files it names."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from faasd.base.errors import InvalidInput, NotFound
from faasd.supervisor.compose.environment import parse_env_file
from faasd.supervisor.compose.file import parse_compose
from faasd.supervisor.compose.values import CoreService


def load_compose(path: Path, variables: Mapping[str, str]) -> tuple[CoreService, ...]:
    """Return the services of the file at `path` in start order, env files read into them.

    ``${NAME}`` takes `variables` first, then the file ``.env`` beside the compose file.

    Raises:
        NotFound: the file, or an env file, is not there.
        InvalidInput: one is malformed; the sentence names file, service and key.
    """
    beside = path.parent / ".env"
    known = parse_env_file(_read(beside), str(beside)) if beside.is_file() else {}
    services = parse_compose(_read(path), {**known, **variables}, str(path))
    return tuple(_with_env_files(service, path.parent) for service in services)


def _with_env_files(service: CoreService, directory: Path) -> CoreService:
    environment: dict[str, str] = {}
    for name in service.env_files:
        file = directory / name
        environment |= parse_env_file(_read(file), str(file))
    return replace(service, environment={**environment, **service.environment})


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: is no UTF-8 text") from error
    except OSError as error:
        raise NotFound(f"{path}: cannot be read: {error.strerror}") from error
