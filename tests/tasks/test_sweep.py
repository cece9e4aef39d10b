"""The worker's look around: nothing to do is one look that takes no lock and writes nothing."""

from __future__ import annotations

from sqlalchemy import Connection, event

from engine.db import Database
from tasks import sweep
from tests.tasks.rig import NOW


def test_nothing_to_do_is_one_look_for_reading(db: Database) -> None:
    sweep.drain(db, NOW)  # a database never watched before gets its first turn
    begun: list[bool] = []

    def note(connection: Connection) -> None:
        begun.append(bool(connection.get_execution_options().get("read_only")))

    event.listen(db.engine, "begin", note)
    assert sweep.run_due(db, NOW) == 0
    assert begun == [True]
