"""One Alembic history for all tables, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from engine.errors import Conflict

HERE = Path(__file__).parent


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision; a second call changes nothing."""
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def head() -> str:
    """The revision of this program's tables."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def of_this_program(connection: Connection) -> str:
    """The revision of a database's tables. Raises Conflict where it is not that of this program."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found != head():
        raise Conflict(
            "数据库结构与程序不一致，请先执行 xunzhen migrate。",
            f"The tables are at revision {found}, the program at {head()}: run xunzhen migrate.",
            code="revision",
        )
    return found


def revision(engine: Engine, message: str) -> None:
    """Write the next migration from the difference between tables and database (for developers)."""
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True)
