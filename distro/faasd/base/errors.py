"""The one tree of errors. It knows nothing of HTTP: `faasd.http` maps it to statuses.

Every error is a sentence that says what went wrong, where, and what to do about it. Errors of
input also name the `field` of the request that is at fault.
"""


class FaasdError(Exception):
    """Anything this distribution raises on purpose.

    Attributes:
        field: the name of the request's field at fault, e.g. ``limits.memory``, or ``""``.
    """

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class InvalidInput(FaasdError):
    """The input is malformed: it could never be right, whatever the node's state."""


class Unsatisfiable(FaasdError):
    """The input is well-formed, but this node cannot do what it asks (an unknown image, say)."""


class NotFound(FaasdError):
    """What the input names does not exist."""


class AlreadyExists(FaasdError):
    """What the input would create exists already."""


class InUse(FaasdError):
    """What the input would remove is needed by something else."""


class TooLarge(FaasdError):
    """The input is larger than the node takes."""


class NoRoom(FaasdError):
    """The node has no memory, disk, address or slot left for it."""


class Overloaded(FaasdError):
    """The node is too busy now; the same request may succeed a little later."""


class Unavailable(FaasdError):
    """Something this node depends on does not answer: containerd, a registry, a function."""


class BadAnswer(FaasdError):
    """What was asked answered nothing that can be passed on."""


class TimedOut(FaasdError):
    """It took longer than it may."""


class Unauthorized(FaasdError):
    """The caller's credentials are missing or wrong."""
