"""Reading typed fields from JSON, as Go's decoder does: null and absent are the same."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, cast

from faasd.base.errors import InvalidInput

MAX_ITEMS = 256
MAX_TEXT = 64 * 1024

Json = Mapping[str, object]
_SURROGATE = re.compile("[\ud800-\udfff]")
"""What JSON can escape and UTF-8 cannot write."""


def parse_json(content: bytes) -> object:
    """Return a body's JSON (RFC 8259): in UTF-8, without NaN, no name twice in one object.

    Raises:
        InvalidInput: it is none; the sentence shows nothing of it, where a secret may be.
    """
    try:
        return cast(
            "object",
            json.loads(
                content.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant
            ),
        )
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"the body is no JSON: byte {error.start} is no UTF-8", field="body"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the body is no JSON: {str(error)[:200]}", field="body") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidInput(f"the body names {name[:80]!r} twice in one object", field="body")
        found[name] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def read_object(value: object, field: str) -> Json:
    """Return a JSON object, empty where it is null.

    Raises:
        InvalidInput: it is something else.
    """
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise _wrong(field, "an object", value)


def read_text(body: Json, key: str, field: str = "") -> str:
    """Return a string, empty where it is null or absent.

    Raises:
        InvalidInput: it is something else, too long, or holds a NUL.
    """
    return _text(body.get(key), field or key)


def read_flag(body: Json, key: str) -> bool:
    """Return a boolean, False where it is null or absent.

    Raises:
        InvalidInput: it is something else.
    """
    value = body.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _wrong(key, "true or false", value)


def read_number(body: Json, key: str) -> int:
    """Return a whole number that must be there.

    Raises:
        InvalidInput: it is missing, or something else.
    """
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f"{key} must be a whole number", field=key)
    return value


def read_texts(body: Json, key: str) -> Sequence[str]:
    """Return a list of strings, empty where it is null or absent.

    Raises:
        InvalidInput: it is something else, or too long.
    """
    value = body.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _wrong(key, "a list of strings", value)
    _check_count(value, key)
    return tuple(_text(item, f"{key}[{number}]") for number, item in enumerate(value))


def read_map(body: Json, key: str) -> Mapping[str, str]:
    """Return a map of strings, empty where it is null or absent.

    Raises:
        InvalidInput: it is something else, or too long.
    """
    value = read_object(body.get(key), key)
    _check_count(value, key)
    return {
        _text(name, f"{key} {str(name)[:40]!r}"): _text(text, f"{key}[{json.dumps(name[:80])}]")
        for name, text in value.items()
    }


def _text(value: object, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(field, "a string", value)
    if len(value) > MAX_TEXT:
        raise InvalidInput(f"{field} is longer than {MAX_TEXT} characters", field=field)
    if "\0" in value:
        raise InvalidInput(f"{field} must not contain a NUL character", field=field)
    if _SURROGATE.search(value):
        raise InvalidInput(f"{field} must not contain half of a surrogate pair", field=field)
    return value


def _check_count(value: Sequence[object] | Json, field: str) -> None:
    if len(value) > MAX_ITEMS:
        raise InvalidInput(f"{field} has more than {MAX_ITEMS} entries", field=field)


def _wrong(field: str, wanted: str, value: object) -> InvalidInput:
    kinds = {bool: "a boolean", dict: "an object", list: "a list", str: "a string"}
    found = kinds.get(type(value), "a number")
    return InvalidInput(f"{field} must be {wanted}, not {found}", field=field)
