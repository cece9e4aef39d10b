"""More of the demo district: villages of one town that say nothing for three different reasons, and households worth visiting.

Kept apart from `seed`, whose few people and households the tests count on. All invented.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from casework import visits
from casework.households import Entry, Listed, Member, Register
from casework.seed import PASSWORD, SINCE, TOWN, VILLAGE, _village
from casework.sessions import passwords
from casework.tables import appointments, heartbeats, persons, village_days
from engine.calendar import ZONE
from engine.db import Tx

DAY = timedelta(days=1)
SILENT, BROKEN, ZERO = (_village(TOWN, n) for n in (2, 3, 4))
"""Online and silent; not heard of for some days; honestly nothing to report."""
LIAISONS = (("lianluo2", "申静默", SILENT), ("lianluo3", "酉断联", BROKEN), ("lianluo4", "戌零报", ZERO))
BACK = 60
"""Days of the past that are filled."""
BROKEN_FOR = 3
HOMES: tuple[tuple[str, str, str, str, int], ...] = (
    ("101", "赵某一", "elderly_alone", "村两委摸排名单", 40),
    ("102", "钱某二", "serious_illness", "医保局大病名单", 38),
    ("103", "孙某三", "disabled", "区残联持证名单", 75),
    ("104", "周某四", "child_in_difficulty", "镇困境儿童台账", 12),
    ("105", "吴某五", "single_parent", "村两委摸排名单", 20),
    ("106", "郑某六", "antipoverty_monitored", "农业农村局监测名单", 95),
    ("107", "冯某七", "marginal", "村两委摸排名单", 100),
    ("108", "陈某八", "child_lost", "卫健委特扶名单", 5),
    ("109", "褚某九", "tekun_scattered", "镇特困供养台账", 33),
)
"""Number, head, list, its source, and how many days ago somebody was there."""


def seed_villages(tx: Tx, now: datetime) -> None:
    """Fill in what `seed_demo` leaves out; once, right after it."""
    password, today = passwords.hash(PASSWORD), now.astimezone(ZONE).date()
    people = [
        {"id": f"p_{u}", "name": name, "username": u, "password": password, "disabled": False, "failures": 0}
        for u, name, _ in LIAISONS
    ]
    tx.run(insert(persons), people)
    posts = [
        {
            "id": f"a_{u}",
            "person": f"p_{u}",
            "post": "village_liaison",
            "tier": "village",
            "area": area,
            "valid_from": SINCE,
        }
        for u, _, area in LIAISONS
    ]
    tx.run(insert(appointments), posts)
    for number, area in enumerate((VILLAGE, SILENT, BROKEN, ZERO)):
        _households(tx, area, number, now)
    _words(tx, today, now)


def _households(tx: Tx, area: str, shift: int, now: datetime) -> None:
    """A village's households; only the demo village's own people have been everywhere lately."""
    today = now.astimezone(ZONE).date()
    register = Register(tx, [area], None, now)
    for number, head, category, source, ago in HOMES[: 9 - 2 * shift]:
        name = f"{head}{'甲乙丙丁'[shift]}"
        people = (
            Member(name, "head", birth_date=date(1955 + int(number) % 30, 3, 8)),
            Member(f"{name[0]}某", "other"),
        )
        listed = Listed(category, source, today - timedelta(days=200))
        address = f"{int(number) % 7 + 1} 排 {int(number) % 5 + 1} 号"
        _, home = register.write(Entry(area, name, number, None, address, members=people, lists=(listed,)))
        at = now - timedelta(days=ago if shift == 0 else ago + 40)
        _visit(tx, area, home, name, at, "p_wangge" if shift == 0 else f"p_{LIAISONS[shift - 1][0]}")


def _visit(tx: Tx, area: str, home: str, head: str, at: datetime, person: str) -> None:
    row: dict[str, Any] = {
        "kind": "focus", "area": area, "household": home, "head": head, "met": "self", "person": person, "at": at, "case_id": None,
        "started_at": at - timedelta(minutes=25), "ended_at": at, "method": "on_site", "visitors": [person], "policy_explained": True,
        "note": "身体尚可，生活有人照应", "change": None, "reason": None, "lead_no": None,
    }  # fmt: skip
    visits.enter(tx, row)


def _words(tx: Tx, today: date, now: datetime) -> None:
    """The villages' daily words and their devices' heartbeats over the last weeks."""
    said, beats = [], []
    for ago in range(BACK, -1, -1):
        day, at = today - ago * DAY, now - ago * DAY
        working = tx.world.calendar.is_working_day(day, provisional=True)
        online = {"p_lianluo2": True, "p_lianluo3": ago > BROKEN_FOR, "p_lianluo4": True, "p_wangge": True}
        beats += [
            {
                "person": p,
                "device": f"demo-{p}",
                "day": day,
                "at": at,
                "waiting": 2 if p == "p_lianluo3" and ago == BROKEN_FOR + 1 else 0,
            }
            for p, heard in online.items()
            if heard
        ]
        reporting = {
            ZERO: "p_lianluo4",
            **({BROKEN: "p_lianluo3"} if ago > BROKEN_FOR else {}),
            VILLAGE: "p_wangge",
        }
        if working and ago:
            said += [
                {
                    "area": area,
                    "day": day,
                    "done": ["patrol", "phone"],
                    "reason": "已电话问询重点户",
                    "note": None,
                    "person": p,
                    "at": at,
                }
                for area, p in reporting.items()
            ]
    tx.run(insert(heartbeats), beats)
    tx.run(insert(village_days), said)
