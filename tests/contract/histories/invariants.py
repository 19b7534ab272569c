"""What holds whenever everything has settled, whatever happened before; each is told by its name.

Each is a pure function of what there shall be and what there is, and yields what is wrong.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from faasd.node.domain.container import TaskState, Workload
from tests.contract.histories.model import Wanted
from tests.contract.histories.stand import Seen

Plan = Mapping[str, Wanted]
"""Functions as they shall be, by name."""

Invariant = Callable[[Plan, Seen], Iterator[str]]


def wanted_is_what_was_asked(plan: Plan, seen: Seen) -> Iterator[str]:
    """No function that was deleted or refused is known, and none is missing."""
    if set(plan) != set(seen.functions):
        yield f"functions are {sorted(seen.functions)}, not {sorted(plan)}"


def wanted_is_actual(plan: Plan, seen: Seen) -> Iterator[str]:
    """A function that works has its containers, as many run as are wanted, and it says so."""
    for name, wanted in plan.items():
        if not wanted.asked.works or name not in seen.functions:
            continue
        view = seen.functions[name]
        shall = {view.function.container_id(number): number for number in range(view.function.kept)}
        found = {workload.id: workload for workload in seen.containers_of(name)}
        if set(found) != set(shall):
            yield f"{name} has containers {sorted(found)}, not {sorted(shall)}"
        for container, number in shall.items():
            if container in found and not _state_fits(found[container], wanted, number):
                yield f"{container} is {found[container].state}"
        word = "ready" if wanted.replicas else "asleep"
        if (view.state.word, view.state.available) != (word, wanted.replicas):
            yield f"{name} says {view.state}, not {word} with {wanted.replicas}"


def old_generations_are_gone(_plan: Plan, seen: Seen) -> Iterator[str]:
    """After an update, or one that was taken back, no container of another generation is left."""
    for workload in seen.containers:
        view = seen.functions.get(workload.name)
        if view is None or workload.generation != view.function.generation:
            yield f"{workload.id} is of no wanted generation"


def rotation_is_what_is_ready(plan: Plan, seen: Seen) -> Iterator[str]:
    """Calls go to every replica that answers, and to nothing else; the router's files agree."""
    for name in seen.functions:
        ready = seen.containers_of(name) if name in plan and plan[name].serves else []
        addresses = {each.address for each in ready if each.state is TaskState.RUNNING}
        if seen.rotation[name] != addresses:
            yield f"{name} is in rotation at {set(seen.rotation[name])}, not {addresses}"
    if seen.routed != {name: at for name, at in seen.rotation.items() if at}:
        yield f"the router's files say {seen.routed}, not {seen.rotation}"


def addresses_are_unique(_plan: Plan, seen: Seen) -> Iterator[str]:
    """No two containers have the same address, and each has one."""
    counts = Counter(workload.address for workload in seen.containers)
    yield from (f"{count} containers have {at}" for at, count in counts.items() if count > 1)
    if None in counts:
        yield "a container has no address"


def nothing_is_leaked(_plan: Plan, seen: Seen) -> Iterator[str]:
    """Roots, network namespaces, addresses, files, log pipes, tasks: one a container, no more."""
    owned = sorted(workload.id for workload in seen.containers)
    kinds = {
        "roots": seen.roots,
        "networks": sorted(network.container for network in seen.networks),
        "addresses": sorted(network.container for network in seen.networks if network.address),
        "files": seen.files,
        "log pipes": sorted(set(seen.pipes)),
    }
    for kind, found in kinds.items():
        if list(found) != owned:
            yield f"{kind} are of {list(found)}, containers are {owned}"
    lost = {task.id for task in seen.tasks} - set(owned)
    if lost:
        yield f"tasks of {sorted(lost)} have no container"


def containers_belong_to_functions(_plan: Plan, seen: Seen) -> Iterator[str]:
    """Nothing is left of what was deleted, nor more replicas than are wanted."""
    shall = {
        view.function.container_id(number)
        for view in seen.functions.values()
        for number in range(view.function.kept)
    }
    yield from (
        f"{each.id} is wanted by nobody" for each in seen.containers if each.id not in shall
    )


def budget_is_the_sum(plan: Plan, seen: Seen) -> Iterator[str]:
    """What the budget counts is what all wanted replicas ask for."""
    total = sum(wanted.memory for wanted in plan.values())
    if seen.requested != total:
        yield f"the budget counts {seen.requested} bytes, not {total}"


def what_is_broken_says_why(plan: Plan, seen: Seen) -> Iterator[str]:
    """A function that never gets ready serves nothing and gives the reason."""
    for name, wanted in plan.items():
        view = seen.functions.get(name)
        if wanted.asked.works or wanted.replicas == 0 or view is None:
            continue
        if view.state.available or view.state.word not in ("failed", "starting", "pending"):
            yield f"{name} is broken and says {view.state}"
        elif not view.state.reason:
            yield f"{name} does not say why it is {view.state.word}"


def what_was_taken_back_says_why(plan: Plan, seen: Seen) -> Iterator[str]:
    """A function whose update was rolled back tells of it."""
    for name, wanted in plan.items():
        view = seen.functions.get(name)
        tells = view is not None and "rolled back" in view.state.reason
        if wanted.taken_back and wanted.replicas and view is not None and not tells:
            yield f"{name} does not tell of its update: {view.state}"


INVARIANTS: tuple[Invariant, ...] = (
    wanted_is_what_was_asked,
    wanted_is_actual,
    old_generations_are_gone,
    rotation_is_what_is_ready,
    addresses_are_unique,
    nothing_is_leaked,
    containers_belong_to_functions,
    budget_is_the_sum,
    what_is_broken_says_why,
    what_was_taken_back_says_why,
)

BY_CALLS = "every_function_answers_as_its_generation"
"""Checked beside them, by calling each function that is awake."""


def check(plan: Plan, seen: Seen) -> list[str]:
    """Return everything that is wrong."""
    return [
        f"{invariant.__name__}: {wrong}"
        for invariant in INVARIANTS
        for wrong in invariant(plan, seen)
    ]


def _state_fits(workload: Workload, wanted: Wanted, number: int) -> bool:
    if number < wanted.replicas:
        return workload.state is TaskState.RUNNING
    asleep = [TaskState.NONE] + [TaskState.PAUSED] * (wanted.asked.depth == "paused")
    return workload.state in asleep
