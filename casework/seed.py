"""The demo district: invented people at every post, so that each screen has somebody who uses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert, select

from casework import areas, books, roster
from casework.households import Register
from casework.sessions import passwords
from casework.tables import (
    appointments,
    household_focus,
    household_members,
    households,
    kinship,
    persons,
    standards,
)
from engine.calendar import ZONE
from engine.db import Tx

PASSWORD = "xunzhen"  # noqa: S105 - the demo district's, shown on its login page
DISTRICT = "120115"
TOWN = f"{DISTRICT}/120115101"
OTHER_TOWN = f"{DISTRICT}/120115103"
SINCE = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    post: str
    tier: str
    area: str
    label: str
    password: str = PASSWORD


def _village(town: str, number: int) -> str:
    """The n-th village of a town in the extract."""
    found = [
        line.split(",")[0]
        for line in areas.DATA.read_text("utf-8").splitlines()
        if line.endswith(f",village,{town.rpartition('/')[2]}")
    ]
    return f"{town}/{found[number]}"


VILLAGE, NEXT_VILLAGE = _village(TOWN, 0), _village(TOWN, 1)
ACCOUNTS = (
    Account("wangge", "甲网格", "grid_worker", "village", VILLAGE, "网格员"),
    Account("lianluo", "乙联络", "village_liaison", "village", VILLAGE, "村联络员"),
    Account("liangwei", "丙两委", "village_committee", "village", VILLAGE, "村两委"),
    Account("jiandu", "丁监督", "notice_supervisor", "village", VILLAGE, "公示监督员"),
    Account("minzheng1", "戊民政", "town_civil_officer", "town", TOWN, "镇民政干部"),
    Account("minzheng2", "己民政", "town_civil_officer", "town", TOWN, "镇民政干部"),
    Account("fuwuban1", "庚服务", "town_service_office", "town", TOWN, "镇公共（民政）服务办（值班）"),
    Account("fuwuban2", "辛服务", "town_service_office", "town", TOWN, "镇公共（民政）服务办"),
    Account("baocun", "壬包村", "village_lead_cadre", "town", TOWN, "包村干部"),
    Account("jiuzhu1", "癸救助", "district_assistance_office", "district", DISTRICT, "区社会救助室"),
    Account("jiuzhu2", "子救助", "district_assistance_office", "district", DISTRICT, "区社会救助室"),
    Account("baopian", "丑包片", "district_area_officer", "district", DISTRICT, "局包片干部"),
    Account("juzhang", "寅局长", "district_bureau", "district", DISTRICT, "区民政局负责人"),
    Account("sheji", "卯设计", "process_designer", "district", DISTRICT, "流程管理员"),
    Account("fabu", "辰发布", "process_publisher", "district", DISTRICT, "流程发布人"),
    Account("guanli", "巳管理", "system_admin", "district", DISTRICT, "系统管理员"),
    Account("linzhen1", "午邻镇", "town_civil_officer", "town", OTHER_TOWN, "邻镇民政干部"),
    Account("linzhen2", "未邻镇", "town_service_office", "town", OTHER_TOWN, "邻镇公共（民政）服务办"),
    Account("jiaoyu", "申教育", "dept_education", "district", DISTRICT, "区教育局转介联络员"),
    Account("zhujian", "酉住建", "dept_housing", "district", DISTRICT, "区住房建设部门转介联络员"),
    Account("nongye", "戌农房", "dept_rural_housing", "district", DISTRICT, "区农业农村部门转介联络员"),
    Account("renshe", "亥人社", "dept_employment", "district", DISTRICT, "区人力资源和社会保障局转介联络员"),
)
HOUSEHOLDS: tuple[tuple[str, str, str, int, list[str], list[dict[str, str]]], ...] = (
    ("h_l", VILLAGE, "李某甲", 3, [], []),
    ("h_w", VILLAGE, "王某乙", 4, ["serious_illness"], [{"code": "DIBAO_EDGE", "valid_to": "2027-03-31"}]),
    ("h_t", NEXT_VILLAGE, "田某丙", 1, ["elderly_alone", "disabled"], []),
)


def demo_accounts() -> tuple[Account, ...]:
    return ACCOUNTS


def unsettled(tx: Tx) -> bool:
    """Is there nobody yet?"""
    return tx.run(select(persons.c.id).limit(1)).scalar_one_or_none() is None


def seed_demo(tx: Tx, now: datetime) -> bool:
    """Fill an empty database; False when it is not empty."""
    if not unsettled(tx):
        return False
    areas.load(tx)
    password = passwords.hash(PASSWORD)
    people = [
        {
            "id": f"p_{a.username}",
            "name": a.name,
            "username": a.username,
            "password": password,
            "disabled": False,
            "failures": 0,
        }
        for a in ACCOUNTS
    ]
    tx.run(insert(persons), people)
    posts = [
        {
            "id": f"a_{a.username}",
            "person": f"p_{a.username}",
            "post": a.post,
            "tier": a.tier,
            "area": a.area,
            "valid_from": SINCE,
        }
        for a in ACCOUNTS
    ]
    tx.run(insert(appointments), posts)
    _seed_households(tx, now)
    tx.run(insert(kinship), {"person": "p_minzheng2", "household": "h_t", "relation": "叔侄"})
    tx.run(
        insert(standards),
        {
            "area": DISTRICT,
            "key": "dibao",
            "valid_from": SINCE,
            "amount": Decimal("1000.00"),
            "source": "演示数据，非真实标准",
        },
    )
    seed_roster(tx, now)
    for town in (TOWN, OTHER_TOWN):
        books.book(
            tx,
            "reserve_fund",
            area=town,
            at=now,
            text="年初拨付备用金（演示）",
            amount=Decimal(50_000),
            key=town,
        )
    return True


def _seed_households(tx: Tx, now: datetime) -> None:
    """The households with their lists, numbered as a village's book would."""
    rows = [
        {
            "id": i,
            "area": area,
            "head": head,
            "size": size,
            "focus": focus,
            "programmes": programmes,
            "number": f"{n:03d}",
        }
        for n, (i, area, head, size, focus, programmes) in enumerate(HOUSEHOLDS, 1)
    ]
    tx.run(insert(households), rows)
    heads = [
        {"id": f"{i}_1", "household": i, "name": head, "relation": "head"} for i, _, head, *_ in HOUSEHOLDS
    ]
    tx.run(insert(household_members), heads)
    listed = [
        {"household": i, "category": category, "since": SINCE, "source": "演示名单", "entered_at": now}
        for i, _, _, _, focus, _ in HOUSEHOLDS
        for category in focus
    ]
    tx.run(insert(household_focus), listed)
    register = Register(tx, {area for _, area, *_ in HOUSEHOLDS}, None, now)
    for household, *_ in HOUSEHOLDS:
        register.refresh(household)


DUTY_DAYS = 31
"""The demo town's roster: a month of turns from 8:30 to 8:30, the two of the service office by turns (R43: day and night)."""


def seed_roster(tx: Tx, now: datetime, days: int = DUTY_DAYS) -> None:
    first = now.astimezone(ZONE).replace(hour=8, minute=30, second=0, microsecond=0) - timedelta(days=1)
    for day in range(days):
        begins = first + timedelta(days=day)
        person = ("p_fuwuban1", "p_fuwuban2")[day % 2]
        roster.plan(tx, TOWN, person, begins, begins + timedelta(days=1))
