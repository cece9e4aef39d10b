"""合并线索: a report of a hardship that is known already is joined to its main lead, which then owes the answer for both.

A merger must never make a hardship vanish (R62): the main lead exists, lies in the same town, is another one, and is open or was
answered with aid; a chain of mergers is followed to its end and never closes to a ring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update

from casework import areas
from casework.tables import leads
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Conflict, Field, Invalid
from engine.routing import at_tier, within
from engine.tables import cases
from engine.world import StepDone

MERGED = "merged"
AID = frozenset({"helped", "referred", "escorted", "charity", "backstop"})
"""Conclusions that answered the hardship; whoever is found again after another one has to be looked at again."""
K = leads.c
_READ = select(leads, cases.c.status).join(cases, cases.c.id == K.case_id)


def ends(tx: Tx, numbers: Iterable[str]) -> dict[str, Any]:
    """The lead each of these was joined to in the end (itself, if to none). One that stands in a ring of old has no end."""
    known: dict[str, Any] = {}
    looked: set[str] = set()
    wanted = set(numbers)
    while wanted:
        known |= {row.number: row for row in tx.run(_READ.where(K.number.in_(wanted)))}
        looked |= wanted
        wanted = {row.merged_into for row in known.values() if row.merged_into} - looked
    found = {}
    for number in known:
        seen, at = {number}, known[number]
        while at is not None and at.merged_into and at.merged_into not in seen:
            seen.add(at.merged_into)
            at = known.get(at.merged_into)
        if at is not None and not at.merged_into:
            found[number] = at
    return found


def hindrance(tx: Tx, number: str, into: str | None) -> str | None:
    """Why a lead must not be joined to another, in words; None where it may."""
    if not into:
        return "请填写原线索编号"
    if number == into:
        return "不能并入自己，请填写另一条线索的编号"
    heirs = areas.heirs(tx)
    rows = {row.number: row for row in tx.run(_READ.where(K.number.in_([number, into])))}
    mine = rows.get(number)
    if mine is None or into not in rows or not _same_town(mine.area, rows[into].area, heirs):
        return f"本镇（街）没有编号为 {into} 的线索"
    main = ends(tx, [into]).get(into)
    if main is None:
        return f"线索 {into} 的合并关系有误，没有主线索，请填写其他线索"
    if main.number == number:
        return f"线索 {into} 已并入本线索，不能再反过来并入它"
    what = f"线索 {into}" if main.number == into else f"线索 {into} 已并入的线索 {main.number}"
    if not _same_town(mine.area, main.area, heirs):
        return f"{what} 已由其他镇（街）办理，请将本线索转属地"
    if main.conclusion is None:
        return None if main.status == "active" else f"{what} 已终止，没有结果，本线索须另行办理"
    if main.conclusion not in AID:
        return f"{what} 没有得到救助，本线索须另行核查"
    if mine.discovered_at > main.closed_at:
        closed = main.closed_at.astimezone(ZONE)
        return f"{what} 已于 {closed:%Y-%m-%d} 办结，此后发现的困难须另行核查"
    return None


def _same_town(one: str, other: str, heirs: Mapping[str, str]) -> bool:
    """In one town today, whatever the villages were called when a lead was closed."""
    return within(areas.follow(other, heirs), at_tier(areas.follow(one, heirs), "town"))


def asked(tx: Tx, key: Any) -> str | None:
    """`register("merger", {lead, into})` of a form: why not, or null."""
    given = key if isinstance(key, Mapping) else {}
    return hindrance(tx, str(given.get("lead") or ""), str(given.get("into") or "") or None)


def settle(tx: Tx, number: str, into: str | None) -> str:
    """Join a lead to the end of the chain: judged under the lock of both rows, so that two mergers at a time close no ring.

    Returns the main lead. Raises Invalid at the field. Settled before, it stays: the main lead may have been answered since.
    """
    for _ in range(10):
        main = ends(tx, [into]).get(into) if into else None
        locked = sorted({number, main.number if main is not None else number})
        rows = tx.run(select(leads).where(K.number.in_(locked)).order_by(K.number).with_for_update())
        held = {row.number: row for row in rows}
        if held[number].merged_into and main is not None and held[number].merged_into == main.number:
            return str(main.number)
        if main is None or held[main.number].merged_into is None:
            break
    else:
        raise Conflict("原线索正在合并，请稍后再试。", "The main lead is being merged.", code="busy")
    why = hindrance(tx, number, into)
    if why is not None or main is None:
        message = why or "请填写原线索编号"
        raise Invalid(
            f"不能合并：{message}。",
            "No such main lead.",
            code="no_main_lead",
            fields=[Field("duplicate_of", message)],
        )
    tx.run(update(leads).where(K.number == number).values(merged_into=main.number))
    return str(main.number)


def decided(variables: Mapping[str, Any], document: Mapping[str, Any]) -> str | None:
    """The main lead people have named for a lead they found to be a duplicate; on site a second one has agreed."""
    section = "lead" if variables.get("ack_result") == "merge" else "verification"
    return str((document.get(section) or {}).get("duplicate_of") or "") or None


def done(tx: Tx, step: StepDone) -> None:
    """A step that says the lead is a duplicate joins it at once, before anybody can merge the other way round."""
    if step.form == "town_ack" and step.values.get("ack_result") == "merge":
        settle(tx, step.case_number, str(step.values.get("duplicate_of") or "") or None)
    elif step.form == "not_confirmed_sign" and step.values.get("agree") is True:
        query = select(cases.c.variables, cases.c.document).where(cases.c.id == step.case_id)
        row = tx.run(query).one()
        if row.variables.get("verify_result") == "duplicate":
            settle(tx, step.case_number, decided(row.variables, row.document.get("", {})))


def joined_to(tx: Tx, case_id: str) -> list[str]:
    """Numbers of the leads that wait for what becomes of this one."""
    main = select(K.number).where(K.case_id == case_id).scalar_subquery()
    return list(tx.run(select(K.number).where(K.merged_into == main).order_by(K.number)).scalars())
