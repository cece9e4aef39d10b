"""The database: one MetaData, three column types, transactions with a bell that rings after commit.

SQLite (WAL) and PostgreSQL from the same code. Writing transactions take the lock at once
(`BEGIN IMMEDIATE` / row locks), so a case's row lock means the same on both. On PostgreSQL the writes of a step
travel together (pipeline mode): between two statements the server would fall asleep while Python thinks.
"""

from __future__ import annotations

import decimal
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from sqlalchemy import (
    JSON,
    ColumnClause,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    NestedTransaction,
    String,
    create_engine,
    event,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from engine import feel

if TYPE_CHECKING:
    from engine.world import World

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(64)
Json = JSON().with_variant(JSONB(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive one is a programming error and refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"naive instant {value!r}")
        # A plain datetime again: computed legal instants are a subclass that drivers need not know.
        utc = value.astimezone(UTC)
        plain = datetime(
            utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, tzinfo=UTC
        )
        return plain.replace(tzinfo=None) if dialect.name == "sqlite" else plain

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def fixed(word: str) -> ColumnClause[str]:
    """A word of ours written into the statement itself: an index over a part of a table serves only where the statement says so."""
    return literal_column(f"'{word}'", String)


def new_id() -> str:
    return uuid.uuid4().hex


def _plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if feel.literal(value) is not None:
        return feel.to_json(value)
    if is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    raise TypeError(f"not a JSON value: {type(value).__name__}")


_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def dumps(value: Any) -> str:
    """Canonical JSON text: sorted keys, numbers exact when integral, else the nearest double."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS).decode()


T = TypeVar("T")


def made(kind: Callable[..., T], row: Iterable[Any]) -> T:
    """A value from a row whose columns stand in the order of its fields (SQLAlchemy types rows by their columns, not by us)."""
    return kind(*row)


class Tx:
    """A transaction somebody else commits. `world` is what the engine's rules are evaluated in."""

    def __init__(self, connection: Connection, world: World) -> None:
        self._connection = connection
        self.installed, self._world = world, None
        self.statements = 0
        self._bells: dict[str, Callable[[], None]] = {}
        self._once: dict[Any, Any] = {}
        self._together = connection.dialect.name == "postgresql"
        self._queued: list[tuple[Executable, Any]] = []

    _world: World | None

    @property
    def together(self) -> bool:
        """Do others write at the same time (PostgreSQL), or is there one writer only (SQLite)?"""
        return self._together

    @property
    def world(self) -> World:
        """The rules in force: as installed, with what this database has decided. Asked once, so one transaction sees one law."""
        if self._world is None:
            self._world = self.installed.rules(self, self.installed, None)
        return self._world

    def law_is(self, serial: int) -> None:
        """The number of the last change of the law, found while asking for something else."""
        if self._world is None:
            self._world = self.installed.rules(self, self.installed, serial)

    def law_changed(self) -> None:
        """What follows in this transaction sees the law as just written."""
        self._world = None

    @property
    def connection(self) -> Connection:
        """The connection, with everything written so far sent."""
        self.send()
        return self._connection

    def once(self, key: Any, ask: Callable[[], T]) -> T:
        """What is asked in several places of a transaction and must be one answer: found out once."""
        if key not in self._once:
            self._once[key] = ask()
        found: T = self._once[key]
        return found

    def run(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        self.statements += 1
        return self.connection.execute(statement, parameters)

    def write(self, statement: Executable, parameters: Any = None) -> None:
        """Run an insert or update nobody asks the result of. It is sent before the next `run` or the commit, and fails there."""
        self.statements += 1
        if self._together:
            self._queued.append((statement, parameters))
        else:
            self._connection.execute(statement, parameters)

    def send(self) -> None:
        """Send what waits to be written."""
        if self._queued:
            self._pipelined(lambda: None)

    def _pipelined(self, last: Callable[[], None]) -> None:
        """What waits to be written, and `last`, in one round trip (psycopg's pipeline mode; in a transaction that has begun)."""
        queued, self._queued = self._queued, []
        driver: Any = self._connection.connection.driver_connection
        dialect = self._connection.dialect
        errors = dialect.loaded_dbapi.Error
        try:
            with driver.pipeline():
                for statement, parameters in queued:
                    self._connection.execute(statement, parameters)
                last()
        except errors as error:  # told when the answers came, past SQLAlchemy
            raise DBAPIError.instance(
                None, None, error, errors, hide_parameters=True, dialect=dialect
            ) from error

    @contextmanager
    def savepoint(self, *, keep: bool = True) -> Iterator[None]:
        """What is written inside is one: an exception takes it back, bells and all, and the transaction goes on. `keep` False: always.

        Writes that wait are sent at both ends, so that none is taken back that was made before, or kept that was made inside.
        """
        bells, inside = dict(self._bells), self.connection.begin_nested()
        try:
            yield
            self.send()
        except BaseException:
            self._take_back(inside, bells)
            raise
        if keep:
            inside.commit()
        else:
            self._take_back(inside, bells)

    def _take_back(self, inside: NestedTransaction, bells: dict[str, Callable[[], None]]) -> None:
        self._queued, self._bells, self._once, self._world = (
            [],
            bells,
            {},
            None,
        )  # a law written inside is none
        inside.rollback()

    def after_commit(self, name: str, ring: Callable[[], None]) -> None:
        """Ring once after a successful commit, however often asked for."""
        self._bells[name] = ring

    def commit(self) -> None:
        if self._queued:
            try:
                self._pipelined(self._connection.commit)
            except BaseException:
                # SQLAlchemy holds a failed commit for the end of the transaction; the server waits for a rollback.
                self._connection.connection.rollback()
                raise
        else:
            self._connection.commit()
        bells, self._bells = list(self._bells.values()), {}
        for ring in bells:
            ring()

    def rollback(self) -> None:
        self._bells, self._queued, self._once = {}, [], {}
        self._connection.rollback()


class Database:
    """An engine with its world. `begin()` hands out a Tx to be committed, `transaction()` commits by itself."""

    def __init__(self, engine: Engine, world: World) -> None:
        self.engine = engine
        self.world = world

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A Tx; whatever is not committed when the block ends is rolled back."""
        with self.engine.connect() as connection:
            tx = Tx(connection, self.world)
            try:
                yield tx
            finally:
                connection.rollback()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        with self.begin() as tx:
            yield tx
            tx.commit()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A Tx for reading only: takes no write lock on SQLite.

        It ends with a commit: after a rollback psycopg forgets what it has prepared, and every statement is planned anew.
        """
        with self.engine.connect().execution_options(read_only=True) as connection:
            yield Tx(connection, self.world)
            connection.commit()


def connect(url: str, *, pool_size: int = 20) -> Engine:
    """An engine for a SQLite or PostgreSQL URL with the settings the house relies on."""
    options: dict[str, Any] = {"json_serializer": dumps, "json_deserializer": orjson.loads}
    if url.startswith("sqlite"):
        # isolation_level None: the driver begins nothing by itself, we say BEGIN IMMEDIATE below.
        options["connect_args"] = {"timeout": 30, "check_same_thread": False, "isolation_level": None}
    else:
        options.update(pool_size=pool_size, max_overflow=10, pool_pre_ping=True)
    engine = create_engine(url, hide_parameters=True, **options)  # an error must not carry people into a log
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_settings(connection: Any, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for setting in ("journal_mode=wal", "synchronous=normal", "foreign_keys=on", "busy_timeout=30000"):
        cursor.execute(f"pragma {setting}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("begin" if read_only else "begin immediate")
