"""Yes and no in a query, as Go's ``strconv.ParseBool`` reads them."""

from faasd.base.errors import InvalidInput

_FLAGS = {
    **dict.fromkeys(("", "0", "f", "F", "false", "False", "FALSE"), False),
    **dict.fromkeys(("1", "t", "T", "true", "True", "TRUE"), True),
}


def parse_flag(text: str, *, field: str) -> bool:
    """Return a flag; empty is no.

    Raises:
        InvalidInput: it is neither; the sentence names `field`.
    """
    try:
        return _FLAGS[text]
    except KeyError:
        raise InvalidInput(f"{field} {text[:40]!r} must be true or false", field=field) from None
