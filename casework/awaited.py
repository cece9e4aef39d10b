"""Which of several: messages a case waits for under one name say for which referral, application or payment they are (R51)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from engine import definitions, filling, subscriptions
from engine.db import Tx
from engine.recording import Offer
from engine.step import Case
from engine.subscriptions import Subscription


def names(tx: Tx, case: Case, offers: Sequence[Offer]) -> dict[str, str]:
    """Subscription → its name; where the case offers that name more than once, with what it is about."""
    times = Counter(one.name for one in offers)
    several = [one for one in offers if times[one.name] > 1]
    if not several:
        return {one.id: one.name for one in offers}
    waits = {one.id: one for one in subscriptions.of_case(tx, case.id)}
    abouts = {one.id: _about(tx, case, waits[one.id]) for one in several}
    same, told = Counter(abouts.values()), Counter[str]()
    found: dict[str, str] = {}
    for one in offers:
        about = abouts.get(one.id)
        if about is None:
            found[one.id] = one.name
            continue
        told[about] += 1
        order = f"第 {told[about]} 项" if same[about] > 1 else ""  # nothing else tells them apart
        found[one.id] = f"{one.name}（{' '.join(filter(None, (about, order)))}）"
    return found


def _about(tx: Tx, case: Case, wait: Subscription) -> str:
    seen = filling.context(tx, case, wait.id, wait.path)
    codes = definitions.pinned(tx, case.pins).codes
    if wait.process == "referral":
        said = [_word(codes, "department", seen.get("to_dept")), seen.get("referral_no")]
    else:
        said = [_word(codes, "programme_all", seen.get("programme")), seen.get("application_no")]
    return " ".join(str(one) for one in said if one)


def _word(codes: Mapping[str, Any], kind: str, value: Any) -> Any:
    return next((one["label"] for one in codes.get(kind, ()) if one["value"] == value), value)
