"""Who is recognised and for how long: dibao, dibao edge, rigid expenditure, tekun – with the month payment begins and the day of review.

One row per application. A row is written by the process that recognised the family and changed or ended by a later decision; rows are
never taken away, and every decision of a review is kept beside them (`changes`). Until a decision the family is paid as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from casework import households
from casework.tables import recognition_changes, recognitions
from engine.calendar import instant
from engine.db import Tx, made
from engine.deadline import Deadline, add_months, compute
from engine.errors import Conflict, NotFound
from engine.world import World

R = recognitions.c


@dataclass(frozen=True, slots=True)
class Recognition:
    """`from_month`: first day of the first month paid (None: a status without payment). `valid_to`: last day (None: until a decision).

    `household`: of the register, None where nobody could tell which of several of that name. `account`: where the register cannot
    hold it (`casework.monthly`); `payee`: whose account it is, if not the person's own.
    """

    application_no: str
    programme: str
    case_id: str
    area: str
    title: str
    decided_on: date
    amount: Decimal | None
    persons: int
    from_month: date | None
    valid_to: date | None
    review_on: date | None
    state: str
    support_form: str | None = None
    ended_on: date | None = None
    end_reason: str | None = None
    household: str | None = None
    account: str | None = None
    payee: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a household receives. `by_name`: nothing but village and name says that it is this household."""

    recognition: Recognition
    by_name: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a review decided. `result`: keep, increase, reduce, stop, reinstate (a stop was
    annulled), natural (everybody died), expired; valid from `from_month`."""

    application_no: str
    number: int
    result: str
    decided_on: date
    from_month: date
    amount_before: Decimal | None
    amount: Decimal | None
    persons_before: int
    persons: int
    change: str | None
    hearing_ref: str | None
    decision_no: str | None


ENDING = ("stop", "natural", "expired")
HEARD = ("reduce", "stop")
"""Results that nobody may decide before the family was heard (《社会救助法》第四十八条)."""
C = recognition_changes.c
CHANGE_COLUMNS = [recognition_changes.c[name] for name in Change.__slots__]
COLUMNS = [recognitions.c[name] for name in Recognition.__slots__]


def get(tx: Tx, application_no: str) -> Recognition | None:
    """The recognition an application led to."""
    row = tx.run(select(*COLUMNS).where(R.application_no == application_no)).one_or_none()
    return made(Recognition, row) if row else None


def recognise(
    tx: Tx,
    *,
    application_no: str,
    programme: str,
    case_id: str,
    area: str,
    title: str,
    decided_on: date,
    amount: Decimal | None,
    persons: int,
    from_month: date | None,
    valid_to: date | None,
    now: datetime,
    support_form: str | None = None,
    household: str | None = None,
) -> None:
    """Enter a family. Said again for the same application (a repeated job, a decision after a remedy), it is brought up to date."""
    values = {
        "programme": programme,
        "case_id": case_id,
        "area": area,
        "title": title,
        "decided_on": decided_on,
        "amount": amount,
        "persons": persons,
        "from_month": from_month,
        "valid_to": valid_to,
        "state": "active",
        "support_form": support_form,
        "household": household,
        "ended_on": None,
        "end_reason": None,
    }
    changed = tx.run(update(recognitions).where(R.application_no == application_no).values(**values))
    if changed.rowcount == 0:
        tx.run(
            insert(recognitions),
            {"application_no": application_no, "review_on": None, "entered_at": now, **values},
        )


VALID, REMIND = "rigid.valid", "rigid.remind"


def lasts(world: World, programme: str, decided: date) -> Deadline | None:
    """How long a status is valid from its decision (C-38); None: until another decision."""
    return _from(world, VALID, decided) if programme == "RIGID_EXP" else None


def review(world: World, programme: str, decided: date) -> Deadline | None:
    """The periodic review after a decision (C-30); None where the end of validity calls for it."""
    if programme == "RIGID_EXP":
        return None
    term = "review.periodic.stable" if programme == "TEKUN" else "review.periodic.unstable"
    return _from(world, term, decided)


def _from(world: World, term: str, decided: date) -> Deadline:
    return compute(world.terms.get(term, decided), instant(decided), world.calendar, provisional=True)


def schedule(tx: Tx, application_no: str, review_on: date | None) -> None:
    """Set the day of the next review; None: there will be none."""
    tx.run(update(recognitions).where(R.application_no == application_no).values(review_on=review_on))


def change(
    tx: Tx,
    application_no: str,
    *,
    result: str,
    decided_on: date,
    from_month: date,
    amount: Decimal | None,
    persons: int,
    reason: str | None,
    hearing_ref: str | None,
    decision_no: str | None,
    case_id: str,
    now: datetime,
    job: str,
) -> Change:
    """Enter what a review decided; said again by the same job, nothing changes. Raises Conflict (`not_heard`) for a reduction
    or a stop without the record of a hearing, NotFound for an unknown recognition.
    """
    known = tx.run(select(*CHANGE_COLUMNS).where(C.job == job)).one_or_none()
    if known is not None:
        return made(Change, known)
    if result in HEARD and not hearing_ref:
        raise Conflict(
            "减发、停发须先告知并听取意见。",
            "Nothing is reduced or stopped before the family was heard.",
            code="not_heard",
        )
    before = get(tx, application_no)
    if before is None:
        raise NotFound("没有这份在享救助。", "There is no such recognition.")
    ends = result in ENDING
    entered = Change(
        application_no,
        len(changes(tx, application_no)) + 1,
        result,
        decided_on,
        from_month,
        before.amount,
        None if ends else amount,
        before.persons,
        persons,
        reason,
        hearing_ref,
        decision_no,
    )
    row = {name: getattr(entered, name) for name in Change.__slots__}
    tx.run(insert(recognition_changes), {**row, "case_id": case_id, "entered_at": now, "job": job})
    values: dict[str, object] = {"persons": persons}
    if ends:
        values |= {"state": "ended", "ended_on": from_month, "end_reason": result, "review_on": None}
    elif amount is not None:
        values["amount"] = amount
    tx.run(update(recognitions).where(R.application_no == application_no).values(**values))
    return entered


def reinstate(
    tx: Tx, application_no: str, decision_no: str, *, decided_on: date, case_id: str, now: datetime, job: str
) -> None:
    """A reduction or stop was annulled (reconsideration, court): the family receives again what it received before, from that month.

    Where a later decision stands, that one counts and nothing is put back.
    """
    known, entered = get(tx, application_no), changes(tx, application_no)
    if known is None or not entered:
        return
    fallen = entered[-1]
    if fallen.decision_no != decision_no or fallen.result not in HEARD:
        return
    change(
        tx,
        application_no,
        result="reinstate",
        decided_on=decided_on,
        from_month=fallen.from_month,
        amount=fallen.amount_before,
        persons=fallen.persons_before,
        reason=None,
        hearing_ref=None,
        decision_no=None,
        case_id=case_id,
        now=now,
        job=job,
    )
    values = {"state": "active", "ended_on": None, "end_reason": None}
    tx.run(update(recognitions).where(R.application_no == application_no).values(**values))


def pay_to(tx: Tx, application_no: str, **known: str | None) -> None:
    """Set `account` or `payee`."""
    tx.run(update(recognitions).where(R.application_no == application_no).values(**known))


def changes(tx: Tx, application_no: str) -> list[Change]:
    """What reviews decided, in the order they did."""
    query = select(*CHANGE_COLUMNS).where(C.application_no == application_no).order_by(C.number)
    return [made(Change, row) for row in tx.run(query)]


def paid_in(tx: Tx, area: str, month: date) -> list[Recognition]:
    """Who is paid for the month that begins on `month` in an area and below, with the amount of that month, by programme and title."""
    return [one for _month, one in paid_until(tx, area, month, add_months(month, -1))]


def paid_until(tx: Tx, area: str, month: date, since: date | None) -> list[tuple[date, Recognition]]:
    """Who is paid for which month after `since` (None: from the first on) up to `month`, earliest month first, otherwise as `paid_in`."""
    query = (
        select(*COLUMNS)
        .where(
            R.area.like(f"{area}%"),
            R.from_month <= month,
            or_(R.state == "active", R.ended_on > (since or date.min)),
        )
        .order_by(R.programme, R.title, R.application_no)
    )
    found = [made(Recognition, row) for row in tx.run(query)]
    history: dict[str, list[Change]] = {}
    for row in tx.run(select(*CHANGE_COLUMNS).where(_of(found)).order_by(C.number)):
        entered = made(Change, row)
        history.setdefault(entered.application_no, []).append(entered)
    paid = [
        (one_month, replace(r, amount=_amount_in(r, history.get(r.application_no, []), one_month)))
        for r in found
        for one_month in _months(r, month, since)
    ]
    return sorted(paid, key=lambda line: line[0])


def _months(recognition: Recognition, month: date, since: date | None) -> Iterator[date]:
    """The first days of the months paid, after `since` up to `month`."""
    begins = recognition.from_month or month
    one = begins if since is None else max(begins, add_months(since, 1))
    while one <= month:
        ended = recognition.state == "ended" and one >= (recognition.ended_on or one)
        expired = recognition.valid_to is not None and recognition.valid_to < one
        if ended or expired:
            return
        yield one
        one = add_months(one, 1)


def _of(found: list[Recognition]) -> ColumnElement[bool]:
    return C.application_no.in_([r.application_no for r in found])


def _amount_in(recognition: Recognition, history: list[Change], month: date) -> Decimal | None:
    """A decision counts from its month on; before the first one, what it found – or what it settled, where no amount was ever said."""
    decided = [one for one in history if one.result not in ENDING]
    valid = [one for one in decided if one.from_month <= month]
    if valid and valid[-1].amount is not None:
        return valid[-1].amount
    if not decided:
        return recognition.amount
    said = [one.amount for one in decided if one.amount is not None]
    return decided[0].amount_before if decided[0].amount_before is not None else next(iter(said), None)


def due(tx: Tx, area: str, on: date) -> list[Recognition]:
    """Active recognitions whose review is due by that day, earliest first."""
    query = select(*COLUMNS).where(R.area.like(f"{area}%"), R.state == "active", R.review_on <= on)
    return [made(Recognition, row) for row in tx.run(query.order_by(R.review_on, R.application_no))]


def living_at_home(tx: Tx, area: str) -> list[Recognition]:
    """People in tekun care who live at home (C-47)."""
    query = select(*COLUMNS).where(
        R.area.like(f"{area}%"), R.state == "active", R.programme == "TEKUN", R.support_form == "home"
    )
    return [made(Recognition, row) for row in tx.run(query.order_by(R.area, R.title, R.application_no))]


def held_by(tx: Tx, household: str | None, area: str, head: str) -> list[Held]:
    """What a household receives: what is linked to it, and what is linked to none but bears its head's name in its village.

    The name counts only where one household of the village bears it, or none is on the register: two of one name are never mixed up.
    """
    bearing = households.named(tx, area, head)
    own = household or (bearing[0] if len(bearing) == 1 else None)
    same = [R.household == own] if own else []
    if bearing in ([], [own]):
        same.append(and_(R.household.is_(None), R.area == area, R.title == head))
    if not same:
        return []
    query = select(*COLUMNS).where(or_(*same), R.state == "active").order_by(R.application_no)
    found = [made(Recognition, row) for row in tx.run(query)]
    return [Held(one, one.household is None) for one in found]


def page(
    tx: Tx,
    where: ColumnElement[bool],
    *,
    q: str | None,
    state: str | None,
    linked: bool | None,
    offset: int,
    limit: int,
) -> tuple[list[Recognition], int]:
    """Recognitions within sight by name or number, those whose review comes first on top, and how many there are.

    `linked`: those (not) linked to a household of the register.
    """
    conditions = [where]
    if q:
        conditions.append(
            or_(R.title.contains(q, autoescape=True), R.application_no.contains(q, autoescape=True))
        )
    if state:
        conditions.append(R.state == state)
    if linked is not None:
        conditions.append(R.household.is_not(None) if linked else R.household.is_(None))
    total = tx.run(select(func.count()).select_from(recognitions).where(*conditions)).scalar_one()
    query = (
        select(*COLUMNS)
        .where(*conditions)
        .order_by(R.state, R.review_on.is_(None), R.review_on, R.application_no)
    )
    return [made(Recognition, row) for row in tx.run(query.offset(offset).limit(limit))], int(total)
