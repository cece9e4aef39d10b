"""The demo district with every process of the house, on both databases; files go to the test's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from casework import seed
from engine.db import Database, Tx, metadata
from tasks.runtime import Settings, deploy, make_world
from tests.conftest import BOTH, PROCESSES, copied
from tests.tasks.rig import NOW


@pytest.fixture(params=BOTH)
def district(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    world = make_world(Settings(data=tmp_path, processes=PROCESSES), lambda: None)

    def fill(engine: Engine) -> None:
        metadata.create_all(engine)
        with Database(engine, world).transaction() as tx:
            seed.seed_demo(tx, NOW)
            deploy(tx, PROCESSES, NOW)

    found = Database(copied(request, tmp_path, "district", fill), world)
    yield found
    found.engine.dispose()


@pytest.fixture
def tx(district: Database) -> Iterator[Tx]:
    """A transaction in that district, rolled back at the end."""
    with district.begin() as found:
        yield found
