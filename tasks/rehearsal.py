"""A rehearsal: the demo staff work through a case on a simulated clock, task by task, as people would.

For every open task somebody who may do it does it; the form is filled from what is known already (prefill), from what the
rehearsal wants (`wanted`), and else with the plainest valid answer. Used by `xunzhen demo`; the rules are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from casework import seed
from engine import cases, clocks, definitions, duties, filling, step, wallclock, worklist
from engine.calendar import ZONE
from engine.db import Database, Tx
from engine.errors import Forbidden, XunzhenError
from engine.routing import Actor
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from tasks import sweep

Wanted = Mapping[str, Mapping[str, Any]]
PHOTO = "f" * 32
"""A photo nobody has taken."""


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done, for the timeline."""

    at: datetime
    case_number: str
    name: str
    element: str
    who: str
    tier: str | None
    values: Mapping[str, Any]
    due: clocks.Clock | None


def components(form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The inputs of a resolved form, groups flattened."""
    for component in form.get("components", []):
        if component.get("type") == "group":
            yield from components(component)
        elif "key" in component or component.get("type") == "dynamiclist":
            yield component


def plain_answer(component: Mapping[str, Any], people: Sequence[Actor], now: datetime) -> Any:
    """The plainest valid answer to one input."""
    kind, local = component.get("properties", {}).get("kind"), now.astimezone(ZONE)
    options = [option["value"] for option in component.get("values", [])]
    if kind == "person":
        return people[0].id
    if kind == "persons":
        known = [person.id for person in people if not options or person.id in options]
        return list(dict.fromkeys([*known, *options]))[:2]
    if kind == "area":
        return seed.TOWN
    if kind == "photo" or component["type"] == "filepicker":
        return [PHOTO]
    if kind == "signature":
        return people[0].name
    if component["type"] in ("checklist", "taglist"):
        return options[:1]
    if component["type"] in ("select", "radio"):
        return options[0] if options else None
    if component["type"] == "number":
        return max(component.get("validate", {}).get("min", 0), 1)
    if component["type"] == "checkbox":
        return True
    if component["type"] == "datetime":
        return (
            local.date().isoformat()
            if component.get("subtype") == "date"
            else local.isoformat(timespec="seconds")
        )
    if component["type"] == "dynamiclist":
        # What is not asked for stays empty: a birth date of today would make everybody a minor.
        needed = [c for c in components(component) if c.get("validate", {}).get("required")]
        return [{c["key"]: plain_answer(c, people, now) for c in needed}]
    return "情况属实，已核对。"


def answers(
    form: Mapping[str, Any],
    known: Mapping[str, Any],
    wanted: Mapping[str, Any],
    people: Sequence[Actor],
    now: datetime,
) -> dict[str, Any]:
    """A filled-in form: wanted over known over plain answers to what is required."""
    filled: dict[str, Any] = {}
    for component in components(form):
        key = component.get("key") or component["path"]
        if key in wanted and _offered(component, wanted[key]):
            filled[key] = wanted[key]
        elif known.get(key) not in (None, "", []):
            filled[key] = _completed(component, known[key], people, now)
        elif component.get("validate", {}).get("required"):
            filled[key] = plain_answer(component, people, now)
    return filled


def _offered(component: Mapping[str, Any], value: Any) -> bool:
    """A choice the form does not offer here (a review is not approved or refused) is no answer."""
    if component["type"] not in ("radio", "select") or value is None or not component.get("values"):
        return True
    return value in [option["value"] for option in component["values"]]


def _completed(component: Mapping[str, Any], value: Any, people: Sequence[Actor], now: datetime) -> Any:
    """What is known already; rows of a list that came without a required answer get a plain one."""
    if component["type"] != "dynamiclist":
        return value
    needed = [c for c in components(component) if c.get("validate", {}).get("required")]
    return [
        row | {c["key"]: plain_answer(c, people, now) for c in needed if row.get(c["key"]) in (None, "", [])}
        for row in value
    ]


@dataclass
class Rehearsal:
    """`people`: everybody who may act. `wanted`: answers per element. `of`: only cases whose number begins so."""

    db: Database
    people: Sequence[Actor]
    now: datetime
    wanted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    told: Callable[[Done], None] = lambda _done: None
    of: str = ""
    done: list[Done] = field(default_factory=list)

    def advance(self, to: datetime) -> None:
        """Let time pass; timers fire on the way."""
        sweep.advance(self.db, self.now, to, self._moved)
        self._moved(to)

    def _moved(self, at: datetime) -> None:
        self.now = at
        with self.db.transaction() as tx:
            wallclock.set_now(tx, at)

    def work(self, pause: timedelta = timedelta(minutes=20), limit: int = 200) -> None:
        """Do open tasks, most urgent first, until none is left; a little time passes with each."""
        for _ in range(limit):
            sweep.drain(self.db, self.now)
            with self.db.reading() as tx:
                rows = list(
                    tx.run(
                        select(user_tasks)
                        .join(cases_table, cases_table.c.id == user_tasks.c.case_id)
                        .where(
                            user_tasks.c.state == "open",
                            cases_table.c.number.startswith(self.of, autoescape=True),
                        )
                        .order_by(user_tasks.c.created_at, user_tasks.c.id)
                    )
                )
            if not any(self._try(row) for row in rows[:1]):
                return
            self.advance(self.now + pause)

    def _try(self, row: Any) -> bool:
        """Complete one task with as many people as it needs."""
        for _ in range(row.together):
            actor = self._actor(row.id)
            with self.db.transaction() as tx:
                case = step.lock(tx, row.case_id)
                current = worklist.get(tx, row.id)
                values = self.values(tx, case, current, actor)
                limit = clocks.binding(clocks.of_case(tx, case.id), (row.id, *row.owners))
                cases.complete(tx, actor, row.id, current.revision, values, self.now)
            done = Done(self.now, case.number, row.name, row.element, actor.name, actor.tier, values, limit)
            self.done.append(done)
            self.told(done)
        return True

    def values(self, tx: Tx, case: step.Case, row: Any, actor: Actor) -> dict[str, Any]:
        """What an actor submits: the form filled in, or what the first has signed."""
        if row.acted:
            return dict(row.draft)  # the second person confirms what the first has signed
        if not row.form:
            return {}
        pinned = definitions.pinned(tx, case.pins)
        form = pinned.form(row.process, row.form)
        known = filling.prefill(tx, case, form, row.id, row.path, self.now, actor)
        resolved = filling.resolved(tx, case, form, row.id, row.path, self.now, actor)
        partner = [p for p in self.people if p.tier == actor.tier and p.id != actor.id]
        return answers(resolved, known, self.wanted.get(row.element, {}), [actor, *partner], self.now)

    def _actor(self, task_id: str) -> Actor:
        """The first person who may do the task: holder or assignee first, else whoever the posts reach."""
        for person in self.people:
            with self.db.begin() as tx:
                row = worklist.get(tx, task_id)
                try:
                    worklist.require_actor(row, person)
                    duties.not_recused(tx, step.lock(tx, row.case_id), row, person, self.now)
                except XunzhenError:
                    continue
                if row.holder in (None, person.id):
                    return person
        raise Forbidden(
            f"演示人员中没有人可以办理这项任务：{task_id}", "Nobody of the demo staff may do the task."
        )


def fresh_pair(tx: Tx, case_id: str, people: Sequence[str]) -> dict[str, Any]:
    """`staff` of a second investigation: two who were not in the first. Nothing for the first: the form proposes whom."""
    document = tx.run(select(cases_table.c.document).where(cases_table.c.id == case_id)).scalar_one()
    surveys = [sections.get("survey") or {} for sections in document.values()]
    before = {
        person for survey in surveys for key in ("staff", "visitors") for person in survey.get(key) or []
    }
    return {"staff": [person for person in people if person not in before][:2]} if before else {}


def open_cases(tx: Tx) -> list[Any]:
    """Cases that are not closed."""
    return list(
        tx.run(select(cases_table).where(cases_table.c.status == "active").order_by(cases_table.c.opened_at))
    )
