"""Reviews of what families receive: a report of change opens one, or joins the one that is open – no report is lost (R22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from casework import books, recognitions, staff
from casework.recognitions import Recognition
from casework.tables import change_reports
from engine import messages
from engine.db import Tx
from engine.errors import Conflict, NotFound
from engine.routing import Actor
from engine.tables import cases, user_tasks

PROCESS, MESSAGE = "dynamic_review", "change_reported"
TOWN = ("town_civil_officer", "town_service_office")


@dataclass(frozen=True, slots=True)
class Made:
    """`joined`: the review was open already and has been told."""

    number: str
    case_id: str
    joined: bool


def next_number(tx: Tx, application_no: str) -> str:
    """`…-A1-1-F2`: the second review of what application A1-1 led to."""
    count = select(func.count()).where(
        cases.c.process == PROCESS, cases.c.number.like(f"{application_no}-F%")
    )
    return f"{application_no}-F{int(tx.run(count).scalar_one()) + 1}"


def open_review(tx: Tx, application_no: str) -> Any:
    """The open review (`id`, `number`) of a recognition, or None."""
    query = select(cases.c.id, cases.c.number).where(
        cases.c.process == PROCESS,
        cases.c.status == "active",
        cases.c.number.like(f"{application_no}-F%"),
    )
    return tx.run(query.limit(1)).one_or_none()


def told(tx: Tx, application_no: str) -> dict[str, Any]:
    """What a review knows when it begins."""
    return {"review_no": next_number(tx, application_no), "application_no": application_no}


def report(
    tx: Tx,
    application_no: str,
    values: Mapping[str, Any],
    actor: Actor | None,
    now: datetime,
    earlier: Sequence[str] = (),
) -> Made:
    """Take down that something changed. `values`: the answers of the form `change_report`; a visit may leave only `content`.

    `earlier`: who investigated for a decision that fell, and does not investigate again.

    Raises NotFound for an unknown recognition, Conflict (`recognition_ended`) where nothing is received any more.
    """
    recognition = recognitions.get(tx, application_no)
    if recognition is None:
        raise NotFound("没有这份在享救助。", "There is no such recognition.")
    if recognition.state != "active":
        raise Conflict(
            "这户已不再享受该项救助，无须复核。", "The recognition has ended.", code="recognition_ended"
        )
    found = open_review(tx, application_no)
    if found is None:
        made = _begin(tx, recognition, values, actor, now, earlier)
    else:
        made = Made(found.number, found.id, joined=True)
        _tell(tx, made, recognition, now)
    count = select(func.count()).where(change_reports.c.application_no == application_no)
    happened = values.get("happened_on")
    tx.run(
        insert(change_reports),
        {
            "number": f"{application_no}-B{int(tx.run(count).scalar_one()) + 1}",
            "application_no": application_no,
            "area": recognition.area,
            "source": str(values.get("source") or "visit"),
            "change": values.get("change"),
            "happened_on": date.fromisoformat(str(happened)[:10]) if happened else None,
            "content": str(values.get("content") or ""),
            "person": actor.id if actor else None,
            "at": now,
            "case_id": made.case_id,
        },
    )
    return made


BY_NAME = "（户册未关联，按村（居）和姓名找到，请核对是否同一户）"


def seen_on_a_visit(
    tx: Tx,
    household: str | None,
    area: str,
    head: str,
    said: Mapping[str, Any],
    actor: Actor | None,
    now: datetime,
) -> int:
    """A change seen on a visit is reported for whatever the household receives; one found by its name alone says so. Returns how many."""
    held = recognitions.held_by(tx, household, area, head)
    for one in held:
        content = f"{said['content']}{BY_NAME}" if one.by_name else said["content"]
        report(tx, one.recognition.application_no, {**said, "content": content}, actor, now)
    return len(held)


def _begin(
    tx: Tx,
    recognition: Recognition,
    values: Mapping[str, Any],
    actor: Actor | None,
    now: datetime,
    earlier: Sequence[str],
) -> Made:
    known = told(tx, recognition.application_no)
    number = str(known["review_no"])
    started_by = "visit" if values.get("source") == "visit" else "report"
    variables = {
        **known,
        "reported_on": now.isoformat(),
        "started_by": started_by,
        "reopened": bool(earlier),
        "earlier_staff": list(earlier) or None,
        **{key: values.get(key) for key in ("change", "happened_on", "persons_left", "studying")},
    }
    home = messages.Home(
        recognition.area,
        number,
        recognition.title,
        parent=recognition.case_id,
        subject=recognition.household,
        document={"review": {key: value for key, value in values.items() if value is not None}},
    )
    begun = messages.deliver(tx, MESSAGE, None, variables, now=now, actor=actor, home=home)
    if not begun:
        raise NotFound("还没有部署动态复核流程。", "The review process is not deployed.")
    return Made(number, begun[0], joined=False)


def _tell(tx: Tx, made: Made, recognition: Recognition, now: datetime) -> None:
    """Who works on the open review hears of another report."""
    t = user_tasks.c
    holders = tx.run(
        select(t.holder).where(t.case_id == made.case_id, t.state == "open", t.holder.is_not(None))
    )
    people = list(holders.scalars()) or staff.holders(tx, TOWN, recognition.area, now)
    text = f"{made.number}：又收到一份变化报告，请一并复核。"
    books.tell(tx, people, kind="change", title="复核期间又有变化", text=text, now=now, case_id=made.case_id)


def reports(tx: Tx, application_no: str) -> list[dict[str, Any]]:
    """Reports of change of a family, newest first: `{number, source, change, happened_on, content, at}`. For forms that ask."""
    c = change_reports.c
    query = select(change_reports).where(c.application_no == application_no).order_by(c.at.desc(), c.number)
    return [
        {
            "number": row.number,
            "source": row.source,
            "change": row.change,
            "happened_on": row.happened_on.isoformat() if row.happened_on else None,
            "content": row.content,
            "at": row.at.isoformat(),
        }
        for row in tx.run(query)
    ]
