"""Deadlines in words and lights, the same everywhere (people.md 3.5): never colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from api.schemas import limits as schemas
from engine import clocks, limits, recusal
from engine.calendar import ZONE, Calendar, by_day
from engine.clocks import Clock
from engine.db import Tx
from engine.deadline import Deadline, Light, last_words, light, opens_words, words
from engine.receipt import pause_words, sentence, why_words
from engine.routing import Actor
from engine.terms import UNIT_WORDS, Term
from engine.world import World

NONE = schemas.Due(light="none", text="无时限", due_at=None, due=None)


def of_task(world: World, row: object, now: datetime) -> schemas.Due:
    """The deadline column of a task row (`due_at`, `due_term`, `due_provisional`, `due_state`), by the days of its `area`."""
    due_at: datetime | None = getattr(row, "due_at", None)
    if due_at is None:
        return NONE
    term = getattr(row, "due_term", None)
    state = getattr(row, "due_state", None)
    return _due(
        world.calendar.of(str(getattr(row, "area", ""))),
        due_at,
        now,
        term=term,
        name=world.terms.name(term, due_at.astimezone(ZONE).date()) if term else None,
        provisional=bool(getattr(row, "due_provisional", False)),
        paused=state == "paused",
        extended=state == "extended",
    )


def of_clock(world: World, clock: Clock, now: datetime) -> schemas.Due:
    return _due(
        world.calendar.of(clock.area),
        clock.due_at,
        now,
        term=clock.term,
        name=clock.name,
        provisional=clock.provisional,
        paused=clock.state == "paused",
        extended=clock.extension is not None,
        opens=clock.kind == "min",
        more=_more(clock, now),
    )


def _more(clock: Clock, now: datetime) -> str | None:
    """Why it stands still and since when; who has extended it."""
    held = [p for p in clock.pauses if p.get("to") is None] if clock.state == "paused" else []
    if held:
        return _standing_words(held[-1], now)
    if clock.extension and clock.extension.get("decisions"):
        return f"延期批准：{clock.extension['decisions'][-1]['by_name']}"
    return None


def _standing_words(pause: Mapping[str, Any], now: datetime) -> str:
    """Why it stands still, and on which day of it."""
    since = datetime.fromisoformat(pause["from"]).astimezone(ZONE).date()
    return f"{pause_words(str(pause['reason']))}（第{(now.astimezone(ZONE).date() - since).days + 1}日）"


def _due(
    calendar: Calendar,
    due_at: datetime,
    now: datetime,
    *,
    term: str | None,
    name: str | None = None,
    provisional: bool = False,
    paused: bool = False,
    extended: bool = False,
    opens: bool = False,
    more: str | None = None,
) -> schemas.Due:
    """`opens`: the term must run out before something may be done; nobody is late by it, so its light is neutral."""
    state = {"provisional": provisional, "paused": paused, "extended": extended}
    if opens:
        shown: Light = "paused" if paused else "provisional" if provisional else "none"
        text = opens_words(due_at, now, provisional=provisional, paused=paused)
    else:
        shown, text = light(due_at, now, calendar, **state), words(due_at, now, calendar, **state)
    return schemas.Due(
        light=shown,
        text=f"{text} · {more}" if more else text,
        due_at=due_at,
        due=_opening(due_at) if opens else (due_at.astimezone(ZONE) - timedelta(microseconds=1)).date(),
        term=term,
        term_name=name,
        provisional=provisional,
    )


def _opening(due_at: datetime) -> date:
    """The first day on which what had to wait may be done."""
    return due_at.astimezone(ZONE).date()


# ------------------------------------------------------------------------------------------ receipts
def receipts(
    world: World, known: Iterable[Clock], now: datetime, reader: Reader | None = None, *, ended: bool = False
) -> list[schemas.Receipt]:
    """Every running clock with the days it counted, the binding one first; with `ended` also those that have stopped, and limits that
    stand still between two of their steps.

    `reader`: who looks at an open case, for what may be done about a limit; a wrong date may be put right through an ended one.
    """
    listed = list(known)
    live = [clock for clock in listed if clock.live]
    first = min((c for c in live if c.kind == "max"), key=clocks.urgency, default=None)
    ordered = sorted(live, key=lambda clock: (clock is not first, clocks.urgency(clock)))
    found = [receipt(world, clock, now, reader, binding=clock is first) for clock in ordered]
    past = sorted((c for c in listed if not c.live), key=lambda c: (c.stopped_at or now, c.id), reverse=True)
    if not ended:
        return found
    going = {clock.limit for clock in live}
    found += [_between(world, c, now) for c in past if c.held_between and c.limit not in going]
    return found + [receipt(world, clock, now, reader, binding=False) for clock in past]


class Reader:
    """Who reads which case, and whether they must withdraw from it (why, in words)."""

    def __init__(self, tx: Tx, actor: Actor, case: Any, *, corrects: bool) -> None:
        self.tx, self.actor, self.case, self.posts = tx, actor, case, tx.world.posts
        self.recused = recusal.why(tx, case, actor)
        self.corrects = corrects and self.recused is None

    def extension(self, term: Term, clock: Clock, now: datetime) -> schemas.ExtensionRule | None:
        rule = limits.extension_of(term, clock, now)
        if rule is None:
            return None
        who = "、".join(str(self.posts.get(post, {}).get("label", post)) for post in rule.posts)
        decides = self.recused is None and limits.may_extend(self.tx, self.actor, rule, self.case, now)
        may = rule.refusal is None and decides
        return schemas.ExtensionRule(
            n=max(rule.n, 0),
            unit=rule.unit,
            who=who,
            reasons=list(rule.reasons),
            may=may,
            refusal=rule.refusal or (None if may else self.recused or f"须由{who}决定。"),
            lapsed=rule.lapsed and decides,
        )


def receipt(
    world: World, clock: Clock, now: datetime, reader: Reader | None = None, *, binding: bool
) -> schemas.Receipt:
    found, term = clocks.deadline_of(world, clock), clocks.term_of(world, clock)
    shown = of_clock(world, clock, now)
    as_recorded = clock.live or found.due == clock.due
    late = clock.entered_at - clock.started_at > clocks.LATE
    return schemas.Receipt(
        id=clock.id,
        term=clock.term,
        name=clock.name,
        text=clocks.told(found, clock) if as_recorded else f"办结时的届满日：{last_words(clock.due_at, now)}",
        light=shown.light if clock.live else "none",
        words=shown.text if clock.live else _ended(clock, now),
        state=clock.state,
        stopped_at=clock.stopped_at,
        ended_at=clock.ended_at,
        ended_day=clock.ended_at is not None and by_day(clock.ended_at),
        end_entered_at=clock.stopped_at if clock.entered_late else None,
        start=clock.started_at,
        start_event=term.start_event,
        entered_at=clock.entered_at if late else None,
        due=clock.due,
        due_at=clock.due_at,
        provisional=clock.provisional,
        binding=binding,
        kind="min" if term.kind == "min" else "max",
        opens=_opening(clock.due_at) if term.kind == "min" else None,
        rule=rule_words(term, clock.terms_on),
        days=_days(found) if as_recorded else [],
        pauses=[{**pause, "reason": pause_words(str(pause["reason"]))} for pause in clocks.own_pauses(clock)],
        extension=clock.extension,
        asked=clock.asked,
        corrections=[schemas.Correction.model_validate(_correction(c)) for c in clock.corrections],
        extend=reader.extension(term, clock, now) if reader and clock.live else None,
        may_correct=bool(reader and reader.corrects),
        may_correct_end=bool(reader and reader.corrects and clock.ended_by),
        citation=found.citation,
        confidence=term.confidence,
    )


def _between(world: World, clock: Clock, now: datetime) -> schemas.Receipt:
    """A limit whose last step is done and whose next one waits for somebody else: nobody's time runs."""
    shown, pause = receipt(world, clock, now, binding=False), clock.held_between
    assert pause is not None
    words = f"已中止计时 · {_standing_words(pause, now)}"
    pauses = [{**pause, "reason": pause_words(str(pause["reason"]))}]
    return shown.model_copy(update={"state": "paused", "light": "paused", "words": words, "pauses": pauses})


