"""The law in words: terms, parameters, choices, notices."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from api.schemas import legal as schemas
from casework import areas, staff
from engine import legal
from engine.calendar import Calendar, Year
from engine.db import Tx
from engine.lateness import Lateness
from engine.lateness import words as late_words
from engine.terms import LONGEST, PAUSES, UNIT_WORDS, Parameter, Term, Terms, limits
from engine.world import World

CONFIDENCE = {"H": "原文", "M": "官方摘引", "L": "参照他地", "D": "区级自定", "MEM": "待核"}
EXPIRY = {
    "E1": "过半、八成、到期日提醒",
    "E2": "超期报上级",
    "E3": "再过一个时限督办",
    "E3_at_once": "超期即督办",
    "E4": "当事人可申请救济",
}


def table(
    tx: Tx, world: World, on: date, journal: Sequence[legal.Change], reader: str, *, may: bool
) -> list[schemas.LegalItem]:
    """Every term and parameter on a day, with what waits for confirmation and what comes into force later."""
    shown = changes(tx, world, journal, reader, may=may)
    pending = {(c.kind, c.key): c for c in shown if c.state == "proposed"}
    coming = {(c.kind, c.key): c for c in reversed(shown) if c.state == "confirmed" and c.valid_from > on}
    terms = world.terms
    items = [_term(world, key, on) for key in sorted(terms.terms) if _listed(terms, "term", key, on)]
    items += [
        _parameter(world, key, on) for key in sorted(terms.parameters) if _listed(terms, "parameter", key, on)
    ]
    return [
        item.model_copy(
            update={
                "pending": pending.get((item.kind, item.key)),
                "coming": coming.get((item.kind, item.key)),
            }
        )
        for item in items
    ]


def _listed(terms: Terms, kind: str, key: str, on: date) -> bool:
    """Was it in force that day: not lapsed, and not given up before?"""
    return terms.stands(key, on) and on < terms.retired.get((kind, key), date.max)


def _term(world: World, key: str, on: date) -> schemas.LegalItem:
    term = world.terms.get(key, on)
    basis = legal.lawful(world.terms, "term", key, on)
    assert isinstance(basis, Term)
    least, most = limits(basis)
    counting = ["次日起算" if term.start == "next_day" else "即时起算"]
    if term.roll:
        counting.append("末日为休息日的顺延")
    if term.net_of:
        counting.append(f"不计{'、'.join(PAUSES.get(one, one) for one in term.net_of)}")
    rule = term.extension
    return schemas.LegalItem(
        kind="term",
        key=key,
        group=key.partition(".")[0],
        name=term.name or key,
        value=term.n,
        words=term.words,
        lawful=basis.words,
        chosen_from=term.chosen_from,
        choice=term.lawful_n is not None,
        direction="至迟，只能缩短"
        if term.kind == "max" and most < LONGEST
        else "至少，只能延长"
        if term.kind == "min" and least > 1
        else "区里自定",
        least=least,
        most=None if most == LONGEST else most,
        start_event=term.start_event,
        counting="，".join(counting),
        pauses=[PAUSES.get(p, p) for p in term.pauses],
        extension=_extension(world, rule, term) if rule else None,
        expiry=[EXPIRY[e] for e in term.expiry],
        citation=term.citation,
        confidence=term.confidence,
        confidence_words=confidence(term.confidence),
    )


def _extension(world: World, rule: Mapping[str, Any], term: Term) -> str:
    posts = "、".join(str(world.posts.get(p, {}).get("label", p)) for p in str(rule["who"]).split(","))
    reasons = "、".join(rule.get("reasons", ())) or "写明原因"
    return (
        f"可延长 {rule['n']} {UNIT_WORDS[term.unit]}，{rule['how_often']} 次；由{posts}决定；事由：{reasons}"
    )


def _parameter(world: World, key: str, on: date) -> schemas.LegalItem:
    basis = legal.lawful(world.terms, "parameter", key, on)
    assert isinstance(basis, Parameter)
    value = world.terms.parameter(key, on)
    bounds = basis.bounds or {}
    return schemas.LegalItem(
        kind="parameter",
        key=key,
        group=key.partition(".")[0],
        name=basis.name or key,
        value=_plain(value),
        words=legal.words(basis, value),
        lawful=legal.words(basis, basis.value),
        choice=bool(value != basis.value),
        least=_plain(bounds.get("min")),
        most=_plain(bounds.get("max")),
        choices=[schemas.Choice(value=v, label=words) for v, words in basis.choices.items()],
        citation=basis.citation,
    )


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str | list) else float(value)


def confidence(marks: str | None) -> str | None:
    return "，".join(CONFIDENCE.get(mark, mark) for mark in marks.split("/")) if marks else None


# ------------------------------------------------------------------------------------------ journal
def changes(
    tx: Tx, world: World, found: Iterable[legal.Change], reader: str, *, may: bool
) -> list[schemas.LegalChange]:
    rows = list(found)
    names = staff.names(tx, {p for row in rows for p in (row.proposed_by, row.decided_by) if p})
    return [_change(world, row, names, reader, may=may) for row in rows]


def _change(
    world: World, row: legal.Change, names: Mapping[str, str], reader: str, *, may: bool
) -> schemas.LegalChange:
    can: list[Any] = []
    if row.state == "proposed":
        can = ["withdraw"] if row.proposed_by == reader else ["confirm"] if may else []
    name, before, value = _words(world, row)
    return schemas.LegalChange(
        id=row.id,
        kind=row.kind,
        key=row.key,
        name=name,
        before=before,
        value=value,
        valid_from=row.valid_from,
        reason=row.reason,
        state=row.state,
        proposed_by=names.get(row.proposed_by or "", "命令行"),
        proposed_at=row.proposed_at,
        decided_by=names.get(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        answer=row.answer,
        revision=row.revision,
        can=can,
    )


def _words(world: World, row: legal.Change) -> tuple[str, str | None, str]:
    if row.kind == "calendar":
        before = None if row.before is None else "替换原有的安排"
        return f"{row.value['year']} 年放假安排", before, str(row.value["notice"])
    if row.kind == "basis":
        return world.terms.name(row.key, row.valid_from), row.before or "（新增）", str(row.value)
    basis = legal.lawful(world.terms, row.kind, row.key, row.valid_from)
    return basis.name or row.key, legal.words(basis, row.before), legal.words(basis, row.value)


# ------------------------------------------------------------------------------------------ calendar
def year(known: Year, calendar: Calendar, place: Mapping[str, str]) -> schemas.CalendarYear:
    """A notice in spans of days, with the working days of its year."""
    spans = []
    for name, days in itertools.groupby(sorted(known.rest.items()), key=lambda pair: pair[1]):
        listed = [day for day, _ in days]
        spans.append({"name": name, "from": listed[0].isoformat(), "to": listed[-1].isoformat()})
    whole = calendar.of(known.area) if known.area else calendar
    first = date(known.year, 1, 1)
    count = sum(
        whole.is_working_day(first + timedelta(days=n), provisional=True)
        for n in range((date(known.year, 12, 31) - first).days + 1)
    )
    return schemas.CalendarYear(
        year=known.year,
        area=known.area,
        area_name=place.get(known.area) if known.area else None,
        notice=known.notice,
        source=known.source,
        rest=spans,
        work=sorted(known.work),
        working_days=count,
    )


def years(tx: Tx, world: World) -> list[schemas.CalendarYear]:
    known = [*world.calendar.years.values(), *world.calendar.local.values()]
    place = areas.names(tx, {y.area for y in known if y.area})
    return [year(one, world.calendar, place) for one in sorted(known, key=lambda y: (-y.year, y.area))]


def lateness(found: Lateness) -> schemas.LatenessView:
    """Measured lateness, with its sentence."""
    return schemas.LatenessView(
        since=found.since,
        fired=found.fired,
        median=found.median,
        most=found.most,
        worst=found.worst,
        waiting=found.waiting,
        oldest=found.oldest,
        text=late_words(found),
    )
