"""What a household or a member as given by hand is looked at for: empty and masked values, the number, who is known already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from casework import areas, members
from casework.tables import household_members, households, visits
from engine.db import Tx
from engine.errors import Conflict, Field, Invalid
from engine.routing import Actor, sees

HOME = {
    "head": "户主", "number": "户编号", "phone": "联系电话", "address": "住址", "hukou_area": "户籍地", "housing": "住房",
    "account": "发放账户", "note": "备注",
}  # fmt: skip
MEMBER = {
    "name": "姓名", "relation": "与户主关系", "id_no": "证件号码", "sex": "性别", "birth_date": "出生日期", "health": "健康状况",
    "disability": "残疾类别等级", "illness": "患病情况", "labour": "劳动能力", "work": "工作或就学", "note": "备注",
}  # fmt: skip
UNREAD = frozenset({"account", "id_no", "health", "disability", "illness"})
"""Masked on the page: an empty input says nothing about them."""


def named(values: Iterable[str], labels: Mapping[str, str]) -> str:
    given = set(values)
    return "、".join(label for key, label in labels.items() if key in given)


def clean(given: Mapping[str, Any], labels: Mapping[str, str], path: str = "") -> dict[str, Any]:
    """Texts without blanks around; an empty one is None, an empty unread one is not there. What is still masked is refused."""
    values: dict[str, Any] = {}
    for key, value in given.items():
        text = (value.strip() or None) if isinstance(value, str) else value
        if key == "id_no" and text:
            text = "".join(text.split()).upper()
        if text is None and key in UNREAD:
            continue
        if isinstance(text, str) and "*" in text and key in ("head", "name", "phone", "id_no", "account"):
            said = f"{labels[key]}带有 *，是隐藏后的样子，请写全"
            raise Invalid(f"{said}。", "A masked value.", fields=[Field(path + key, said)])
        if text is None and key == "name":
            raise Invalid("请填写姓名。", "The name is missing.", fields=[Field(path + key, "请填写姓名")])
        values[key] = text
    return values


def wrong_day(on: date, today: date, since: date | None = None) -> str | None:
    """Why a day of the register cannot be: it lies ahead, or before what it ends began. None: it can."""
    if on > today:
        return "不能晚于今天"
    return f"不能早于列入日期 {since}" if since is not None and on < since else None


def must_be_day(key: str, on: date, today: date, since: date | None = None) -> None:
    """Raises Invalid for a day that cannot be."""
    if why := wrong_day(on, today, since):
        raise Invalid(f"日期{why}。", "The day lies ahead, or before the entry.", fields=[Field(key, why)])


def by_number(values: dict[str, Any], today: date, path: str = "", whose: str = "") -> list[str]:
    """Sex and birthday from a number that holds, where they are empty. → what does not agree; nobody is refused for it"""
    born, number = values.get("birth_date"), values.get("id_no")
    if born is not None and born > today:
        raise Invalid(
            "出生日期不能晚于今天。", "Not born yet.", fields=[Field(f"{path}birth_date", "不能晚于今天")]
        )
    if not number:
        return []
    if not members.number_holds(number):
        return [f"{whose}证件号码校验不符，已按所填登记，请核对。"]
    found, told = (
        {"sex": members.sex({"id_no": number}), "birth_date": members.birthday({"id_no": number})},
        [],
    )
    for key, value in found.items():
        if values.get(key) is None:
            values[key] = value
        elif value is not None and values[key] != value:
            told.append(f"{whose}{MEMBER[key]}与证件号码不符，请核对。")
    return told


def with_head(head: str, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The members of a new household, the head first: the one of the head's name, else somebody with the name alone."""
    wrong = next(
        (n for n, p in enumerate(people) if p.get("relation") == members.HEAD and p["name"] != head), None
    )
    if wrong is not None:
        said = "与户主姓名不一致"
        raise Invalid(f"{said}。", "Two heads.", fields=[Field(f"members[{wrong}].relation", said)])
    headed = (p for p in people if p.get("relation") == members.HEAD)
    first = next(headed, None) or next((p for p in people if p["name"] == head), None) or {"name": head}
    return [{**first, "relation": members.HEAD}, *(p for p in people if p is not first)]


def alone(tx: Tx, area: str) -> None:
    """Nobody else enters a household, a person or a number in the village, nor merges it, until the end of the transaction."""
    areas.hold(tx, [area])


def number_free(tx: Tx, area: str, number: str | None) -> None:
    h = households.c
    found = (
        tx.run(select(h.id, h.ended_on).where(h.area == area, h.number == number)).first() if number else None
    )
    if found is not None:
        said = f"户编号 {number} 已属另一户" + ("（已迁出或注销）" if found.ended_on else "")
        raise Conflict(
            f"{said}。",
            "The number is taken.",
            code="number_taken",
            fields=[Field("number", said)],
            household=found.id,
        )


def no_namesake(tx: Tx, area: str, head: str) -> None:
    h = households.c
    found = tx.run(
        select(h.id).where(h.area == area, h.head == head, h.ended_on.is_(None)).order_by(h.id)
    ).first()
    if found is not None:
        said = "本村（居）已有户主同名的一户；请先打开核对，确是另一户的再继续。"
        raise Conflict(said, "A household of that name is known.", code="namesake", household=found.id)


def not_elsewhere(
    tx: Tx,
    actor: Actor,
    people: Sequence[Mapping[str, Any]],
    *,
    household: str | None = None,
    member: str | None = None,
    confirmed: bool = False,
) -> list[str]:
    """Nobody lives in two households the actor sees; beyond them it is a warning, and so is a number that cannot be one, once `confirmed`."""
    by_hash = {key: p["id_no"] for p in people if (key := members.number_hash(p.get("id_no")))}
    if len(by_hash) < sum(bool(p.get("id_no")) for p in people):
        raise Invalid(
            "两名成员的证件号码相同。",
            "One number twice.",
            fields=[Field("members", "两名成员的证件号码相同")],
        )
    h, m = households.c, household_members.c
    query = (
        select(m.id_hash, m.household, h.area)
        .join(households, h.id == m.household)
        .where(
            m.id_hash.in_(list(by_hash)), m.left_on.is_(None), h.ended_on.is_(None), m.id != (member or "")
        )
    )
    found = list(tx.run(query)) if by_hash else []
    names, told = areas.names(tx, {one.area for one in found}), []
    for one in found:
        where = "本户" if one.household == household else names[one.area]
        if sees(actor, one.area) and not (confirmed and not members.number_holds(by_hash[one.id_hash])):
            said = (
                f"此证件号码已登记在{where}的成员名下"
                if where == "本户"
                else f"此证件号码已登记在{where}的另一户"
            )
            raise Conflict(
                f"{said}；确已离开的，先在那里登记离开。",
                "The person is known.",
                code="person_known" if members.number_holds(by_hash[one.id_hash]) else "number_alike",
                household=one.household,
            )
        told.append(f"此证件号码也在{where}的户册中，请核对。")
    return told


def of_household(tx: Tx, household: str, visit: str | None) -> None:
    """Raises Invalid for a visit that was not to this household."""
    v = visits.c
    if (
        visit is not None
        and tx.run(select(v.id).where(v.id == visit, v.household == household)).first() is None
    ):
        raise Invalid(
            "没有对这一户的这次走访。", "There is no such visit.", fields=[Field("visit", "没有这次走访")]
        )
