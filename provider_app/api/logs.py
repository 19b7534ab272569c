"""``/system/logs``: a line of JSON for each line a function printed."""

import json
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, request

from faasd.node.domain.logs import LogLine
from provider_app.api.parts import parts
from provider_app.domain.log_query import parse_log_request
from provider_app.services.logs import LogStream

blueprint = Blueprint("logs", __name__)
NDJSON = "application/x-ndjson"


@blueprint.get("/system/logs")
def read_logs() -> Response:
    """Return a function's lines, the oldest first; with ``follow`` also those to come."""
    asked = parse_log_request(request.args)
    logs = parts().logs
    if asked.follow:
        return Response(_Body(logs.follow(asked.query, _caller())), content_type=NDJSON)
    return Response(_Body(logs.read(asked.query)), content_type=NDJSON)


class _Body:
    """Lines as bytes; a server closes it, whatever happens."""

    def __init__(self, stream: LogStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield b""  # The head of the answer goes out, though no line may come for long.
        for lines in self._stream:
            yield _write(lines)

    def close(self) -> None:
        self._stream.close()


def _write(lines: Sequence[LogLine]) -> bytes:
    return "".join(json.dumps(_line(line)) + "\n" for line in lines).encode()


def _line(line: LogLine) -> dict[str, str]:
    return {
        "name": line.name,
        "namespace": line.namespace,
        "instance": line.instance,
        "timestamp": line.timestamp,
        "text": line.text,
    }


def _caller() -> int | None:
    """Return the descriptor of the caller's connection, where the server tells."""
    connection = request.environ.get("gunicorn.socket")
    return None if connection is None else int(connection.fileno())
