"""What people did and heard in a month, from the history: each counts on the day it happened and is known since it was entered.

Cash handed over before midnight and typed after it belongs to the month it was given in; typed after that month's report was frozen it is an
adjustment of the next one (policy.md D.12).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from casework.report_facts import Fact, Window, count, given_first, less, yuan
from casework.standing import once_here
from casework.tables import notices, payouts
from engine.calendar import instant
from engine.db import Tx, fixed
from engine.tables import cases, history

STEPS: Mapping[str, str | None] = {
    "verify_on_site": "verified_at",
    "give_first_aid": "given_at",
    "approve_quick": None,
    "escort_person": "departed_at",
    "guide_person": "departed_at",
    "record_refusal": "declined_at",
    "deliberate": "held_at",
    "first_visit": "done_at",
    "second_visit": "done_at",
    "post_notice": "posted_on",
}
"""Step → the field that says when it happened; None: the form asks for no time, the step itself is the event."""
MESSAGES: Mapping[str, str | None] = {
    "charity_answered": "answered_on",
    "dept_reply": "replied_at",
    "dept_result": "finished_on",
    "reconsideration_accepted": "accepted_on",
}
EARLY = timedelta(days=1)
"""A form takes a time a few minutes ahead of the clock, never a day."""


def facts(tx: Tx, w: Window) -> Iterator[Fact]:
    yield from _steps(tx, w)
    yield from _said(tx, w)


@dataclass(frozen=True, slots=True)
class _Told:
    """A row of history with the place its case stood in when it happened."""

    case_id: str
    seq: int
    area: str
    what: str
    path: str
    values: Mapping[str, Any]


def _told(tx: Tx, w: Window, kind: str, key: str, names: Mapping[str, str | None]) -> list[_Told]:
    """Rows of history that happened in the month and were entered by the cut-off, in the order they happened.

    Nothing is entered before it happens, so what was entered before the month is not read.
    """
    h, c = history.c, cases.c
    what = h.payload[key].as_string()
    query = (
        select(h.case_id, h.seq, h.at, h.payload, c.area, what.label("what"))
        .join(cases, c.id == h.case_id)
        .where(
            w.place(c.area, h.case_id),
            h.kind == fixed(kind),
            what.in_(list(names)),
            h.at.between(w.begin - EARLY, w.cutoff + EARLY),
            h.entered_at <= w.cutoff,
        )
    )
    found = []
    for row in tx.run(query.order_by(h.at, h.case_id, h.seq)):
        values, path = row.payload.get("values") or {}, row.payload.get("path") or ""
        at = _happened(w, row, names[row.what], values.get(names[row.what] or ""), path)
        area = w.at(row.case_id, row.area, at)
        if area is not None and w.begin <= at < w.end:
            found.append((at, _Told(row.case_id, row.seq, area, row.what, path, values)))
    return [one for _at, one in sorted(found, key=lambda pair: pair[0])]


def _happened(w: Window, row: Any, name: str | None, said: Any, path: str) -> datetime:
    """The moment an event bears, as put right by the cut-off; without one, that of the step itself."""
    return instant(w.put_right.right(row.case_id, name, said, path)) if name and said else row.at


def _before(tx: Tx, found: list[_Told], elements: Iterable[str]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """For each row the values of the last of these steps before it, in the same case and branch."""
    h = history.c
    what = h.payload["element"].as_string()
    ids = sorted({one.case_id for one in found})
    query = select(h.case_id, h.seq, h.payload).where(
        h.case_id.in_(ids), h.kind == "task.completed", what.in_(list(elements))
    )
    steps: dict[str, list[Any]] = defaultdict(list)
    for row in tx.run(query.order_by(h.case_id, h.seq)):
        steps[row.case_id].append(row)
    made: dict[tuple[str, int], Mapping[str, Any]] = {}
    for one in found:
        for row in steps[one.case_id]:
            if row.seq < one.seq and (row.payload.get("path") or "") == one.path:
                made[one.case_id, one.seq] = row.payload.get("values") or {}
    return made


def _steps(tx: Tx, w: Window) -> Iterator[Fact]:
    told = _told(tx, w, "task.completed", "element", STEPS)
    quick = [
        one for one in told if one.what == "approve_quick" and one.values.get("quick_result") == "granted"
    ]
    registered = _before(tx, quick, ("register_quick",))
    first = given_first(tx, w, [one.case_id for one in quick])
    fallen = _fallen(tx, w, sorted({one.case_id for one in quick}))
    yield from _posted(tx, [one for one in told if one.what == "post_notice"])
    for one in told:
        fact = _step(one, registered.get((one.case_id, one.seq), {}))
        if fact is not None:
            fact = less(fact, first.get((one.case_id, one.seq)))
            if (one.case_id, one.seq) not in fallen or not fact.yuan:
                yield fact


OVER = ("person_declined", "person_gone")
"""Messages that end the aid under way."""


def _fallen(tx: Tx, w: Window, ids: list[str]) -> set[tuple[str, int]]:
    """Approvals of quick relief that came to nothing: the person declined, or was gone, before any money of theirs arrived.

    Approved anew it is the new approval that counts. Known since the refusal was entered: a month frozen before is adjusted.
    """
    h, p = history.c, payouts.c
    approvals = (h.kind == fixed("task.completed")) & (h.payload["element"].as_string() == "approve_quick")
    ends = (h.kind == fixed("message.received")) & h.payload["message"].as_string().in_(list(OVER))
    acts = select(h.case_id, h.seq, h.entered_at, h.kind).where(
        h.case_id.in_(ids), or_(approvals, ends), h.entered_at <= w.cutoff
    )
    paid = select(p.case_id, p.made_at, p.confirmed_at).where(
        p.case_id.in_(ids),
        p.application_no.contains("-K", autoescape=True),
        p.confirmed_at <= w.cutoff,
        or_(p.returned_at.is_(None), p.returned_at > w.cutoff),
    )
    arrived: dict[str, list[Any]] = defaultdict(list)
    for row in tx.run(paid):
        arrived[row.case_id].append(row)
    found, open_ = set(), {}
    for row in tx.run(acts.order_by(h.case_id, h.seq)):
        if row.kind == "task.completed":
            open_[row.case_id] = row
        elif approval := open_.pop(row.case_id, None):
            since, until = approval.entered_at, row.entered_at
            if not any(since <= m.made_at and m.confirmed_at <= until for m in arrived[row.case_id]):
                found.add((row.case_id, approval.seq))
    return found


def _posted(tx: Tx, posts: list[_Told]) -> Iterator[Fact]:
    """A notice counts once, when it was put up first; one that was torn down and hangs again is the same notice."""
    n, h = notices.c, history.c
    ids = sorted({one.case_id for one in posts})
    papers: dict[tuple[str, str], list[Any]] = defaultdict(list)
    query = select(n.case_id, n.path, n.number, n.area, n.made_at).where(n.case_id.in_(ids))
    for row in tx.run(query.order_by(n.made_at, n.number)):
        papers[row.case_id, row.path].append(row)
    put_up: dict[str, int] = {}
    at = select(h.case_id, h.seq, h.entered_at, h.payload).where(
        h.case_id.in_(ids),
        h.kind == fixed("task.completed"),
        h.payload["element"].as_string() == "post_notice",
    )
    hung: dict[tuple[str, int], Any] = {}
    for row in tx.run(at.order_by(h.case_id, h.seq)):
        known = [p for p in papers[row.case_id, row.payload.get("path") or ""] if p.made_at <= row.entered_at]
        if known and put_up.setdefault(known[-1].number, row.seq) == row.seq:
            hung[row.case_id, row.seq] = known[-1]
    for one in posts:
        paper = hung.get((one.case_id, one.seq))
        if paper is not None:
            yield Fact("notices", one.area, one.case_id)
            if not paper.number.endswith("-G1"):
                yield Fact("renotices", one.area, one.case_id)


def _step(one: _Told, registered: Mapping[str, Any]) -> Fact | None:
    values = one.values
    match one.what:
        case "verify_on_site":
            if values.get("verify_result") != "confirmed":
                return None
            causes = tuple(f"cause:{cause}" for cause in (values.get("causes") or [])[:1])
            return Fact("confirmed", one.area, one.case_id, by=causes)
        case "give_first_aid":
            return Fact("first_aid", one.area, one.case_id, yuan(values.get("amount")))
        case "approve_quick":
            if values.get("quick_result") != "granted":
                return None
            amount, persons = yuan(registered.get("amount")), count(registered.get("persons"))
            return Fact("small_quick", one.area, one.case_id, amount, persons)
        case "escort_person" | "guide_person":
            return Fact("escorts", one.area, one.case_id, by=(f"mode:{one.what}",))
        case "record_refusal":
            return Fact("declined", one.area, one.case_id)
        case "post_notice":
            return None  # counted with its paper
        case "deliberate":
            return Fact("deliberations", one.area, one.case_id)
        case _:
            return Fact("follow_ups", one.area, one.case_id)


def _said(tx: Tx, w: Window) -> Iterator[Fact]:
    told = _told(tx, w, "message.received", "message", MESSAGES)
    departments = [one for one in told if one.what.startswith("dept_")]
    sent = _before(tx, departments, ("prepare_referral", "reroute"))
    for one in told:
        by = (f"department:{sent.get((one.case_id, one.seq), {}).get('to_dept') or ''}",)
        if one.what == "charity_answered":
            given = yuan(one.values.get("charity_amount"))
            if given:
                yield Fact("charity", one.area, one.case_id, given)
        elif one.what == "dept_reply":
            accepted = one.values.get("dept_reply") == "accepted"
            yield Fact(
                "referrals_accepted" if accepted else "referrals_bounced", one.area, one.case_id, by=by
            )
        elif one.what == "dept_result":
            yield Fact("referrals_closed", one.area, one.case_id, by=by)
        else:
            yield Fact("reconsiderations", one.area, one.case_id)


def entered(tx: Tx, town: str, moment: datetime, begin: datetime, end: datetime) -> Iterator[datetime]:
    """When what happened in [begin, end) and was entered later than `moment` happened, by the words it was entered with."""
    h, c = history.c, cases.c
    here = or_(c.area == town, c.area.startswith(town + "/", autoescape=True), h.case_id.in_(once_here(town)))
    for kind, key, names in (
        ("task.completed", "element", STEPS),
        ("message.received", "message", MESSAGES),
    ):
        what = h.payload[key].as_string()
        query = select(h.at, h.payload, what.label("what")).join(cases, c.id == h.case_id)
        late = (h.kind == fixed(kind), what.in_(list(names)), h.entered_at > moment, h.at >= begin - EARLY)
        for row in tx.run(query.where(here, *late)):
            said = (row.payload.get("values") or {}).get(names[row.what] or "")
            at = instant(said) if said else row.at
            if begin <= at < end:
                yield at
