"""Merging, splitting, moving, renaming and founding villages, hand-overs and closed cases in any order: the totals of the
district are the same on the tree of every day, and no record is lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from casework import places, reorganising, tree
from casework.tables import areas, households
from engine import cases, definitions
from engine.db import Database, Tx, connect, metadata
from engine.errors import Invalid
from engine.routing import Actor, Appointment
from engine.tables import cases as cases_table
from engine.world import World
from tests.engine.models import bundle, flow, job

ADMIN = Actor("admin", "管", (Appointment("system_admin", "district", "1"),))
WAITS = bundle("waits", job("work", "line.work") + flow("start", "work", "end"))
FIRST = date(2026, 1, 1)
TOWNS = ("1/11", "1/12")
steps = st.lists(
    st.tuples(
        st.sampled_from(("merge", "merge_into", "split", "move", "rename", "found", "open", "close", "hand")),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("tree")
    db = Database(connect(f"sqlite:///{folder}/t.db"), world)
    metadata.create_all(db.engine)
    yield db
    db.engine.dispose()


def planted(tx: Tx) -> None:
    """Two towns of three villages with a household and an open and a closed case each."""
    units = [("1", "district", None), *((town, "town", "1") for town in TOWNS)]
    units += [(f"{town}/{town[-2:]}{n}", "village", town) for town in TOWNS for n in (1, 2, 3)]
    for path, kind, parent in units:
        row = {"path": path, "code": path.rpartition("/")[2], "name": path, "kind": kind, "tier": kind}
        tx.run(insert(areas), {**row, "parent": parent, "valid_from": FIRST})
    definitions.deploy(tx, WAITS, now=at(0))
    for path, kind, _ in units:
        if kind == "village":
            home = {
                "id": f"h{path}",
                "area": path,
                "head": f"户{path}",
                "size": 1,
                "focus": [],
                "programmes": [],
            }
            tx.run(insert(households), home)
            opened(tx, path, f"户{path}", 0)
            closed(tx, opened(tx, path, "另一户", 0))


def at(day: int) -> datetime:
    return datetime(2026, 1, 2, tzinfo=UTC) + timedelta(days=day)


def opened(tx: Tx, area: str, title: str, day: int) -> str:
    number = str(len(tx.run(select(cases_table.c.id)).all()))
    return cases.start(tx, "waits", now=at(day), area=area, number=number, title=title)


def closed(tx: Tx, case: str) -> None:
    tx.run(cases_table.update().where(cases_table.c.id == case).values(status="completed"))


def pick(found: list[Any], n: int) -> Any:
    return found[n % len(found)]


def do(tx: Tx, verb: str, one: int, two: int, day: int) -> None:
    on = at(day).date()
    here = sorted(p for p, u in tree.of_day(tx, on).units.items() if u.on(on) and u.tier == "village")
    a, b = pick(here, one), pick(here, two)
    new = {"name": f"新{day}", "kind": "village"}
    homes = list(tx.run(select(households.c.id).where(households.c.area == a)).scalars())
    running = list(tx.run(select(cases_table.c.id).where(cases_table.c.status == "active")).scalars())
    plans: dict[str, dict[str, Any]] = {
        "merge": {"sources": [a, b], "new": new},
        "merge_into": {"sources": [a], "into": b},
        "split": {
            "area": a,
            "parts": [{**new, "households": homes[:1]}, {**new, "name": "另"}],
            "keep": two % 2 == 0,
        },
        "move": {"area": a, "parent": pick(list(TOWNS), two)},
        "rename": {"area": a, "name": f"改{day}"},
        "found": {"parent": pick(list(TOWNS), two), **new},
    }
    if verb == "open":
        opened(tx, a, f"户{a}", day)
    elif verb == "close" and running:
        closed(tx, pick(running, one))
    elif verb == "hand" and running:
        places.move_case(tx, pick(running, one), b, at(day), reason="移交", why="handed_over")
    elif verb in plans:
        kind = verb.removesuffix("_into")
        try:
            reorganising.plan(tx, ADMIN, kind, on, plans[verb], "批文", at(day))
        except Invalid:
            return  # a plan that does not fit: nothing has happened


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_totals_are_the_same_on_the_tree_of_every_day(
    empty: Database, steps: list[tuple[str, int, int]]
) -> None:
    with empty.begin() as tx:
        planted(tx)
        for day, (verb, one, two) in enumerate(steps):
            do(tx, verb, one, two, day)
        known = list(tx.run(select(cases_table.c.status)).scalars())
        want = (6, known.count("active"), known.count("completed"))
        for day in range(-1, len(steps) + 1):
            of = tree.of_day(tx, at(day).date())
            figures = tree.counts(tx, "1", of)
            assert set(figures) <= of.valid, "a figure of a unit that tree does not have"
            total = tree.total(figures.values())
            assert (total.households, total.open_cases, total.closed_cases) == want
        now = tree.counts(tx, "1", tree.of_day(tx, at(len(steps)).date()))
        assert not tree.total(now.values()).unplaced, "on the tree of today every record has its place"


@pytest.mark.parametrize("handed", [False, True])
def test_a_merged_village_is_counted_apart_on_the_old_tree(empty: Database, handed: bool) -> None:
    """Mid-quarter merger: the old tree shows each village's own, the new one the sum; a hand-over is not undone."""
    a, b, other = "1/11/111", "1/11/112", "1/12/121"
    with empty.begin() as tx:
        planted(tx)
        case = tx.run(
            select(cases_table.c.id).where(cases_table.c.area == a, cases_table.c.status == "active")
        ).scalar_one()
        plan = {"sources": [a, b], "into": b}
        reorganising.plan(tx, ADMIN, "merge", at(5).date(), plan, "批文", at(5))
        if handed:
            places.move_case(tx, case, other, at(6), reason="移交", why="handed_over")
        old = tree.counts(tx, "1", tree.of_day(tx, at(4).date()))
        new = tree.counts(tx, "1", tree.of_day(tx, at(5).date()))
    assert (old[a].open_cases, old[b].open_cases, new[b].open_cases) == ((0, 1, 1) if handed else (1, 1, 2))
    assert (old[a].closed_cases, old[b].closed_cases, new[b].closed_cases) == (1, 1, 2)
    assert (old[a].households, old[b].households, new[b].households) == (1, 1, 2)
    assert a not in new
