"""The migrations build exactly the tables the code declares, on both databases, and a second run changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

import casework.tables
import migrations
from engine.db import connect, metadata
from tests.servers import Postgres

assert casework.tables is not None
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_migrations_give_the_declared_tables(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Postgres = request.getfixturevalue("postgres")
    engine = connect(f"sqlite:///{tmp_path}/m.db" if kind == "sqlite" else server.database())
    migrations.upgrade(engine)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        changes = compare_metadata(context, metadata)
        tables = {
            c[1].name for c in changes if isinstance(c, tuple) and c[0] in ("add_table", "remove_table")
        }
        columns = [c for c in changes if isinstance(c, tuple) and c[0] in ("add_column", "remove_column")]
    assert tables <= {"alembic_version"}
    assert columns == []
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_notices_of_before_learn_their_branch_and_get_a_code(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Postgres = request.getfixturevalue("postgres")
    engine = connect(f"sqlite:///{tmp_path}/m.db" if kind == "sqlite" else server.database())
    migrations.upgrade(engine, "0020")
    table = metadata.tables
    notice = {
        "case_id": "c1",
        "application_no": "A1",
        "area": "1/2/3",
        "content": {},
        "investigators": [],
        "file": "f1",
        "made_at": NOW,
    }
    rows: list[tuple[str, dict[str, object]]] = [
        ("pin_sets", {"digest": "d", "deployments": {}}),
        ("cases", {
            "id": "c1", "number": "L1", "process": "p", "pins": "d", "area": "1/2/3", "title": "王某乙", "status": "active", "urgent": False,
            "revision": 1, "document": {}, "variables": {}, "opened_at": NOW, "seq": 0, "head": "h",
        }),
        ("files", {"id": "f1", "name": "n", "type": "application/pdf", "size": 1, "digest": "x", "at": NOW}),
        ("jobs", {
            "id": "j1", "case_id": "c1", "process": "public_notice", "element": "render_notice", "type": "notice.render", "headers": {},
            "variables": {}, "path": "other_items:7869cf20#1", "state": "completed", "due_at": NOW, "attempt": 0, "retries": 3, "created_at": NOW,
        }),
        ("notices", {**notice, "number": "A1-G1", "job": "j1"}),
        ("notices", {**notice, "number": "A1-G2", "job": None}),
    ]  # fmt: skip
    with engine.begin() as connection:
        for name, row in rows:
            connection.execute(table[name].insert().values(row))
    migrations.upgrade(engine)
    n = table["notices"].c
    with engine.connect() as connection:
        found = list(connection.execute(select(n.path, n.token).order_by(n.number)))
    assert [row.path for row in found] == ["other_items:7869cf20#1", ""]
    assert len({row.token for row in found if row.token}) == 2
    engine.dispose()
