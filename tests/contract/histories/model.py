"""What is asked of a node, and what it must come to: pure.

A function is `Wanted` as it shall be once everything has settled. Where a provider was killed while
it was asked, there are two ways in which it may have ended: as if it was asked, and as if not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from faasd.base.quantities import parse_memory

WORKING = ("serve", "stubborn")
BROKEN = ("silent", "exit")
"""Programs that get ready, and programs that never do."""

MOST = 4
ROOM = 1 << 30
DEFAULT_REQUEST = 16 << 20
FLAWS: Mapping[str, int] = {"image": 422, "label": 422, "number": 422, "secret": 422, "memory": 507}
"""What may be wrong with a deployment, and the status that refuses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A deployment.

    Attributes:
        mark: tells it from all others; its replicas answer with it.
    """

    mark: str
    program: str = "serve"
    least: int = 1
    memory: str = ""
    depth: str = "stopped"
    strategy: str = "rolling"

    @property
    def works(self) -> bool:
        """Whether its replicas get ready."""
        return self.program in WORKING

    @property
    def request(self) -> int:
        """Bytes that one replica counts."""
        return parse_memory(self.memory, field="memory") if self.memory else DEFAULT_REQUEST

    def clamp(self, replicas: int) -> int:
        """Return a number of replicas that its labels allow."""
        return min(max(replicas, self.least), MOST)

    def body(self, name: str, flaw: str = "") -> dict[str, object]:
        """Return it as JSON; with a flaw it is one that must be refused."""
        labels = {
            "com.openfaas.scale.min": str(self.least),
            "com.openfaas.scale.max": str(MOST),
            "com.openfaas.update.strategy": self.strategy,
            "com.openfaas.grace_period": "100ms",
            "faasd.sleep.depth": self.depth,
        }
        found: dict[str, object] = {
            "service": name,
            "image": f"docker.io/library/{self.program}:latest",
            "envVars": {"MARK": self.mark},
            "labels": labels,
            "requests": {"memory": self.memory},
        }
        flaws: dict[str, dict[str, object]] = {
            "image": {"image": "localhost/absent:latest"},
            "label": {"labels": labels | {"com.openfaas.scale.min": str(MOST + 1)}},
            "number": {"labels": labels | {"com.openfaas.scale.target": "-1"}},
            "secret": {"secrets": ["absent"]},
            "memory": {"requests": {"memory": str(ROOM + 1)}},
        }
        return found | flaws.get(flaw, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A function as it shall be.

    Attributes:
        taken_back: its last update never got ready: this is the generation before, and it says so.
    """

    asked: Asked
    replicas: int
    taken_back: bool = False

    @property
    def serves(self) -> bool:
        """Whether it answers calls without being woken."""
        return self.asked.works and self.replicas > 0

    @property
    def memory(self) -> int:
        """Bytes that it counts in the budget: asleep one replica's, if its processes are kept."""
        kept = max(self.replicas, int(self.asked.depth == "paused"))
        return kept * self.asked.request


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """POST a deployment, or PUT it."""

    name: str
    asked: Asked
    method: str = "POST"
    flaw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Ask for so many replicas."""

    name: str
    replicas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete a function."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Call a function, which wakes it."""

    name: str


Operation = Deploy | Scale | Delete | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The status that an operation is answered with, and what the function is to be after it."""

    status: int
    after: Wanted | None


def predict(operation: Operation, before: Wanted | None, others: int) -> Outcome:
    """Tell how an operation on a settled function ends.

    Args:
        operation: what is asked.
        before: what the function was.
        others: bytes that other functions ask for.
    """
    if isinstance(operation, Deploy):
        return _predict_deploy(operation, before, others)
    if before is None:
        return Outcome(status=404, after=None)
    match operation:
        case Delete():
            return Outcome(status=202, after=None)
        case Scale(replicas=replicas):
            after = replace(before, replicas=min(replicas, MOST))
            if not _fits(after, before, others):
                return Outcome(status=507, after=before)
            return Outcome(status=202, after=after)
        case Call():
            after = replace(before, replicas=before.replicas or before.asked.least)
            return Outcome(status=200 if after.serves else 503, after=after)


def _predict_deploy(operation: Deploy, before: Wanted | None, others: int) -> Outcome:
    asked = operation.asked
    if operation.method == "PUT" and before is None:
        return Outcome(status=404, after=None)
    if operation.flaw:
        return Outcome(status=FLAWS[operation.flaw], after=before)
    if before is not None and asked == before.asked:
        return Outcome(status=202, after=replace(before, taken_back=False))
    # One that sleeps is tried and sleeps on, as what it was where the try fails.
    is_asleep = before is not None and before.replicas == 0
    if before is not None and is_asleep and not asked.works:
        return Outcome(status=202, after=replace(before, taken_back=True))
    replicas = 0 if is_asleep else asked.clamp(before.replicas if before else 0)
    after = Wanted(asked=asked, replicas=replicas)
    if not _fits(after, before, others):
        return Outcome(status=507, after=before)
    if not asked.works and before is not None and before.serves:
        old = before.asked
        after = Wanted(asked=old, replicas=old.clamp(after.replicas), taken_back=True)
    return Outcome(status=202, after=after)


def _fits(after: Wanted, before: Wanted | None, others: int) -> bool:
    return after.memory <= (before.memory if before else 0) or after.memory + others <= ROOM
