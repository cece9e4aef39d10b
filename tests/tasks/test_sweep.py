"""The worker's look around: nothing to do is one look that writes nothing."""

from __future__ import annotations

from sqlalchemy import event

from engine.db import Database
from tasks import sweep
from tests.tasks.rig import NOW


def test_nothing_to_do_is_a_look_that_commits_nothing(db: Database) -> None:
    sweep.drain(db, NOW)  # a database never watched before gets its first turn
    commits: list[object] = []
    event.listen(db.engine, "commit", commits.append)
    assert sweep.run_due(db, NOW) == 0
    assert commits == []
