"""How a process ended, in a sentence."""

KILLED = 137
"""Status of a process that SIGKILL ended."""


def describe_memory_kill(limit: str) -> str:
    """Say that the kernel killed a process for its memory.

    Args:
        limit: the function's limit as it was written; empty is none.
    """
    if limit:
        return f"killed: it used more than its memory limit of {limit}"
    return "killed: the machine had no memory left for it"


def describe_end(status: int, memory_kills: int, limit: str) -> str:
    """Say how a process ended.

    Args:
        status: its exit status, 128 + n where signal n ended it.
        memory_kills: processes of its container that were killed for their memory.
        limit: as in `describe_memory_kill`.
    """
    ended = f"its process exited with status {status}"
    if not memory_kills:
        return ended
    if status == KILLED:
        return describe_memory_kill(limit)
    return f"{ended}, after one of its processes was {describe_memory_kill(limit)}"
