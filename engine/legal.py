"""The law in force here: the district's own choices over the basis as deployed, and holiday notices; a journal of all.

`terms.toml` and `calendars/` are the legal basis (`engine.legal_basis` keeps each version); a row is what the district has chosen within it, or a notice that came
later. A choice is proposed by one person and confirmed by another, holds from a coming day on, and so never touches a
case accepted before. Every process asks for the greatest serial once in a transaction, so none works on old rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import calendar_notice, legal_basis
from engine.calendar import ZONE, Calendar, Year
from engine.db import Tx, dumps, made, new_id
from engine.deadline import add_months
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound, StaleRevision
from engine.routing import Actor
from engine.tables_legal import legal_changes
from engine.terms import (
    UNIT_WORDS,
    Choice,
    Parameter,
    Term,
    Terms,
    day_words,
    nearest,
    wrong_number,
    wrong_value,
)
from engine.world import World

L = legal_changes.c
CHOICES = ("term", "parameter")
FARTHEST = 24
"""Months ahead a choice may begin: what lies farther is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the journal."""

    id: str
    kind: str
    key: str
    value: Any
    before: Any
    valid_from: date
    reason: str
    state: str
    serial: int | None
    proposed_by: str | None
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    revision: int


_COLUMNS = [L[name] for name in Change.__slots__]


def _change(row: Any) -> Change:
    found = made(Change, row)
    return replace(found, value=(found.value or _NOTHING)["is"], before=(found.before or _NOTHING)["is"])


def _stored(value: Any) -> dict[str, Any]:
    """A value in a JSON column: in an object, because SQLite makes a number of a bare number."""
    return {"is": value}


_NOTHING: dict[str, Any] = {"is": None}
SERIAL = select(func.coalesce(func.max(L.serial), 0))


# ------------------------------------------------------------------------------------------ in force
class Rules:
    """`World.rules` of an installation: its files with what this database has decided, read again when that has grown."""

    def __init__(self) -> None:
        self._known: tuple[int, World, World] | None = None

    def __call__(self, tx: Tx, installed: World, serial: int | None = None) -> World:
        if serial is None:
            serial = int(tx.run(SERIAL).scalar_one())
        known = self._known
        if known is not None and known[0] == serial and known[1] is installed:
            return known[2]
        world = in_force(tx, installed)
        self._known = (serial, installed, world)  # one assignment: threads see the old or the new one
        return world


def in_force(tx: Tx, installed: World) -> World:
    """Terms as deployed with the confirmed choices, the calendar with the notices loaded."""
    rows, basis = confirmed(tx), legal_basis.stored(tx)
    return installed.with_(
        terms=(basis or installed.terms).with_choices(choices(rows)),
        calendar=installed.calendar.with_(notices(rows), _calendar_serial(rows)),
    )


def confirmed(tx: Tx) -> list[Change]:
    query = select(*_COLUMNS).where(L.state == "confirmed").order_by(L.serial)
    return [_change(row) for row in tx.run(query)]


def choices(rows: Iterable[Change]) -> list[Choice]:
    return [Choice(row.key, _exact(row.value), row.valid_from) for row in rows if row.kind in CHOICES]


def notices(rows: Iterable[Change]) -> list[Year]:
    return [calendar_notice.of_json(row.value) for row in rows if row.kind == "calendar"]


def notices_since(tx: Tx, serial: int) -> list[Year]:
    """The notices loaded after a calendar was in force, in their order."""
    return notices(row for row in confirmed(tx) if (row.serial or 0) > serial)


def _calendar_serial(rows: Iterable[Change]) -> int:
    return max((row.serial or 0 for row in rows if row.kind in ("calendar", "files")), default=0)


def _exact(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


# ------------------------------------------------------------------------------------------ journal
def journal(tx: Tx, *, key: str | None = None, limit: int = 200) -> list[Change]:
    """Everything proposed, confirmed, refused and loaded, newest first."""
    query = select(*_COLUMNS).where(L.kind != "files").order_by(L.proposed_at.desc(), L.id).limit(limit)
    return [_change(row) for row in tx.run(query if key is None else query.where(L.key == key))]


def get(tx: Tx, change_id: str) -> Change:
    row = tx.run(select(*_COLUMNS).where(L.id == change_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("没有这条调整。", "No such change.")
    return _change(row)


def lawful(terms: Terms, kind: str, key: str, on: date) -> Term | Parameter:
    """The legal basis of a key on a day, without any choice of the district; of a lapsed one its last version."""
    plain = terms.with_choices(())
    known: Mapping[str, Any] = plain.terms if kind == "term" else plain.parameters
    if key not in known:
        raise NotFound(f"时限表中没有 {key}。", f"There is no {kind} {key}.", code="unknown_term")
    if kind == "term":
        return nearest(plain.terms[key], on)
    return nearest(plain.parameters[key], on)


def wrong(basis: Term | Parameter, value: Any) -> str | None:
    """Why the district may not choose this, with the article; None when it may (None: back to the legal basis)."""
    if value is None:
        return None
    return wrong_number(basis, value) if isinstance(basis, Term) else wrong_value(basis, value)


def propose(
    tx: Tx, actor: Actor, kind: str, key: str, value: Any, valid_from: date, reason: str, now: datetime
) -> Change:
    """First person: another number or value from a coming day on. Nothing changes until a second person confirms."""
    value = _exact(value)
    basis = lawful(tx.world.terms, kind, key, valid_from)
    if (kind, key) in tx.world.terms.retired or not tx.world.terms.stands(key, valid_from):
        raise NotFound(
            f"「{basis.name or key}」在 {day_words(valid_from)} 没有有效的规定，不能调整。",
            f"{key} is not in force then.",
            code="lapsed",
        )
    fields = []
    refusal = wrong(basis, value)
    if refusal is not None:
        fields.append(Field("value", refusal))
    if valid_from <= now.astimezone(ZONE).date():
        fields.append(Field("valid_from", "生效日期须晚于今天：已受理的事项不受影响。"))
    if valid_from > add_months(now.astimezone(ZONE).date(), FARTHEST):
        fields.append(Field("valid_from", f"生效日期太远，最迟为 {FARTHEST // 12} 年以内的一天。"))
    if len(reason.strip()) < 2:
        fields.append(Field("reason", "请写明调整的理由或文号"))
    if fields:
        raise Invalid(
            f"「{basis.name or key}」不能这样调整：{fields[0].message}",
            "The change is outside the legal basis or incomplete.",
            fields=fields,
            code="outside_the_law" if refusal is not None else "invalid",
        )
    before = now_chosen(tx.world.terms, kind, key, valid_from)
    if value == before or (value is None and _same_as_law(basis, before)):
        raise Invalid(
            "与当日有效的规定相同，不必调整。", "Nothing would change.", fields=[Field("value", "没有变化")]
        )
    row = {
        "id": new_id(),
        "kind": kind,
        "key": key,
        "value": _stored(value),
        "before": _stored(before),
        "valid_from": valid_from,
        "reason": reason.strip(),
        "state": "proposed",
        "proposed_by": actor.id,
        "proposed_at": now,
        "revision": 1,
    }
    try:
        tx.run(insert(legal_changes), row)
    except IntegrityError:
        raise Conflict(
            "这一项已有一条待确认的调整。", "A change is proposed already.", code="proposed_already"
        ) from None
    return get(tx, str(row["id"]))


def now_chosen(terms: Terms, kind: str, key: str, on: date) -> Any:
    """The number or value in force on a day."""
    return terms.get(key, on).n if kind == "term" else terms.parameter(key, on)


def _same_as_law(basis: Term | Parameter, value: Any) -> bool:
    return bool(value == (basis.n if isinstance(basis, Term) else basis.value))


def decide(
    tx: Tx, actor: Actor, change_id: str, revision: int, approve: bool, answer: str, now: datetime
) -> Change:
    """Second person: the choice comes into force on its day, or is refused with a reason."""
    found = _open(tx, change_id, revision)
    if found.proposed_by == actor.id:
        raise Forbidden("须由另一人确认。", "Another person must confirm.", code="second_person")
    if not approve:
        if len(answer.strip()) < 2:
            raise Invalid(
                "请写明不同意的理由。", "A reason is needed.", fields=[Field("answer", "请写明理由")]
            )
        return _ended(tx, found, "refused", actor, answer, now)
    if found.valid_from <= now.astimezone(ZONE).date():
        raise Conflict(
            "拟定的生效日期已到，不能再确认；请撤回后按新的日期重新提出。",
            "Its day has come; propose it again.",
            code="day_has_come",
        )
    refusal = wrong(lawful(tx.world.terms, found.kind, found.key, found.valid_from), _exact(found.value))
    if refusal is not None:
        raise Conflict(
            f"依据已变化，不能确认：{refusal}", "The legal basis has changed.", code="outside_the_law"
        )
    return _ended(tx, found, "confirmed", actor, answer, now)


def withdraw(tx: Tx, actor: Actor, change_id: str, revision: int, now: datetime) -> Change:
    """Who proposed takes it back before anybody has decided."""
    found = _open(tx, change_id, revision)
    if found.proposed_by != actor.id:
        raise Forbidden("只有提出的人可以撤回。", "Only who proposed may withdraw.")
    return _ended(tx, found, "withdrawn", actor, "", now)


def _open(tx: Tx, change_id: str, revision: int) -> Change:
    found = get(tx, change_id)
    if found.state != "proposed":
        raise Conflict("这条调整已有结论。", "The change has been decided.")
    if found.revision != revision:
        raise StaleRevision("调整已有更新，请刷新后再试。", "The change has moved on.")
    return found


def _ended(tx: Tx, found: Change, state: str, actor: Actor, answer: str, now: datetime) -> Change:
    values: dict[str, Any] = {
        "state": state,
        "decided_by": actor.id,
        "decided_at": now,
        "answer": answer.strip() or None,
        "revision": found.revision + 1,
    }
    if state == "confirmed":
        values["serial"] = _next_serial(tx)
    _written(tx, update(legal_changes).where(L.id == found.id).values(**values))
    tx.law_changed()
    return get(tx, found.id)


def _next_serial(tx: Tx) -> int:
    return int(tx.run(SERIAL).scalar_one()) + 1


def _written(tx: Tx, statement: Any) -> None:
    try:
        tx.run(statement)
    except IntegrityError:
        # Two confirmed at the same moment: the unique serial lets one through.
        raise Conflict(
            "另一条规定正在生效，请再试一次。", "Another change came into force; try again."
        ) from None


# ------------------------------------------------------------------------------------------ notices
def load_notice(tx: Tx, actor: Actor | None, notice: Year, reason: str, now: datetime) -> Change:
    """A holiday notice comes into force at once; open clocks are projected anew by whoever sweeps.

    Raises Conflict when this very notice is in force already.
    """
    calendar = tx.world.calendar
    known = calendar.local.get((notice.area, notice.year)) if notice.area else calendar.years.get(notice.year)
    if known is not None and calendar_notice.as_json(known) == calendar_notice.as_json(notice):
        raise Conflict(
            f"{notice.year} 年的放假安排已经装入，内容相同。",
            "The notice is in force already.",
            code="loaded_already",
        )
    row = {
        "id": new_id(),
        "kind": "calendar",
        "key": f"{notice.year}{'@' + notice.area if notice.area else ''}",
        "value": _stored(calendar_notice.as_json(notice)),
        "before": _stored(calendar_notice.as_json(known) if known is not None else None),
        "valid_from": date(notice.year, 1, 1),
        "reason": reason.strip() or notice.notice,
        "state": "confirmed",
        "serial": _next_serial(tx),
        "proposed_by": actor.id if actor else None,
        "proposed_at": now,
        "decided_at": now,
        "revision": 1,
    }
    _written(tx, insert(legal_changes).values(**row))
    tx.law_changed()
    tx.after_commit("worker", tx.world.bell)
    return get(tx, str(row["id"]))


def adopt_files(tx: Tx, installed: Calendar, now: datetime) -> bool:
    """Notices that came with an installation's files: if they have changed, open clocks are projected anew. → changed?"""
    years = [*installed.years.values(), *installed.local.values()]
    text = dumps([calendar_notice.as_json(y) for y in sorted(years, key=lambda y: (y.area, y.year))])
    digest = hashlib.sha256(text.encode()).hexdigest()
    last = tx.run(
        select(L.key).where(L.kind == "files").order_by(L.serial.desc()).limit(1)
    ).scalar_one_or_none()
    if last == digest:
        return False
    row = {
        "id": new_id(),
        "kind": "files",
        "key": digest,
        "valid_from": now.astimezone(ZONE).date(),
        "reason": "随安装的日历文件",
        "state": "confirmed",
        "serial": _next_serial(tx),
        "proposed_at": now,
        "decided_at": now,
        "revision": 1,
    }
    _written(tx, insert(legal_changes).values(**row))
    tx.law_changed()
    return True


