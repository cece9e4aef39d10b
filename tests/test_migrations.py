"""The migrations build exactly the tables the code declares, on both databases, and a second run changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import casework.tables
import migrations
from engine.db import connect, metadata
from tests.servers import Postgres

assert casework.tables is not None


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
