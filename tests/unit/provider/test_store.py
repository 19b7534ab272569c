"""What is wanted survives."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from faasd.base.errors import NoRoom, Unavailable
from provider_app.domain.function import FunctionKey
from provider_app.services.database import VERSION, Database
from provider_app.services.namespace_store import NamespaceStore
from provider_app.services.store import Store
from tests.unit.provider.making import NAME, NAMESPACE, function
from tests.unit.provider.test_deployment import FULL

KEY = FunctionKey(namespace=NAMESPACE, name=NAME)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "below" / "functions.db")


@pytest.fixture
def database(path: str) -> Iterator[Database]:
    with closing(Database(path)) as made:
        yield made


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


@contextmanager
def opened(path: str) -> Iterator[Store]:
    with closing(Database(path)) as made:
        yield Store(made)


def test_a_function_is_found_again_as_it_was_stored(path: str, store: Store) -> None:
    wanted = function(generation=7, replicas=3, asked={**FULL, "namespace": NAMESPACE})

    store.put(wanted)

    with opened(path) as other:
        assert other.find(KEY) == store.find(KEY) == wanted
        assert other.list(NAMESPACE) == [wanted]
        assert other.list_keys() == [KEY]


def test_a_second_put_replaces_the_first(store: Store) -> None:
    store.put(function(generation=1))
    store.put(function(generation=2))

    assert [found.generation for found in store.list(NAMESPACE)] == [2]


def test_what_is_not_there_is_none_and_false(store: Store) -> None:
    assert store.find(KEY) is None
    assert not store.has(KEY)
    assert not store.remove(KEY)
    assert not store.set_replicas(KEY, 1)


def test_replicas_change_and_functions_go(store: Store) -> None:
    store.put(function())

    assert store.set_replicas(KEY, 4)
    assert store.find(KEY) == function(replicas=4)
    assert store.remove(KEY)
    assert not store.has(KEY)


def test_functions_of_namespaces_are_apart_and_listed_by_name(store: Store) -> None:
    base = function()
    for name, namespace in (("b", NAMESPACE), ("a", NAMESPACE), ("a", "other")):
        named = replace(base.deployment, name=name, namespace=namespace)
        store.put(replace(base, deployment=named))

    assert [found.deployment.name for found in store.list(NAMESPACE)] == ["a", "b"]
    assert len(store.list_keys()) == 3


def test_a_generation_is_never_given_twice(path: str, store: Store) -> None:
    first = [store.next_generation() for _ in range(3)]
    store.remove(KEY)
    with opened(path) as other:
        second = [other.next_generation() for _ in range(3)]

    assert sorted({*first, *second}) == first + second == [1, 2, 3, 4, 5, 6]


def test_a_database_of_a_newer_version_is_left_as_it_is(path: str) -> None:
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")

    with pytest.raises(Unavailable, match="newer version"):
        Database(path)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "functions.db").write_bytes(b"not a database at all" * 100)

    with pytest.raises(Unavailable, match="store of functions"):
        Database(str(tmp_path / "functions.db"))


def test_a_full_disk_is_no_room_and_the_store_goes_on_when_there_is(
    database: Database, store: Store
) -> None:
    connection = database._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    large = function(asked={"envVars": {f"A{number}": "x" * 9000 for number in range(20)}})

    with pytest.raises(NoRoom, match="full"):
        store.put(large)
    connection.execute("PRAGMA max_page_count = 100000")
    store.put(large)

    assert store.find(KEY) == large


def test_what_was_answered_survives_a_kill_at_any_moment(path: str) -> None:
    Database(path).close()
    program = textwrap.dedent(
        f"""
        from provider_app.services.database import Database
        from provider_app.services.store import Store
        from tests.unit.provider.making import function
        store = Store(Database({path!r}))
        while True:
            generation = store.next_generation()
            store.put(function(generation=generation))
            print(generation, flush=True)
        """
    )
    environment = os.environ | {"PYTHONPATH": f"{ROOT}/distro:{ROOT}"}
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
        ) as writer:
            assert writer.stdout
            answered = [int(writer.stdout.readline()) for _ in range(5)]
            writer.send_signal(signal.SIGKILL)
            answered += [int(line) for line in writer.stdout.read().split()]

        with opened(path) as store:
            found = store.find(KEY)
            assert found is not None
            assert found.generation >= answered[-1]
            assert store.next_generation() > found.generation


def test_a_namespace_that_goes_takes_its_updates_under_way_along(path: str) -> None:
    with closing(Database(path)) as database:
        store, namespaces = Store(database), NamespaceStore(database)
        store.put(function(1))
        store.put(function(2), keep_previous=True)
        namespaces.leave(NAMESPACE)
        namespaces.forget(NAMESPACE)

        store.put(function(3))

        assert store.find_previous(KEY) is None


def test_awakening_is_seen_at_once_and_outlives_the_process(path: str) -> None:
    program = f"""
        import os
        from provider_app.services.database import Database
        from provider_app.services.store import Store
        from tests.unit.provider.test_store import KEY
        store = Store(Database({path!r}))
        assert store.awaken(KEY, 3)
        assert store.find(KEY).replicas == 3
        os._exit(9)
    """
    with opened(path) as store:
        store.put(function(replicas=0))
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'distro'}:{ROOT}"},
        timeout=60,
        check=False,
    )

    assert ran.returncode == 9
    with opened(path) as store:
        found = store.find(KEY)
        assert found is not None
        assert found.replicas == 3


def test_after_an_awakening_writes_wait_for_the_disk_again(database: Database) -> None:
    store = Store(database)
    store.put(function(replicas=0))
    store.awaken(KEY, 1)

    assert database.query("PRAGMA synchronous") == [(2,)]
    assert not store.awaken(replace(KEY, name="nobody"), 1)


def test_a_trial_begins_with_what_is_tried_in_one_step(path: str) -> None:
    class Counting(Database):
        steps = 0

        @contextmanager
        def transaction(self) -> Iterator[sqlite3.Connection]:
            self.steps += 1
            with super().transaction() as connection:
                yield connection

    with closing(Counting(path)) as database:
        store = Store(database)
        store.put(function(1, replicas=0))
        before = database.steps

        store.put(function(2, replicas=0), keep_previous=True, trial=True)

        assert database.steps == before + 1
        assert store.sleeps.find(KEY).trial == 2
