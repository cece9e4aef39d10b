"""What one application did to the clocks of another is taken back by the migration, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy
from sqlalchemy import Engine, select

import casework.tables
import migrations
from engine.db import metadata

assert casework.tables is not None
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)


def test_what_one_application_did_to_the_clocks_of_another_is_taken_back(blank: Engine) -> None:
    migrations.upgrade(blank, "0033")
    table = metadata.tables
    one, two = "items:b0d10000#1", "items:b0d10000#2"
    body, aside, day = "b0d10000ffff", "e0e0", NOW.date()
    later = NOW + timedelta(days=1)
    clock = {
        "case_id": "c1", "process": "p", "element": "e", "term": "t", "name": "n", "kind": "max", "terms_on": day, "started_at": NOW,
        "entered_at": NOW, "due_at": later, "due": day, "provisional": False, "pauses": [], "corrections": [], "area": "1", "calendar": 0,
    }  # fmt: skip
    task = {
        "case_id": "c1", "process": "p", "element": "e", "name": "n", "area": "1", "posts": "", "together": 1, "acted": [], "urgent": False,
        "priority": 50, "created_at": NOW, "revision": 1, "due_provisional": False,
    }  # fmt: skip
    timer = {"case_id": "c1", "process": "p", "attempt": 0, "created_at": NOW}

    def paused(token: str) -> list[dict[str, object]]:
        return [{"from": NOW.isoformat(), "to": None, "reason": "supplement", "token": token}]

    rows: list[tuple[str, dict[str, object]]] = [
        ("pin_sets", {"digest": "d", "deployments": {}}),
        ("cases", {
            "id": "c1", "number": "L1", "process": "p", "pins": "d", "area": "1/2/3", "title": "王某乙", "status": "active", "urgent": False,
            "revision": 1, "document": {one: {"application": {"accepted_on": "2026-09-14"}}}, "variables": {},
            "opened_at": NOW - timedelta(days=5), "seq": 0, "head": "h",
        }),
        ("user_tasks", {**task, "id": "t1", "path": one, "owners": ["review1", "item1", body, aside], "state": "open"}),
        ("user_tasks", {**task, "id": "t2", "path": two, "owners": ["review2", "item2", body, aside], "state": "open", "created_at": later}),
        ("user_tasks", {**task, "id": "t3", "path": "", "owners": [aside], "state": "open", "created_at": later}),
        # The papers of item 2 came a day later; their event gateway has no row.
        ("timers", {**timer, "id": "over2", "element": "over", "owners": ["review2", "item2", body, aside], "state": "cancelled", "ended_at": later}),
        # Item 1 was stopped by the decision of t3, item 2 by its own (t2).
        ("clocks", {**clock, "id": "1", "token": "review1", "state": "stopped", "stopped_at": later, "terms_on": day - timedelta(days=5)}),
        ("clocks", {**clock, "id": "2", "token": "review2", "state": "stopped", "stopped_at": later}),
        ("clocks", {**clock, "id": "3", "token": "item2", "state": "paused", "pauses": paused("gate")}),
        ("clocks", {**clock, "id": "4", "token": "t3", "state": "paused", "pauses": paused("gate")}),
        ("clocks", {**clock, "id": "5", "token": "over2", "state": "stopped", "stopped_at": later}),
        # Held by a task of its own that still waits: right as it is.
        ("clocks", {**clock, "id": "6", "token": "item1", "state": "paused", "pauses": paused("t1"), "started_at": NOW - timedelta(days=2)}),
    ]  # fmt: skip
    with blank.begin() as connection:
        for name, row in rows:
            columns = [sqlalchemy.column(c.name, c.type) for c in table[name].c if c.name != "path"]
            before = name in ("clocks", "timers")  # they had no path yet
            into = sqlalchemy.table(name, *columns) if before else table[name]
            connection.execute(into.insert().values(row))
    migrations.upgrade(blank)
    k = table["clocks"].c
    with blank.connect() as connection:
        found = {row.id: row for row in connection.execute(select(table["clocks"]).order_by(k.id))}
        assert connection.execute(select(table["timers"].c.path)).scalar_one() == two
    assert [(row.path, row.state, row.calendar) for row in found.values()] == [
        (one, "running", -1),
        (two, "stopped", 0),
        (two, "running", -1),
        ("", "running", -1),
        (two, "stopped", 0),
        (one, "paused", 0),
    ]
    assert (found["1"].stopped_at, found["1"].terms_on, found["6"].terms_on) == (None, day, day)
    assert (found["2"].ended_at, found["1"].ended_at) == (later, None)  # of old, the entry is the act
    (kept,) = found["3"].pauses
    assert (kept["token"], datetime.fromisoformat(kept["to"])) == ("over2", later)
    assert found["4"].pauses == []
