"""Fixtures for all tests: the world from `processes/`, and both databases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

import engine.db
import engine.tables
from engine.calendar import load_calendar
from engine.db import Database, Tx, connect, metadata
from engine.terms_file import load_terms
from engine.world import World
from tests.servers import Postgres, in_memory

PROCESSES = Path(__file__).parents[1] / "processes"
assert engine.tables is not None
if in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(in_memory()))


@pytest.fixture(scope="session")
def world() -> World:
    return World(load_calendar(PROCESSES / "calendars"), load_terms(PROCESSES / "terms.toml"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres(in_memory()) as server:
        yield server


_FIRST: dict[str, Engine] = {}


def _sharing(url: str, **options: object) -> Engine:
    """An engine that knows the statements compiled for those before it: a test's database is new, its statements are not."""
    made = create_engine(url, **options)
    first = _FIRST.setdefault(made.dialect.name, made)
    made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
    return made


engine.db.create_engine = _sharing


BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
Fill = Callable[[Engine], None]


@pytest.fixture(scope="session")
def copies() -> dict[tuple[str, str], bytes | str]:
    """Databases filled once, to be copied: a file's bytes, the name of a PostgreSQL database."""
    return {}


def copied(request: pytest.FixtureRequest, folder: Path, name: str, fill: Fill) -> Engine:
    """A database of the parameter's kind, filled as the first of its name was."""
    kept, kind = request.getfixturevalue("copies"), request.param
    server = request.getfixturevalue("postgres") if kind == "postgres" else None
    if (kind, name) not in kept:
        file = folder / "first.db"
        engine = connect(server.database() if server else f"sqlite:///{file}")
        fill(engine)
        engine.dispose()  # the last connection closed, a file is whole and a database may be a template
        kept[kind, name] = str(engine.url.database) if server else file.read_bytes()
    if server:
        return connect(server.database(kept[kind, name]))
    (folder / "test.db").write_bytes(kept[kind, name])
    return connect(f"sqlite:///{folder}/test.db")


@pytest.fixture(params=BOTH)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table, of both kinds: for migrations."""
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    engine = connect(server.database() if server else f"sqlite:///{tmp_path}/m.db")
    yield engine
    _done(engine, server)


@pytest.fixture(params=BOTH)
def db(request: pytest.FixtureRequest, tmp_path: Path, world: World) -> Iterator[Database]:
    """An empty database with all tables – every test that uses it runs on SQLite and on PostgreSQL."""
    found = Database(copied(request, tmp_path, "empty", metadata.create_all), world)
    yield found
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    _done(found.engine, server)


def _done(engine: Engine, server: Postgres | None) -> None:
    engine.dispose()
    if server is not None:
        server.drop(str(engine.url.database))


@pytest.fixture
def tx(db: Database) -> Iterator[Tx]:
    with db.begin() as found:
        yield found
