"""The demo district with every process of the house, on both databases; files go to the test's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casework import seed
from engine.db import Database, Tx
from tasks.runtime import Settings, deploy, make_world
from tests.conftest import PROCESSES
from tests.tasks.rig import NOW


@pytest.fixture
def district(db: Database, tmp_path: Path) -> Database:
    db.world = make_world(Settings(data=tmp_path, processes=PROCESSES), lambda: None)
    with db.transaction() as tx:
        seed.seed_demo(tx, NOW)
        deploy(tx, PROCESSES, NOW)
    return db


@pytest.fixture
def tx(district: Database) -> Iterator[Tx]:
    """A transaction in that district, rolled back at the end."""
    with district.begin() as found:
        yield found
