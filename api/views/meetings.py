"""Appraisal meetings as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from api.schemas import meetings as shapes
from api.views import due
from casework import areas, holding, meetings, minutes, staff
from casework.meeting_rules import count
from casework.meetings import Item, Meeting
from casework.words import Words
from engine import definitions
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import Actor
from engine.tables import cases

WHAT = {
    "opened": "拟稿",
    "added": "列入议程",
    "removed": "移出议程",
    "convened": "召集",
    "closed": "结束",
    "cancelled": "取消",
    "correction": "更正",
}
RULES = ("appraisal.min_present", "appraisal.min_residents", "appraisal.pass_share")


def rows(tx: Tx, actor: Actor, found: Sequence[Meeting]) -> list[shapes.MeetingRow]:
    names = areas.names(tx, {one.area for one in found})
    people = staff.names(tx, {one.chair for one in found})
    states = meetings.item_states(tx, actor, [one.number for one in found])
    return [_row(one, names, people, states.get(one.number, {})) for one in found]


def _row(
    one: Meeting, names: Mapping[str, str], people: Mapping[str, str], states: Mapping[str, int]
) -> shapes.MeetingRow:
    return shapes.MeetingRow(
        number=one.number,
        area=one.area,
        place_name=names[one.area],
        held_at=one.held_at,
        place=one.place,
        state=one.state,
        state_text=meetings.STATES[one.state],
        chair=people.get(one.chair, ""),
        present=sum(bool(p["present"]) for p in one.roll),
        invited=len(one.roll),
        cases=sum(states.values()),
        done=states.get("done", 0),
        postponed=states.get("postponed", 0),
        open=states.get("open", 0),
        void=states.get("void", 0),
    )


def waiting(tx: Tx, found: Sequence[Any], now: datetime) -> list[shapes.Waiting]:
    names = areas.names(tx, {row.area for row in found})
    return [
        shapes.Waiting(
            task=row.id,
            case_id=row.case_id,
            case_number=row.number,
            title=row.title,
            place=names[row.area],
            area=row.area,
            planned=row.element == meetings.RECORD,
            due=due.of_task(tx.world, row, now),
        )
        for row in found
    ]


def rules(tx: Tx, now: datetime) -> list[shapes.Rule]:
    """What a meeting is measured by today, each number with its source."""
    terms, today = tx.world.terms, now.astimezone(ZONE).date()
    return [
        shapes.Rule(
            key=key,
            name=terms.parameters[key][-1].name,
            value=float(terms.parameter(key, today)),
            source=terms.basis(key, today) or "",
        )
        for key in RULES
    ]


def detail(
    tx: Tx, actor: Actor, meeting: Meeting, agenda: Sequence[Item], now: datetime, *, whole: bool
) -> shapes.MeetingDetail:
    names = areas.names(tx, {meeting.area, *(one.area for one in agenda)})
    people = staff.names(tx, [meeting.chair, meeting.deputy or ""])
    seen = {one.n for one in agenda}
    return shapes.MeetingDetail(
        **{key: getattr(meeting, key) for key in _PLAIN},
        state=meeting.state,
        convener=meeting.convener,
        state_text=meetings.STATES[meeting.state],
        place_name=names[meeting.area],
        chair_name=people.get(meeting.chair, ""),
        deputy_name=people.get(meeting.deputy or ""),
        roll=[shapes.RollEntry(**one) for one in meeting.roll],
        roles=meetings.roles(tx, now),
        items=_items(tx, meeting, agenda, names, now),
        whole=whole,
        rules=rules(tx, now),
        log=[
            _entry(one)
            for one in reversed(meeting.log)
            if whole or one["item"] in seen or one["what"] not in ("removed", "correction")
        ],
        may_edit=meeting.open and whole and meetings.may_prepare(tx, actor, meeting.area, now),
        may_hold=whole and meetings.may_hold(tx, actor, meeting.area, now),
    )


_PLAIN = (
    "number", "revision", "area", "held_at", "place", "chair", "deputy", "recorder", "course", "photos", "digest", "closed_at",
)  # fmt: skip


def _entry(one: Mapping[str, Any]) -> shapes.LogEntry:
    kept = {key: one[key] for key in ("at", "name", "what", "text", "item")}
    return shapes.LogEntry.model_validate({**kept, "what_text": WHAT[one["what"]]})


def _items(
    tx: Tx, meeting: Meeting, agenda: Sequence[Item], names: Mapping[str, str], now: datetime
) -> list[shapes.ItemRow]:
    c = cases.c
    known = {
        row.id: row
        for row in tx.run(select(c.id, c.number, c.title).where(c.id.in_([one.case_id for one in agenda])))
    }
    words = Words.of_codes(definitions.coming(tx, meetings.PROCESS, now).codes)
    return [_item(tx, meeting, one, known[one.case_id], names[one.area], words, now) for one in agenda]


def _item(
    tx: Tx, meeting: Meeting, one: Item, case: Any, place: str, words: Words, now: datetime
) -> shapes.ItemRow:
    recused = meetings.withdrawn(tx, meeting, one)
    voting = count(meeting.participants, {r.key for r in recused})
    task = None
    if one.state == "open":
        task = meetings.task_of(tx, one, meetings.RECORD) or meetings.task_of(tx, one, meetings.PLAN)
    judged = holding.verdict(tx, meeting, one, voting) if not one.postpone.strip() else None
    return shapes.ItemRow(
        **{key: getattr(one, key) for key in _TYPED},
        case_number=case.number,
        title=case.title,
        place=place,
        programme=words.of("programme_all", one.programme),
        task=task.id if task is not None else None,
        recused=[
            shapes.RecusalRow(key=r.key, name=r.name, why=r.why, automatic=r.automatic) for r in recused
        ],
        voting=voting.present,
        residents=voting.residents,
        verdict=None
        if judged is None
        else shapes.Verdict(valid=judged[0], passed=judged[1], text=minutes.result_words(judged)),
        state=one.state,
        due=due.of_task(tx.world, task, now) if task is not None else None,
    )


_TYPED = (
    "n", "case_id", "application_no", "agree", "against", "abstain", "opinion", "dissent", "postpone", "failure", "done_at",
)  # fmt: skip
