"""Alembic's entry: runs on the connection `migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

import casework.tables
import engine.tables
from engine.db import metadata

assert casework.tables is not None
assert engine.tables is not None

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # A migration that cannot get its lock must fail, not queue up in front of everybody.
    connection.exec_driver_sql("set lock_timeout = '10s'")
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
)
context.run_migrations()
