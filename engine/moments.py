"""What a limit tells people and when: reminders (E1), the superior (E2), supervision after a second period or at once (E3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.deadline import Deadline, opening, opening_of_due_day, part_of, second_period

Moment = tuple[datetime, str]
AT_ONCE = "E3_at_once"
"""`expiry` of a term whose overrun brings a supervision order without a second period (referral.result)."""
KINDS = ("half", "most", "due_day", "day_after", "at_once", "second_period")
"""From the lightest to the gravest."""
FIRST = KINDS[0]
"""What a clock awaits that has told nothing yet."""
CALLS = KINDS[3:]
"""What an overrun limit must not pass over: it is told late rather than never."""


def coming(deadline: Deadline, after: datetime) -> tuple[datetime | None, str | None]:
    """The next moment worth telling: E1 at half, at four fifths and on the due day, E2 the morning after, E3 after a second
    period or at once.

    A limit tells only what its `expiry` names.
    """
    moments = _near(deadline)
    if not any(after < at <= deadline.due_at for at, _ in moments):
        moments += _second(deadline)
    ahead = min(
        ((at, kind) for at, kind in moments if at > after), key=lambda moment: moment[0], default=None
    )
    return ahead or (None, None)


def awaited(deadline: Deadline, kind: str | None, now: datetime) -> tuple[datetime | None, str | None]:
    """The next moment of a limit whose date was computed anew at `now`, where it awaited `kind` (None: it has told everything).

    What it should have told about its overrun by now and has not is told at once, the gravest alone; reminders that have passed
    are not made up.
    """
    if now >= deadline.due_at:
        every = sorted(_near(deadline) + _second(deadline), key=lambda moment: moment[0])
        kinds = [k for _, k in every]
        told = kinds if kind is None else kinds[: kinds.index(kind)] if kind in kinds else []
        missed = [k for at, k in every if at <= now and k in CALLS]
        last = max(missed, key=KINDS.index, default=None)
        if last is not None and last not in told:
            return now, last
    return coming(deadline, now)


def graver(one: str, other: str) -> str:
    """Of two moments that are told together the one that counts."""
    return max(one, other, key=KINDS.index)


def _near(deadline: Deadline) -> list[Moment]:
    """All but the second period, which takes longest to count."""
    term = deadline.term
    if term.kind == "min":
        return []
    moments: list[Moment] = []
    if "E1" in term.expiry:
        moments += [
            (part_of(deadline, 0.5), "half"),
            (part_of(deadline, 0.8), "most"),
            (opening_of_due_day(deadline), "due_day"),
        ]
    if "E2" in term.expiry:
        moments.append((opening(deadline, deadline.due + timedelta(days=1)), "day_after"))
    if AT_ONCE in term.expiry:
        moments.append((deadline.due_at, "at_once"))
    return moments


def _second(deadline: Deadline) -> list[Moment]:
    term = deadline.term
    if term.kind == "min" or "E3" not in term.expiry or AT_ONCE in term.expiry:
        return []
    return [(second_period(deadline), "second_period")]
