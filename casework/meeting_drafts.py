"""编排会议: a meeting begun, its agenda and roll changed, totals kept as typed – until it is closed. Afterwards only corrections are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from casework import leads, staff
from casework.meetings import STATES, A, Item, M, Meeting, get, items, may_prepare, must_hold, roles, waiting
from casework.tables import meeting_items, meetings
from engine import filling, locking
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound, StaleRevision
from engine.routing import Actor, at_tier


def _prepares(tx: Tx, actor: Actor, area: str, now: datetime) -> None:
    if not may_prepare(tx, actor, area, now):
        raise Forbidden(
            "评议会议由镇（街）和村（居）委会在本辖区内组织。", "Neither a holder nor a convener there."
        )


def entry(actor: Actor, what: str, now: datetime, text: str = "", item: int | None = None) -> dict[str, Any]:
    return {
        "at": now.isoformat(),
        "by": actor.id,
        "name": actor.name,
        "what": what,
        "text": text,
        "item": item,
    }


def begin(
    tx: Tx, actor: Actor, area: str, values: Mapping[str, Any], tasks: Sequence[str], now: datetime
) -> str:
    """拟稿: a meeting with its first agenda; returns its number. `values`: held_at, place, convener, chair, recorder."""
    _prepares(tx, actor, area, now)
    if area.count("/") not in (1, 2):
        raise Invalid(
            "请选择镇（街）或村（居）。",
            "A town or village.",
            fields=[Field("area", "请选择镇（街）或村（居）")],
        )
    series = f"{at_tier(area, 'town').rpartition('/')[2]}-PY{now.astimezone(ZONE):%Y}"
    number = f"{series}-{leads.next_number(tx, series):03d}"
    row = {
        "number": number, "area": area, "roll": [], "course": "", "photos": [], "deputy": None, "state": "draft",
        "log": [entry(actor, "opened", now)], "made_at": now, "revision": 1, **_header(tx, values),
    }  # fmt: skip
    tx.run(insert(meetings), row)
    _add(tx, actor, get(tx, number), tasks)
    return number


def _header(tx: Tx, values: Mapping[str, Any]) -> dict[str, Any]:
    """Time, place and people of a meeting, checked. Raises Invalid at the field."""
    fields = [
        Field(key, f"请填写{label}")
        for key, label in (("place", "地点"), ("recorder", "记录人"))
        if len(str(values[key]).strip()) < 2
    ]
    people = {"chair": "主持人", "deputy": "替补主持人"}
    known = staff.names(tx, [str(values.get(key) or "") for key in people])
    fields += [
        Field(key, f"没有这位{label}")
        for key, label in people.items()
        if values.get(key) and values[key] not in known
    ]
    if values.get("deputy") and values["deputy"] == values["chair"]:
        fields.append(Field("deputy", "替补主持人须是另一人"))
    if fields:
        raise Invalid("填写内容有误，请按提示修改。", "The header has errors.", fields=fields)
    keys = ("held_at", "place", "convener", "chair", "deputy", "recorder")
    return {
        key: values[key].strip() if isinstance(values[key], str) else values[key]
        for key in keys
        if key in values
    }


def _add(tx: Tx, actor: Actor, meeting: Meeting, tasks: Sequence[str]) -> None:
    """Put open appraisal steps of the meeting's area on its agenda.

    Raises Conflict for a step that stands on another agenda, is done, or lies outside.
    """
    rows = {row.id: row for row in waiting(tx, actor, meeting.area)}
    if unknown := [one for one in tasks if one not in rows]:
        raise Conflict(
            f"有 {len(unknown)} 户不能列入：已在其他会议、已办结或不在本辖区。请刷新后再选。",
            "Not waiting there.",
            code="not_waiting",
        )
    last = tx.run(select(func.max(A.n)).where(A.meeting == meeting.number)).scalar() or 0
    for n, task in enumerate(tasks, last + 1):
        row = rows[task]
        seen_there = filling.context(tx, locking.case_of(tx, row.case_id), row.id, row.path)
        values = {
            "meeting": meeting.number, "n": n, "case_id": row.case_id, "path": row.path, "area": row.area,
            "application_no": str(seen_there.get("application_no") or row.number), "programme": str(seen_there.get("programme") or ""),
            "recused": [], "opinion": "", "dissent": "", "postpone": "", "state": "open",
        }  # fmt: skip
        tx.run(insert(meeting_items), values)


def extend(tx: Tx, actor: Actor, number: str, revision: int, tasks: Sequence[str], now: datetime) -> None:
    """列入议程, while the meeting is open. What comes after the convening is convened by doing so once more."""
    meeting = change(tx, actor, number, revision, now)
    _add(tx, actor, meeting, tasks)
    put(tx, meeting, [entry(actor, "added", now, f"{len(tasks)} 户")])


def change(tx: Tx, actor: Actor, number: str, revision: int, now: datetime) -> Meeting:
    """The meeting under its lock, for a change by who prepares it. Raises Conflict once it is closed, StaleRevision when somebody was faster."""
    meeting = get(tx, number, lock=True)
    _prepares(tx, actor, meeting.area, now)
    if not meeting.open:
        raise Conflict(
            f"会议{STATES[meeting.state]}，不能再修改；记录有误的，请登记更正。",
            "The meeting is closed.",
            code="meeting_closed",
        )
    if meeting.revision != revision:
        raise StaleRevision(
            "会议已被他人修改，请刷新后再改；您填写的内容仍在本页。", "The meeting has changed."
        )
    return meeting


def put(tx: Tx, meeting: Meeting, log: Sequence[Mapping[str, Any]] = (), **values: Any) -> None:
    """Write columns of a meeting held under its lock; its revision moves on, its log only grows."""
    grown = {"log": [*meeting.log, *log]} if log else {}
    tx.run(
        update(meetings).where(M.number == meeting.number).values(**values, **grown, revision=M.revision + 1)
    )


def put_item(tx: Tx, item: Item, **values: Any) -> None:
    tx.run(update(meeting_items).where(A.meeting == item.meeting, A.n == item.n).values(**values))


def save(
    tx: Tx,
    actor: Actor,
    number: str,
    revision: int,
    values: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    now: datetime,
) -> None:
    """保存草稿: header, roll and what was typed for the items. Totals are checked when the meeting is closed, not here.

    `rows`: `{"n", "recused": [{"key", "why"}], "agree", …, "postpone"}`. Raises Invalid for a role or person nobody knows.
    """
    meeting = change(tx, actor, number, revision, now)
    _check_roll(tx, values["roll"], now)
    known = {one.n: one for one in items(tx, number)}
    if strangers := [row["n"] for row in rows if row["n"] not in known]:
        raise Conflict(
            f"议程已有变化（第 {strangers[0]} 项已移出），请刷新。",
            "The agenda has changed.",
            code="agenda_changed",
        )
    keys = {one["key"] for one in values["roll"]}
    for row in rows:
        kept = {key: value for key, value in row.items() if key != "n"}
        kept["recused"] = [one for one in row["recused"] if one["key"] in keys]
        put_item(tx, known[row["n"]], **kept)
    put(
        tx,
        meeting,
        **_header(tx, values),
        roll=values["roll"],
        course=values["course"],
        photos=values["photos"],
    )


def _check_roll(tx: Tx, roll: Sequence[Mapping[str, Any]], now: datetime) -> None:
    known, people = roles(tx, now), staff.names(tx, [one.get("person") or "" for one in roll])
    fields = []
    for n, one in enumerate(roll):
        if one["role"] not in known:
            fields.append(Field(f"roll[{n}].role", "请选择身份"))
        if not one["name"].strip():
            fields.append(Field(f"roll[{n}].name", "请填写姓名"))
        if one.get("person") and one["person"] not in people:
            fields.append(Field(f"roll[{n}].name", "没有这位工作人员"))
    if len({one["key"] for one in roll}) != len(roll):
        fields.append(Field("roll", "名册中有重复的行"))
    if fields:
        raise Invalid("名册有误，请按提示修改。", "The roll has errors.", fields=fields)


def remove(tx: Tx, actor: Actor, number: str, revision: int, n: int, now: datetime) -> None:
    """移出议程, before the meeting is closed: the case's step stays open and may stand on another agenda."""
    meeting = change(tx, actor, number, revision, now)
    item = next((one for one in items(tx, number) if one.n == n), None)
    if item is None:
        raise NotFound("议程中没有这一项。", "No such item.")
    tx.run(meeting_items.delete().where(A.meeting == number, A.n == n))
    put(tx, meeting, [entry(actor, "removed", now, item.application_no, n)])


