"""Reading tables of cases: an expression, what it gives (as a FEEL expression itself), and a shared context."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from engine import feel

CONTEXT: dict[str, Any] = {
    "amount": 12000,
    "rate": 0.1,
    "level": "town",
    "applicant": {"age": 67, "name": "张三", "born": dt.date(1959, 3, 1), "tags": ["低保", "独居"]},
    "visits": [{"n": 1, "ok": True}, {"n": 2, "ok": False}, {"n": 3, "ok": True}],
    "等级": "重大",
    "收件": dt.date(2026, 1, 31),
    "at": dt.datetime(2026, 9, 14, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8))),
    "empty": [],
    "nothing": None,
    "yes": True,
    "no": False,
    "monthly income": 3000,
    "a-b": 7,
    "terms and conditions": "ok",
    "exact": Decimal("0.30"),
}


def check(table: str) -> list[tuple[str, str]]:
    """Cases of a table: `expression  =>  expected`, one per line; lines without arrow are headings."""
    cases = [line.split("=>") for line in table.splitlines() if "=>" in line]
    return [(left.strip(), right.strip()) for left, right in cases]


def value(text: str) -> Any:
    """The value of an expression in the shared context."""
    return feel.evaluate(text, CONTEXT).value


def same(a: Any, b: Any) -> bool:
    """Equal values of equal types, to the bottom."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, feel.Range) and isinstance(b, feel.Range):
        return feel.to_json(a) == feel.to_json(b)
    return type(a) is type(b) and bool(a == b)
