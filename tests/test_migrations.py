"""The migrations build exactly the tables the code declares, on both databases, and a second run changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

import casework.tables
import migrations
from engine.db import metadata
from engine.errors import Conflict

assert casework.tables is not None
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)


Row = tuple[str, dict[str, object]]


def put(database: Engine, rows: list[Row]) -> None:
    with database.begin() as connection:
        for name, row in rows:
            connection.execute(metadata.tables[name].insert().values(row))


def test_migrations_give_the_declared_tables(blank: Engine) -> None:
    migrations.upgrade(blank)
    migrations.upgrade(blank)
    with blank.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        changes = compare_metadata(context, metadata)
        tables = {
            c[1].name for c in changes if isinstance(c, tuple) and c[0] in ("add_table", "remove_table")
        }
        columns = [c for c in changes if isinstance(c, tuple) and c[0] in ("add_column", "remove_column")]
    assert tables <= {"alembic_version"}
    assert columns == []


def test_notices_of_before_learn_their_branch_and_get_a_code(blank: Engine) -> None:
    migrations.upgrade(blank, "0020")
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
    rows: list[Row] = [
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
    put(blank, rows)
    migrations.upgrade(blank)
    n = table["notices"].c
    with blank.connect() as connection:
        found = list(connection.execute(select(n.path, n.token).order_by(n.number)))
    assert [row.path for row in found] == ["other_items:7869cf20#1", ""]
    assert len({row.token for row in found if row.token}) == 2


def test_cases_of_before_learn_which_household_they_are_about(blank: Engine) -> None:
    migrations.upgrade(blank, "0026")
    table, village = metadata.tables, "1/2/3"
    case = {
        "process": "p", "pins": "d", "area": village, "status": "active", "urgent": False, "revision": 1, "document": {}, "variables": {},
        "opened_at": NOW, "seq": 0, "head": "h",
    }  # fmt: skip
    lead = {"cause": "22", "sources": [], "discovered_at": NOW}
    home = {"area": village, "size": 1, "focus": [], "programmes": []}
    rows: list[Row] = [
        ("areas", {"path": village, "code": "3", "name": "村", "kind": "village", "tier": "village", "valid_from": NOW.date()}),
        ("households", {"id": "h_w", "head": "王某乙", **home}),
        ("households", {"id": "h_a", "head": "同名", **home}),
        ("households", {"id": "h_b", "head": "同名", **home}),
        ("pin_sets", {"digest": "d", "deployments": {}}),
        ("cases", {**case, "id": "moved", "number": "1", "title": "王某乙", "area": "1/9/9"}),
        ("cases", {**case, "id": "fraud", "number": "1-F1-CF", "title": "查处：王某乙", "parent": "moved"}),
        ("cases", {**case, "id": "below", "number": "1-F1-CF-1", "title": "追回", "parent": "fraud"}),
        ("cases", {**case, "id": "grid", "number": "2", "title": "王某乙", "area": f"{village}/4"}),
        ("cases", {**case, "id": "named", "number": "3", "title": "王某乙"}),
        ("cases", {**case, "id": "double", "number": "4", "title": "同名"}),
        ("cases", {**case, "id": "objection", "number": "3-A1-Y1", "title": "对公示 3-A1-G1 的异议"}),
        ("leads", {"number": "1", "case_id": "moved", "area": "1/9/9", "subject": "王某乙", "household": "h_w", **lead}),
        ("leads", {"number": "2", "case_id": "grid", "area": f"{village}/4", "subject": "王某乙", **lead}),
        ("files", {"id": "f1", "name": "n", "type": "application/pdf", "size": 1, "digest": "x", "at": NOW}),
        ("notices", {
            "number": "3-A1-G1", "case_id": "named", "application_no": "3-A1", "area": village, "content": {}, "investigators": [],
            "file": "f1", "path": "", "made_at": NOW,
        }),
        ("objections", {"number": "3-A1-Y1", "notice_no": "3-A1-G1", "application_no": "3-A1", "case_id": "objection", "received_at": NOW}),
    ]  # fmt: skip
    put(blank, rows)
    migrations.upgrade(blank)
    c, leads = table["cases"].c, table["leads"].c
    with blank.connect() as connection:
        about = {row.id: row.subject for row in connection.execute(select(c.id, c.subject))}
        known = connection.execute(select(leads.household).where(leads.number == "2")).scalar_one()
    assert about == {**dict.fromkeys(about, "h_w"), "double": None}
    assert known == "h_w"


def test_files_of_before_belong_to_the_cases_that_name_them(blank: Engine) -> None:
    migrations.upgrade(blank, "0031")
    table, one, two = metadata.tables, "a" * 32, "b" * 32
    kept = {"type": "image/png", "size": 1, "digest": "x", "at": NOW}
    rows: list[Row] = [
        ("pin_sets", {"digest": "d", "deployments": {}}),
        ("cases", {
            "id": "c1", "number": "L1", "process": "p", "pins": "d", "area": "1/2/3", "title": "王某乙", "status": "active", "urgent": False,
            "revision": 1, "document": {"": {"lead": {"photos": [one], "other": "c" * 32}}}, "variables": {}, "opened_at": NOW, "seq": 0, "head": "h",
        }),
        *[("files", {"id": key, "name": "n", **kept}) for key in (one, two)],
    ]  # fmt: skip
    put(blank, rows)
    migrations.upgrade(blank)
    links = table["file_links"].c
    with blank.connect() as connection:
        found = [tuple(row) for row in connection.execute(select(links.file, links.case_id, links.seq))]
    assert found == [(one, "c1", None)]


def test_choices_of_before_keep_their_rules_when_the_basis_is_kept(blank: Engine) -> None:
    """What was chosen stays, one proposal at a time is open, nobody confirms his own; a deployment needs no second person."""
    migrations.upgrade(blank, "0037")
    with blank.connect() as connection, pytest.raises(Conflict, match="xunzhen migrate"):
        migrations.of_this_program(connection)
    chosen = {
        "kind": "term", "key": "relief.total", "value": {"is": 20}, "before": {"is": 30}, "valid_from": NOW.date(), "reason": "纪要",
        "state": "proposed", "proposed_by": "a", "proposed_at": NOW, "revision": 1,
    }  # fmt: skip
    done = {"state": "confirmed", "serial": 1, "decided_by": "b", "decided_at": NOW}
    put(blank, [("legal_changes", {**chosen, "id": "1"}), ("legal_changes", {**chosen, **done, "id": "2"})])
    migrations.upgrade(blank)
    with blank.connect() as connection:
        assert migrations.of_this_program(connection) == migrations.head()
        kept = connection.execute(select(metadata.tables["legal_changes"].c.value)).scalars()
        assert list(kept) == [{"is": 20}, {"is": 20}]
    for wrong in ({"id": "3"}, {"id": "3", **done, "serial": 2, "decided_by": "a"}, {"id": "3", "kind": "x"}):
        with pytest.raises(IntegrityError):
            put(blank, [("legal_changes", {**chosen, **wrong})])
    deployed = {
        **chosen,
        **done,
        "id": "3",
        "kind": "basis",
        "serial": 2,
        "proposed_by": None,
        "decided_by": None,
    }
    put(blank, [("legal_changes", deployed)])
