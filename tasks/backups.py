"""A copy of everything in one file, whole and of one instant; opened again on SQLite or PostgreSQL, whichever it came from.

The file is a ZIP: `contents.json` (format, revision of the tables, instant, columns and rows of each table, last anchor),
`tables/NAME.jsonl` (a row a line, values in the order of the columns), `files/…` as below the data folder.
"""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from alembic.util import CommandError
from sqlalchemy.dialects.postgresql import JSONB

import migrations
from casework import files
from casework.tables import files as files_table
from engine.db import Instant, metadata
from engine.errors import Conflict, Invalid
from engine.tables import anchors
from tasks.runtime import Runtime

FORMAT = 1
ROWS = 1_000
"""Rows written or read at once."""
Told = Callable[[str, int, int], None]
"""What is being copied or looked at, how much of it is done, of how much."""

KINDS: dict[str, tuple[type[sa.types.TypeEngine[Any]], Callable[[Any], Any], Callable[[Any], Any]]] = {
    "instant": (Instant, datetime.isoformat, datetime.fromisoformat),
    "date": (sa.Date, date.isoformat, date.fromisoformat),
    "bytes": (sa.LargeBinary, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "decimal": (sa.Numeric, str, Decimal),
    "json": (sa.JSON, str, str),
    "bool": (sa.Boolean, bool, bool),
    "int": (sa.Integer, int, int),
    "text": (sa.String, str, str),
}
"""Kinds of columns: the type that tells them, how a value is written, how it is read. JSON travels as its text: SQL's null is not JSON's."""


def _kind(column: sa.Column[Any]) -> str:
    return next(kind for kind, (of, _, _) in KINDS.items() if isinstance(column.type, of))


# ---------------------------------------------------------------------------------------------------- write
def write(runtime: Runtime, target: Path, now: datetime, told: Told = lambda *_: None) -> dict[str, Any]:
    """Copy database and files into `target`; returns its contents, with `missing`: digests of files that were not there.

    Raises Conflict when the file exists, or the database is not at this program's revision.
    """
    if target.exists():
        raise Conflict(
            f"{target} 已存在，请换一个文件名。", f"{target} exists: choose another name.", code="exists"
        )
    part = target.with_name(target.name + ".part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)  # the copy holds personal data
    try:
        with os.fdopen(descriptor, "w+b") as file, _snapshot(runtime.db.engine) as connection:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
                contents = _contents(connection, now)
                for name, table in contents["tables"].items():
                    table["rows"] = _write_table(archive, connection, metadata.tables[name], told)
                contents["missing"] = _write_files(archive, connection, runtime.settings.data, told)
                archive.writestr("contents.json", orjson.dumps(contents, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return contents


@contextmanager
def _snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One instant of the database, nobody kept waiting."""
    options: dict[str, Any] = {"read_only": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection:
        yield connection


def _contents(connection: sa.Connection, now: datetime) -> dict[str, Any]:
    revision = migrations.of_this_program(connection)
    last = connection.execute(
        sa.select(anchors.c.day, anchors.c.digest).order_by(anchors.c.day.desc()).limit(1)
    ).one_or_none()
    return {
        "format": FORMAT,
        "revision": revision,
        "at": now.isoformat(),
        "anchor": {"day": last.day.isoformat(), "digest": last.digest} if last else None,
        "tables": {
            str(table.name): {
                "columns": {str(column.name): _kind(column) for column in table.columns},
                "key": [str(column.name) for column in table.primary_key],
                "own": sorted(
                    str(key.parent.name) for key in table.foreign_keys if key.column.table is table
                ),
            }
            for table in metadata.sorted_tables
        },
    }


def _write_table(archive: zipfile.ZipFile, connection: sa.Connection, table: sa.Table, told: Told) -> int:
    kinds = [_kind(column) for column in table.columns]
    told(table.name, 0, total := connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
    asked = [
        sa.cast(column, sa.Text) if kind == "json" else column
        for column, kind in zip(table.columns, kinds, strict=True)
    ]
    done = 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
        found = connection.execution_options(yield_per=ROWS).execute(sa.select(*asked))
        for rows in found.partitions():
            for row in rows:
                values = [
                    None if value is None else KINDS[kind][1](value)
                    for kind, value in zip(kinds, row, strict=True)
                ]
                out.write(orjson.dumps(values) + b"\n")
            told(table.name, done := done + len(rows), total)
    return done


def _write_files(archive: zipfile.ZipFile, connection: sa.Connection, data: Path, told: Told) -> list[str]:
    digests = list(
        connection.scalars(sa.select(files_table.c.digest).distinct().order_by(files_table.c.digest))
    )
    missing: list[str] = []
    for n, digest in enumerate(digests, 1):
        path = files.place(data, digest)
        if path.exists():  # pictures and PDF are packed already
            archive.write(path, f"files/{digest[:2]}/{digest}", zipfile.ZIP_STORED)
        else:
            missing.append(digest)
        told("files", n, len(digests))
    return missing


# ------------------------------------------------------------------------------------------------------ read
def read(runtime: Runtime, source: Path, told: Told = lambda *_: None) -> dict[str, Any]:
    """Fill an empty database and the data folder from a copy; returns its contents.

    The tables are made as they were, filled in one transaction, then brought to this program's revision. Raises Invalid for a
    file that is not a whole copy, Conflict when the database holds anything or the copy is of a newer program.
    """
    engine = runtime.db.engine
    with _opened(source) as archive:
        contents = _read_contents(archive)
        _empty(engine)
        try:
            migrations.upgrade(engine, contents["revision"])
        except CommandError as error:
            raise Conflict(
                f"备份来自更新的程序（{contents['revision']}），请先升级程序。",
                f"The copy is of a newer program ({contents['revision']}): upgrade first.",
                code="revision",
            ) from error
        with engine.begin() as connection:
            for name in reversed(contents["tables"]):
                connection.execute(sa.delete(sa.table(name)))  # what the migrations themselves wrote
            for name, table in contents["tables"].items():
                _read_table(archive, connection, name, table, told)
        _read_files(archive, runtime.settings.data, told)
    migrations.upgrade(engine)
    return contents


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _not_whole(source.name) from error


def _not_whole(what: str) -> Invalid:
    return Invalid(f"备份文件不完整或不是备份：{what}。", f"Not a whole copy: {what}.", code="not_a_backup")


def _read_contents(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        contents: dict[str, Any] = orjson.loads(archive.read("contents.json"))
    except (KeyError, orjson.JSONDecodeError) as error:
        raise _not_whole("contents.json") from error
    if contents.get("format") != FORMAT:
        raise Conflict(
            f"不认识的备份格式 {contents.get('format')}。", "Unknown format of copy.", code="format"
        )
    return contents


def _empty(engine: sa.Engine) -> None:
    """Raises Conflict when a table of ours holds a row; empty tables, perhaps of another revision, are taken away."""
    known = set(sa.inspect(engine).get_table_names())
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if (
                table.name in known
                and connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
            ):
                raise Conflict(
                    "数据库里已有数据，备份只能恢复到空数据库。",
                    f"The database is not empty ({table.name}): a copy is restored into an empty one.",
                    code="not_empty",
                )
        metadata.drop_all(connection)
        connection.exec_driver_sql("drop table if exists alembic_version")


def _read_table(
    archive: zipfile.ZipFile, connection: sa.Connection, name: str, table: dict[str, Any], told: Told
) -> None:
    columns, own, total = table["columns"], table["own"], table["rows"]
    jsonb = connection.dialect.name == "postgresql"
    types = {
        column: JSONB() if kind == "json" and jsonb else sa.Text() if kind == "json" else KINDS[kind][0]()
        for column, kind in columns.items()
    }
    target = sa.table(name, *(sa.column(column, of) for column, of in types.items()))
    given = {
        column: sa.cast(sa.bindparam(column, type_=sa.Text()), JSONB)
        if kind == "json" and jsonb
        else sa.bindparam(column, type_=types[column])
        for column, kind in columns.items()
    }
    adding = sa.insert(target).values(given)
    later: list[dict[str, Any]] = []  # rows that point to rows of the same table
    done = 0
    for rows in _chunks(_rows(archive, name, columns)):
        for row in rows:
            if any(row[column] is not None for column in own):
                later.append({f"new_{c}": row[c] for c in own} | {f"of_{c}": row[c] for c in table["key"]})
                row.update(dict.fromkeys(own))
        connection.execute(adding, rows)
        told(name, done := done + len(rows), total)
    if done != total:
        raise _not_whole(f"tables/{name}.jsonl")
    if later:
        pointing = sa.update(target).values({c: sa.bindparam(f"new_{c}") for c in own})
        connection.execute(
            pointing.where(*(target.c[c] == sa.bindparam(f"of_{c}") for c in table["key"])), later
        )
    if jsonb:
        _number_on(connection, name, table["key"])


def _number_on(connection: sa.Connection, name: str, key: list[str]) -> None:
    """Numbers the database itself gives go on after the last one."""
    for column in key:
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(name, column)))
        if sequence:
            last = sa.select(sa.func.max(sa.column(column))).select_from(sa.table(name)).scalar_subquery()
            connection.execute(
                sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None)))
            )


def _rows(archive: zipfile.ZipFile, name: str, columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    readers = [(column, KINDS[kind][2]) for column, kind in columns.items()]
    try:
        with archive.open(f"tables/{name}.jsonl") as lines:
            for line in lines:
                values = orjson.loads(line)
                yield {
                    column: None if value is None else read(value)
                    for (column, read), value in zip(readers, values, strict=True)
                }
    except (KeyError, ValueError) as error:
        raise _not_whole(f"tables/{name}.jsonl") from error


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, ROWS)):
        yield chunk


def _read_files(archive: zipfile.ZipFile, data: Path, told: Told) -> None:
    names = [name for name in archive.namelist() if name.startswith("files/")]
    for n, name in enumerate(names, 1):
        content = archive.read(name)
        digest = hashlib.sha256(content).hexdigest()
        if not name.endswith(f"/{digest}"):
            raise _not_whole(name)
        files.put(data, digest, content)
        told("files", n, len(names))