def cancel(tx: Tx, actor: Actor, number: str, revision: int, reason: str, now: datetime) -> None:
    """取消会议, with a reason: nothing was voted; every case's step stays open."""
    meeting = change(tx, actor, number, revision, now)
    why = locking.reason(reason, "取消")
    tx.run(
        update(meeting_items)
        .where(A.meeting == number, A.state == "open")
        .values(state="postponed", postpone=why)
    )
    put(tx, meeting, [entry(actor, "cancelled", now, why)], state="cancelled")


def correct(tx: Tx, actor: Actor, number: str, text: str, n: int | None, now: datetime) -> None:
    """更正: a sentence added to the record of a closed meeting; what was recorded stays as it is."""
    meeting = get(tx, number, lock=True)
    must_hold(tx, actor, meeting.area, now)
    if meeting.state != "closed":
        raise Conflict("会议还没有结束，请直接修改草稿。", "The meeting is open.", code="meeting_open")
    if n is not None and n not in {one.n for one in items(tx, number)}:
        raise NotFound("议程中没有这一项。", "No such item.")
    if len(text.strip()) < 4:
        raise Invalid(
            "请写明更正内容。",
            "Say what is corrected.",
            fields=[Field("text", "请写明更正内容（不少于 4 个字）")],
        )
    put(tx, meeting, [entry(actor, "correction", now, text.strip(), n)])