# ------------------------------------------------------------------------------------------ the basis
def adopt_basis(tx: Tx, given: Terms, now: datetime) -> list[legal_basis.Line]:
    """`terms.toml` is deployed: what it changes for days to come is written into the journal.

    Raises Invalid where it rewrites what has begun.
    """
    return _journaled(tx, legal_basis.adopt(tx, given, now), "随安装部署 terms.toml", now)


def correct_basis(
    tx: Tx, given: Terms, keys: Sequence[str], reason: str, now: datetime
) -> list[legal_basis.Line]:
    """Words of versions that have begun are put right from the file, with the reason on record."""
    if len(reason.strip()) < 2:
        raise Invalid("请写明更正的理由。", "A reason is needed.", code="no_reason")
    return _journaled(tx, legal_basis.correct(tx, given, keys, now), f"更正文字：{reason.strip()}", now)


def _journaled(tx: Tx, lines: list[legal_basis.Line], reason: str, now: datetime) -> list[legal_basis.Line]:
    first = _next_serial(tx) if lines else 0
    for serial, line in enumerate(lines, first):
        row = {
            "id": new_id(),
            "kind": "basis",
            "key": line.key,
            "value": _stored(line.after),
            "before": _stored(line.before),
            "valid_from": line.valid_from,
            "reason": reason,
            "state": "confirmed",
            "serial": serial,
            "proposed_at": now,
            "decided_at": now,
            "revision": 1,
        }
        _written(tx, insert(legal_changes).values(**row))
    tx.law_changed()
    return lines


def words(basis: Term | Parameter, value: Any) -> str:
    """A number or value as people read it."""
    if value is None:
        return "恢复为依据规定"
    if isinstance(basis, Term):
        return f"{value}{UNIT_WORDS[basis.unit]}"
    if isinstance(value, list):
        return "、".join(basis.choices.get(str(one), str(one)) for one in value)
    if isinstance(value, str):
        return basis.choices.get(value, value)
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
