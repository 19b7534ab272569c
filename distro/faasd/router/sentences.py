"""What HAProxy itself answers: one plain sentence each, with the identifier of the call."""

ERRORS = {
    400: "This request is malformed or its headers are too large",
    408: "This request took too long to arrive",
    413: "The body of this request is longer than this node takes",
    500: "The router failed on this request",
    502: "The function closed the connection without a whole answer",
    503: "Nothing that could answer this request is running, or the queue is full",
    504: "The function did not answer in time",
}
"""By status; each needs no more words than these, and the call's identifier follows."""

UNKNOWN_FUNCTION = "There is no function %[var(txn.function)] on this node"
UNKNOWN_PATH = "There is nothing at this path; functions are at /function/NAME"


def sentence(text: str) -> str:
    """Return `text` as a quoted log-format string of HAProxy, with the call's identifier."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped} (call %[var(txn.call_id)]).\\n"'
