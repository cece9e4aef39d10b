"""The district of a simulated year: its size, and people at every post of its towns and villages."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from casework import areas, books, points, reserve, seed, staff
from casework.standards import RESIDENTS
from casework.tables import appointments, persons, standards
from engine.db import Tx

HABITS = Path(__file__).with_name("habits.toml")
VILLAGE_POSTS = (
    ("grid_worker", "网格"),
    ("village_liaison", "联络"),
    ("village_committee", "两委"),
    ("notice_supervisor", "监督"),
)
TOWN_POSTS = (
    ("town_civil_officer", "民政"),
    ("town_civil_officer", "民政"),
    ("town_civil_officer", "民政"),
    ("town_service_office", "服务"),
    ("town_service_office", "服务"),
    ("town_service_office", "服务"),
    ("village_lead_cadre", "包村"),
)


@dataclass(frozen=True, slots=True)
class Size:
    label: str
    towns: int
    villages: int
    leads: int


def habits() -> dict[str, Any]:
    """What a year is made of, from `habits.toml`."""
    return tomllib.loads(HABITS.read_text(encoding="utf-8"))


def sizes() -> dict[str, Size]:
    """The sizes of district one may ask for."""
    return {key: Size(**one) for key, one in habits()["size"].items()}


def settle(tx: Tx, size: Size, now: datetime, residents: int) -> list[str]:
    """People at every post of the first towns and villages of the extract, besides the demo district's; returns the villages.

    A town of so many residents that has no reserve yet begins with its year's sum.
    """
    seed.seed_demo(tx, now)
    towns = [path for path, _name in areas.of_tier(tx, "town", now)][: size.towns]
    held = {(a.post, a.area) for a in seed.ACCOUNTS}
    villages: list[str] = []
    people: list[dict[str, Any]] = []
    posts: list[dict[str, Any]] = []

    def add(post: str, word: str, tier: str, area: str) -> None:
        person = f"s_{len(people) + 1:04d}"
        people.append({"id": person, "name": f"{word}{person[2:]}", "username": person, "disabled": False,
                       "password": "!", "failures": 0})  # fmt: skip
        posts.append({"id": f"a_{person}", "person": person, "post": post, "tier": tier, "area": area,
                      "valid_from": seed.SINCE})  # fmt: skip

    for town in towns:
        for post, word in TOWN_POSTS:
            if (post, town) not in held:
                add(post, word, "town", town)
        below = [a.path for a in areas.children(tx, town, now)][: size.villages]
        villages += below
        for village in below:
            for post, word in VILLAGE_POSTS:
                if (post, village) not in held:
                    add(post, word, "village", village)
    tx.run(insert(persons), people)
    tx.run(insert(appointments), posts)
    points.equip(
        tx, [path for tier in ("town", "village") for path, _name in staff.staffed(tx, tier, now)], now
    )
    _endow(tx, towns, residents, now)
    return villages


def _endow(tx: Tx, towns: Sequence[str], residents: int, now: datetime) -> None:
    """The number of residents and the year's sum for every town that has no reserve yet."""
    known = {one.town for one in reserve.funds(tx, [(town, town) for town in towns], now)}
    for town in towns:
        if town not in known:
            row = {
                "area": town,
                "key": RESIDENTS,
                "valid_from": now.date(),
                "amount": residents,
                "source": "模拟",
            }
            tx.run(insert(standards), row)
            quota = reserve.fund(tx, town, now, town).quota
            books.book(
                tx, reserve.BOOK, area=town, at=now, text="年初拨付备用金（模拟）", amount=quota, key=town
            )
