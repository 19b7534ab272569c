"""The budget is what was asked for at one moment, whatever ends while it is added up."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Thread

from provider_app.config import ProviderConfig
from provider_app.domain.function import FunctionKey
from provider_app.services.claims import Claims
from provider_app.services.database import Database, Row, Values
from provider_app.services.room import Room
from provider_app.services.store import Store
from tests.unit.provider.making import NAME, NAMESPACE, function

KEY = FunctionKey(namespace=NAMESPACE, name=NAME)
ASKED = {"requests": {"memory": "64Mi"}}


class Interrupted(Database):
    """Lets another thread do something right after the first of the budget's questions."""

    meanwhile: Callable[[], object] | None = None
    other: Thread | None = None

    def query(self, query: str, values: Values = ()) -> Sequence[Row]:
        found = super().query(query, values)
        if "SUM(" in query and self.meanwhile is not None:
            self.other, self.meanwhile = Thread(target=self.meanwhile), None
            self.other.start()
            self.other.join(0.5)
        return found


def test_an_update_that_is_done_while_it_is_added_up_counts(tmp_path: Path) -> None:
    with closing(Interrupted(str(tmp_path / "functions.db"))) as database:
        store = Store(database)
        store.put(function(1, asked=ASKED))
        store.put(function(2, asked=ASKED), keep_previous=True)
        room = Room(Claims(database, store), store.sleeps, 1 << 30, ProviderConfig())
        database.meanwhile = lambda: store.settle(KEY, 2)

        assert room.use().requested == 64 << 20

        assert database.other is not None
        database.other.join()
        assert store.find_previous(KEY) is None
        assert room.use().requested == 64 << 20
