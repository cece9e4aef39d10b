"""A copy of a district that has worked: from SQLite to PostgreSQL and back, row by row the same, and the work goes on in it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import migrations
from casework import files
from casework.tables import files as files_table
from engine.db import metadata
from engine.errors import XunzhenError
from engine.tables import anchors, history
from tasks import backups, wholeness
from tasks.runtime import Runtime, Settings, open_runtime
from tests.api.office import Office, acknowledged, opened, verified
from tests.conftest import BOTH, PROCESSES
from tests.servers import Postgres

AT = "2026-09-14T08:50:00+08:00"
NOW = datetime(2026, 9, 20, tzinfo=UTC)
Opens = Callable[[str], Runtime]


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[Office]:
    """A district in which a lead was taken up and verified, with a photo, and two days were anchored."""
    with opened(tmp_path / "first", AT) as office:
        acknowledged(office)
        with office.runtime.db.transaction() as tx:
            files.store(tx, "门前.png", b"\x89PNG of a door", None, office.runtime.now(tx))
        verified(office)
        office.advance(by="P2D")
        yield office


@pytest.fixture
def opens(tmp_path: Path, postgres: Postgres) -> Iterator[Opens]:
    """Another, empty installation: `opens("postgres")`."""
    made: list[Runtime] = []

    def another(kind: str) -> Runtime:
        folder = tmp_path / f"other{len(made)}"
        url = postgres.database() if kind == "postgres" else ""
        made.append(open_runtime(Settings(data=folder, database=url, processes=PROCESSES, simulated=True)))
        return made[-1]

    yield another
    for runtime in made:
        runtime.db.engine.dispose()


def rows(runtime: Runtime) -> dict[str, list[tuple[Any, ...]]]:
    with runtime.db.reading() as tx:
        return {
            table.name: [tuple(row) for row in tx.run(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


@pytest.mark.postgres
def test_a_copy_moves_from_one_database_to_the_other_and_back(
    worked: Office, opens: Opens, tmp_path: Path
) -> None:
    before = rows(worked.runtime)
    assert len(before["anchors"]) == 2
    made = backups.write(worked.runtime, tmp_path / "copy.zip", NOW)
    assert {name: table["rows"] for name, table in made["tables"].items()} == {
        n: len(r) for n, r in before.items()
    }
    assert (tmp_path / "copy.zip").stat().st_mode & 0o077 == 0
    there = opens("postgres")
    assert backups.read(there, tmp_path / "copy.zip")["anchor"]["digest"] == made["anchor"]["digest"]
    assert rows(there) == before
    found = wholeness.look(there.db, there.settings.data, made["anchor"]["digest"])
    assert (found.whole, found.known, found.files) == (True, True, len({row[4] for row in before["files"]}))
    backups.write(there, tmp_path / "again.zip", NOW)
    back = opens("sqlite")
    backups.read(back, tmp_path / "again.zip")
    assert rows(back) == before


@pytest.mark.parametrize("kind", BOTH)
def test_work_goes_on_in_the_copy(worked: Office, opens: Opens, tmp_path: Path, kind: str) -> None:
    backups.write(worked.runtime, tmp_path / "copy.zip", NOW)
    there = opens(kind)
    backups.read(there, tmp_path / "copy.zip")
    copy = Office(there)
    assert copy.open() == worked.open()
    copy.advance(by="P3D")
    worked.advance(by="P3D")
    assert copy.open() == worked.open()
    with there.db.reading() as tx:
        last = tx.run(select(anchors.c.day).order_by(anchors.c.day.desc()).limit(1)).scalar_one()
    assert wholeness.look(there.db, there.settings.data).whole
    assert last > datetime.fromisoformat(AT).date() + timedelta(days=3)


def refused(what: Callable[[], object], code: str) -> None:
    with pytest.raises(XunzhenError) as error:
        what()
    assert error.value.code == code


def test_what_is_no_whole_copy_leaves_nothing_behind(worked: Office, opens: Opens, tmp_path: Path) -> None:
    whole = tmp_path / "copy.zip"
    backups.write(worked.runtime, whole, NOW)
    refused(lambda: backups.write(worked.runtime, whole, NOW), "exists")
    refused(lambda: backups.read(worked.runtime, whole), "not_empty")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:5000])
    there = opens("sqlite")
    refused(lambda: backups.read(there, cut), "not_a_backup")
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(tmp_path / "short.zip", "w") as short:
        for name in source.namelist():
            content = source.read(name)
            short.writestr(
                name,
                content[: content.rindex(b"\n", 0, -1) + 1] if name == "tables/history.jsonl" else content,
            )
    refused(lambda: backups.read(there, tmp_path / "short.zip"), "not_a_backup")
    assert not any(rows(there).values())
    backups.read(there, whole)  # and the same place takes the whole one
    assert rows(there) == rows(worked.runtime)


def test_a_copy_of_a_newer_program_is_refused(worked: Office, opens: Opens, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "head", lambda: "9999")
        refused(lambda: backups.write(worked.runtime, tmp_path / "copy.zip", NOW), "revision")
    backups.write(worked.runtime, tmp_path / "copy.zip", NOW)
    with (
        zipfile.ZipFile(tmp_path / "copy.zip") as source,
        zipfile.ZipFile(tmp_path / "new.zip", "w") as newer,
    ):
        for name in source.namelist():
            content = source.read(name)
            newer.writestr(
                name,
                content.replace(migrations.head().encode(), b"9999") if name == "contents.json" else content,
            )
    refused(lambda: backups.read(opens("sqlite"), tmp_path / "new.zip"), "revision")


def test_what_was_changed_or_lost_is_found(worked: Office) -> None:
    runtime = worked.runtime
    data = runtime.settings.data
    assert wholeness.look(runtime.db, data).whole
    with runtime.db.transaction() as tx:
        digests = list(tx.run(select(files_table.c.digest).where(files_table.c.name == "门前.png")).scalars())
        tx.run(update(history).where(history.c.seq == 2).values(payload={"name": "伪造"}))
    files.place(data, digests[0]).write_bytes(b"another door")
    found = wholeness.look(runtime.db, data, "f" * 64)
    assert not found.whole
    assert found.known is False
    assert {(one.seq, one.why) for _, one in found.chains} == {(2, "内容被改动")}
    assert found.changed == ["门前.png"]
    files.place(data, digests[0]).unlink()
    assert wholeness.look(runtime.db, data).missing == ["门前.png"]