def _days(found: Deadline) -> list[schemas.CountedDay]:
    return [
        schemas.CountedDay(
            date=day.date,
            counted=day.counted,
            why=why_words(day.why) or None,
            hours=[f"{a:%H:%M}–{'24:00' if b.date() > a.date() else f'{b:%H:%M}'}" for a, b in day.spans],
        )
        for day in found.days
    ]


def _correction(stored: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: stored[key] for key in ("from", "to", "reason", "by_name", "at")}
    return told | {"end": bool(stored.get("end"))}


def _ended(clock: Clock, now: datetime) -> str:
    when = last_words(clock.due_at, now)
    if clock.state == "cancelled" or clock.ended_at is None:
        return f"已终止，原定 {when}"
    if clock.kind == "min":
        return f"{when}届满"
    late = "（迟录）" if clock.entered_late else ""
    return f"{f'按时办结{late}' if clock.kept else '超期办结'}，应于 {when}前"


def rule_words(term: Term, on: date) -> str:
    """「按 2026年9月7日 有效的规定：20个工作日（区里自 2026年10月1日 起定，依据为 30个工作日）」."""
    text = f"按 {on.year}年{on.month}月{on.day}日 有效的规定：{term.words}"
    if term.lawful_n is not None and term.chosen_from is not None:
        day = term.chosen_from
        since = f"{day.year}年{day.month}月{day.day}日"
        text += f"（区里自 {since} 起定，依据为 {term.lawful_n}{UNIT_WORDS[term.unit]}）"
    return text


def of_deadline(found: Deadline) -> schemas.Receipt:
    """The receipt of a date that no case's clock keeps (the next visit of a household)."""
    term = found.term
    return schemas.Receipt(
        id=f"next:{term.key}",
        words=opens_words(found.due_at, found.due_at)
        if term.kind == "min"
        else f"{last_words(found.due_at, found.start)}前",
        term=term.key,
        name=term.name,
        text=sentence(found),
        start=found.start,
        start_event=term.start_event,
        due=found.due,
        due_at=found.due_at,
        provisional=found.provisional,
        binding=True,
        kind="min" if term.kind == "min" else "max",
        opens=_opening(found.due_at) if term.kind == "min" else None,
        days=_days(found),
        citation=found.citation,
        confidence=term.confidence,
    )
