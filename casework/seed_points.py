"""More of the demo district: the windows, boards and hotlines of every town and village, checked lately – but for a few honest faults.

Kept apart from `seed`, whose empty books the tests count on. All invented; the numbers of the telephones are nobody's.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from casework import areas
from casework.points import KINDS
from casework.seed import NEXT_VILLAGE, OTHER_TOWN, TOWN, VILLAGE, _village
from casework.tables import point_checks, policy_texts, service_points
from engine.calendar import ZONE
from engine.db import Tx

TEXT, BEFORE = "2026-07", "2025-01"
"""The policy text in force since the law of 2026, and the one before it."""
TEXTS = (
    (BEFORE, "社会救助政策明白卡（旧版）", date(2025, 1, 10), "演示文本：临时救助办法修订后的申请须知"),
    (
        TEXT,
        "社会救助政策明白卡",
        date(2026, 7, 1),
        "演示文本：按《社会救助法》更新的救助种类、申请方式和救助电话",
    ),
)
LACKING = {(_village(TOWN, 5), "window")}
"""No window yet."""
SILENT_PHONES = {NEXT_VILLAGE, _village(OTHER_TOWN, 0)}
"""Nobody answered the test call."""
OLD_BOARDS = {_village(TOWN, 6)}
"""The board still shows the text before."""
PLACES = {"window": "便民服务大厅", "policy_board": "公告栏", "hotline": "值班室"}
NAMES = {"window": "社会救助窗口", "policy_board": "社会救助政策公示牌", "hotline": "社会救助服务电话"}


def seed_points(tx: Tx, now: datetime) -> None:
    """Fill in what `seed_demo` leaves out; once, right after it."""
    texts = [
        {
            "version": version,
            "title": title,
            "published_on": on,
            "summary": summary,
            "person": "p_jiuzhu1",
            "at": now,
        }
        for version, title, on, summary in TEXTS
    ]
    tx.run(insert(policy_texts), texts)
    places = [(path, tier) for tier in ("town", "village") for path, _ in areas.of_tier(tx, tier, now)]
    made = [
        _point(number, path, tier, kind, now)
        for number, (path, tier) in enumerate(places, 1)
        for kind in KINDS
        if (path, kind) not in LACKING
    ]
    tx.run(insert(service_points), made)
    tx.run(insert(point_checks), [_check(point, now) for point in made])


def _looked_at(area: str, now: datetime) -> datetime:
    """Some days of the last two months, each place its own."""
    return now - timedelta(days=10 + int(area[-3:]) % 50)


def _point(number: int, area: str, tier: str, kind: str, now: datetime) -> dict[str, Any]:
    silent = kind == "hotline" and area in SILENT_PHONES
    board = kind == "policy_board"
    return {
        "id": f"sp_{area.rpartition('/')[2]}_{kind}", "area": area, "tier": tier, "kind": kind, "name": NAMES[kind],
        "place": ("镇（街）" if tier == "town" else "村（居）") + PLACES[kind],
        "hours": "工作日 8:30–17:30" if kind == "window" else "全天" if kind == "hotline" else None,
        "staff": "值守人员轮班" if kind != "policy_board" else None, "phone": None if board else f"022-0000{number:04d}", "photo": [],
        "policy_version": (BEFORE if area in OLD_BOARDS else TEXT) if board else None,
        "checked_on": _looked_at(area, now).astimezone(ZONE).date(), "state": "faulty" if silent else "good",
        "note": "试拨无人接听" if silent else None, "revision": 1, "entered_at": now - timedelta(days=200),
    }  # fmt: skip


def _check(point: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What the last look found; nothing else is known of the time before."""
    demo = point["area"] == VILLAGE
    return {
        "id": f"demo:{point['id']}", "point": point["id"], "area": point["area"], "kind": "call" if point["kind"] == "hotline" else "check",
        "ok": point["state"] == "good", "finding": point["note"], "person": "p_jiandu" if demo else "p_jiuzhu1",
        "at": _looked_at(point["area"], now), "case_id": None,
    }  # fmt: skip
