"""Fixtures for all tests: the world from `processes/`, and both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.tables
from engine.calendar import load_calendar
from engine.db import Database, Tx, connect, metadata
from engine.terms import load_terms
from engine.world import World
from tests.servers import Postgres

PROCESSES = Path(__file__).parents[1] / "processes"
assert engine.tables is not None


@pytest.fixture(scope="session")
def world() -> World:
    return World(load_calendar(PROCESSES / "calendars"), load_terms(PROCESSES / "terms.toml"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest, tmp_path: Path, world: World) -> Iterator[Database]:
    """An empty database with all tables – every test that uses it runs on SQLite and on PostgreSQL."""
    url = f"sqlite:///{tmp_path}/test.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").database()
    found = Database(connect(url), world)
    metadata.create_all(found.engine)
    yield found
    found.engine.dispose()


@pytest.fixture
def tx(db: Database) -> Iterator[Tx]:
    with db.begin() as found:
        yield found
