"""户册维护: a household entered, corrected and taken back by hand, and who joins it, is corrected, leaves and returns.

What is None in `given` clears, what is not named stays; sensitive fields are written without being read, so an empty one stays
too. Every change leaves its line with the names of the fields, never with what they hold (`households.note`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update

from casework import areas, focus, members
from casework import household_checks as checks
from casework.households import Entry, Listed, Member, Register, end, kept, must_keep, note, seen
from casework.organisation import today
from casework.tables import household_focus, household_members, households
from engine.db import Tx
from engine.errors import Conflict, Field, Invalid, NotFound, StaleRevision
from engine.routing import Actor

WHYS: Mapping[str, str] = {
    "moved": "迁出", "died": "死亡", "married": "婚嫁", "split": "分户", "other": "其他",
}  # fmt: skip
CHILDREN = ("son", "daughter", "child")
TURNED: Mapping[str, Mapping[str, str]] = {
    "spouse": {members.HEAD: "spouse", **{c: c for c in CHILDREN}, "grandchild": "grandchild"},
    **{c: {members.HEAD: "parent", "spouse": "parent", **dict.fromkeys(CHILDREN, "sibling"), "parent": "grandparent"} for c in CHILDREN},
    "parent": {**dict.fromkeys(CHILDREN, "grandchild"), "parent": "spouse"},
    "sibling": {members.HEAD: "sibling", "sibling": "sibling", "parent": "parent", "grandparent": "grandparent"},
    "grandchild": {members.HEAD: "grandparent", "spouse": "grandparent"},
    "grandparent": {members.HEAD: "grandchild", "grandparent": "spouse"},
}  # fmt: skip
"""What the others are to a new head, by what the new head and they were to the old one; what does not follow is asked for."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a change did. `warnings`: what to look at again; it stands all the same."""

    household: str
    changed: bool = True
    warnings: tuple[str, ...] = ()


def _held(tx: Tx, actor: Actor, household: str, revision: int, *, ended: bool = False) -> Any:
    """The household as it was on the screen, held for a change. The village is held before it, as an import and a reorganisation hold it:
    who looks whether a number or a person is known is not overtaken, and nobody waits in a circle."""
    area = seen(tx, actor, household).area
    checks.alone(tx, area)
    row = kept(tx, actor, household, revision, ended=ended)
    if row.area != area:
        raise StaleRevision("该户已转到另一村（居），请载入最新内容后再改。", "The household has moved.")
    return row


# ------------------------------------------------------------------------------------------ the household
def add(
    tx: Tx,
    actor: Actor,
    area: str,
    given: Mapping[str, Any],
    people: Sequence[Mapping[str, Any]],
    now: datetime,
    *,
    confirmed: bool = False,
) -> Written:
    """新增一户. The head is a member too, entered with the name alone when not among `people`.

    Raises Conflict for a number or a person the register has; for a head's name it has unless `confirmed` to be another family.
    """
    must_keep(actor, area)
    checks.alone(tx, area)
    if not any(one.path == area and one.tier == "village" for one in areas.subtree(tx, area, now)):
        raise Invalid("请选择村（居）。", "No such village.", fields=[Field("area", "请选择村（居）")])
    home, warnings = checks.clean(given, checks.HOME), []
    if not home.get("head"):
        raise Invalid("请填写户主姓名。", "The head is missing.", fields=[Field("head", "请填写户主姓名")])
    here = []
    for n, person in enumerate(people):
        values = checks.clean(person, checks.MEMBER, f"members[{n}].")
        warnings += checks.by_number(values, today(now), f"members[{n}].", f"{values['name']}的")
        here.append(values)
    here = checks.with_head(home["head"], here)
    checks.number_free(tx, area, home.get("number"))
    warnings += checks.not_elsewhere(tx, actor, here, confirmed=confirmed)
    if not confirmed:
        checks.no_namesake(tx, area, home["head"])
    entry = Entry(area=area, **{**home, "members": tuple(Member(**one) for one in here)})
    row_id = Register(tx, [area], actor.id, now).enter(entry)
    row = tx.run(select(households).where(households.c.id == row_id)).one()
    note(tx, actor, row, "home_added", now, what=f"{len(here)} 人")
    return Written(row_id, warnings=tuple(warnings))


def correct(
    tx: Tx,
    actor: Actor,
    household: str,
    revision: int,
    given: Mapping[str, Any],
    now: datetime,
    *,
    visit: str | None = None,
) -> Written:
    """What the register says of a household is put right. Another head must be somebody who lives there, where anybody is known to."""
    row = _held(tx, actor, household, revision)
    checks.of_household(tx, household, visit)
    values = {k: v for k, v in checks.clean(given, checks.HOME).items() if v != getattr(row, k)}
    if not values:
        return Written(household, changed=False)
    register = Register(tx, [row.area], actor.id, now)
    warnings = []
    if "head" in values:
        warnings += _other_head(register, household, values["head"])
    if values.get("number"):
        checks.number_free(tx, row.area, values["number"])
    register.rows[household].update(values)
    register.refresh(household)
    note(tx, actor, row, "home_changed", now, what=checks.named(values, checks.HOME), visit=visit)
    return Written(household, warnings=tuple(warnings))


def reopen(tx: Tx, actor: Actor, household: str, revision: int, now: datetime) -> Written:
    """恢复本户: that it ended was a mistake."""
    row = _held(tx, actor, household, revision, ended=True)
    register = Register(tx, [row.area], actor.id, now)
    warnings = checks.not_elsewhere(tx, actor, _living(register, household), household=household)
    register.stand_again(household)
    register.refresh(household)
    note(tx, actor, row, "home_reopened", now)
    return Written(household, warnings=tuple(warnings))


def _other_head(register: Register, household: str, name: str | None) -> list[str]:
    """The household is to be headed by somebody of that name. → what to look at again"""
    if not name:
        raise Invalid(
            "户主姓名不能为空。", "The head is missing.", fields=[Field("head", "户主姓名不能为空")]
        )
    living = _living(register, household)
    if _head(register, household) is None:
        return []
    chosen = next((p for p in living if p["name"] == name), None)
    if chosen is None:
        said = "新户主须是本户在户成员；改正户主姓名请编辑该成员"
        raise Invalid(f"{said}。", "The head must be a member.", fields=[Field("head", said)])
    return _headed_by(register, household, chosen)


def _headed_by(register: Register, household: str, chosen: Mapping[str, Any]) -> list[str]:
    """A member becomes the head; what the others are to the new head follows from what they were to the old one, or is asked for."""
    turned, unknown = TURNED.get(chosen["relation"] or "", {}), False
    for person in register.people[household]:
        relation = members.HEAD if person is chosen else turned.get(person["relation"] or "")
        unknown = unknown or (relation is None and person["left_on"] is None)
        _put(register, person, {"relation": relation})
    register.rows[household]["head"] = chosen["name"]
    return ["户主已变更，部分成员与户主的关系须重新填写。"] if unknown else []


# ------------------------------------------------------------------------------------------ lists
def mark(tx: Tx, actor: Actor, household: str, listed: Listed, now: datetime) -> None:
    """列入重点类别, with source and day."""
    row = kept(tx, actor, household)
    if listed.category not in focus.CATEGORIES:
        raise Invalid("没有这个重点类别。", "No such category.", fields=[Field("category", "没有这个类别")])
    Register(tx, [row.area], actor.id, now).add_list(household, listed)
    note(tx, actor, row, "list_entered", now, what=focus.CATEGORIES[listed.category])


def strike(tx: Tx, actor: Actor, household: str, category: str, on: date, now: datetime) -> None:
    """移出重点类别."""
    row = kept(tx, actor, household)
    if category not in row.focus:
        raise Conflict("该户不在这个名单上。", "The household is not on that list.")
    f = household_focus.c
    on_list = (f.household == household, f.category == category, f.ended_on.is_(None))
    since = tx.run(select(func.max(f.since)).where(*on_list)).scalar_one()
    checks.must_be_day("on", on, today(now), since)
    Register(tx, [row.area], actor.id, now).end_list(household, category, on)
    note(tx, actor, row, "list_struck", now, what=focus.CATEGORIES.get(category, category))


# ------------------------------------------------------------------------------------------ members
def join(
    tx: Tx,
    actor: Actor,
    household: str,
    revision: int,
    given: Mapping[str, Any],
    now: datetime,
    *,
    confirmed: bool = False,
    visit: str | None = None,
) -> Written:
    """添加成员: somebody born, married or moved into the household, or not known before.

    Raises Conflict for a number the register has; for a name that lives here already unless `confirmed` to be a namesake.
    """
    row = _held(tx, actor, household, revision)
    checks.of_household(tx, household, visit)
    values = checks.clean(given, checks.MEMBER)
    warnings = checks.by_number(values, today(now))
    register = Register(tx, [row.area], actor.id, now)
    warnings += checks.not_elsewhere(tx, actor, [values], household=household, confirmed=confirmed)
    same = [p for p in register.people[household] if p["name"] == values["name"]]
    if same and not confirmed:
        said = (
            "本户已有同名成员" if same[0]["left_on"] is None else "同名成员曾离开本户，可在该成员处“回到本户”"
        )
        raise Conflict(
            f"{said}；如是另一人，请确认后添加。",
            "A namesake lives here.",
            code="namesake",
            household=household,
        )
    if _head(register, household) is None and values["name"] == row.head:
        values["relation"] = members.HEAD
    elif values.get("relation") == members.HEAD:
        raise _not_head()
    member = register.join(household, Member(**values))
    register.refresh(household)
    note(tx, actor, row, "member_added", now, member=member, visit=visit)
    return Written(household, warnings=(*warnings, *_aided(row)))


def correct_member(
    tx: Tx,
    actor: Actor,
    household: str,
    member: str,
    revision: int,
    given: Mapping[str, Any],
    now: datetime,
    *,
    visit: str | None = None,
) -> Written:
    """What the register says of a member is put right; the head's name is the household's too."""
    row = _held(tx, actor, household, revision)
    checks.of_household(tx, household, visit)
    register = Register(tx, [row.area], actor.id, now)
    person = _member(register, household, member)
    values = checks.clean(given, checks.MEMBER)
    warnings = []
    if values.keys() & {"id_no", "sex", "birth_date"}:
        known = {key: values.get(key, person[key]) for key in ("id_no", "sex", "birth_date")}
        warnings += checks.by_number(known, today(now))
        values |= {key: value for key, value in known.items() if value != person[key]}
    if "id_no" in values and values["id_no"] != person["id_no"]:
        warnings += checks.not_elsewhere(tx, actor, [values], household=household, member=member)
        values["id_hash"] = members.number_hash(values["id_no"])
    head = _head(register, household) is person
    if "relation" in values and head != (values["relation"] == members.HEAD):
        raise _not_head()
    values = {k: v for k, v in values.items() if v != person[k]}
    if not values:
        return Written(household, changed=False, warnings=tuple(warnings))
    _put(register, person, values)
    if head:
        register.rows[household]["head"] = person["name"]
    register.refresh(household)
    note(
        tx,
        actor,
        row,
        "member_changed",
        now,
        what=checks.named(values, checks.MEMBER),
        member=member,
        visit=visit,
    )
    return Written(household, warnings=tuple(warnings))


def leave(
    tx: Tx,
    actor: Actor,
    household: str,
    member: str,
    revision: int,
    now: datetime,
    *,
    on: date,
    why: str,
    said: str = "",
    new_head: str | None = None,
    ends: bool = False,
    visit: str | None = None,
) -> Written:
    """离开本户. When the head leaves, another member heads the household from then on, or the household `ends`."""
    row = _held(tx, actor, household, revision)
    checks.of_household(tx, household, visit)
    register = Register(tx, [row.area], actor.id, now)
    person = _member(register, household, member)
    if on > today(now):
        raise Invalid("离开日期不能晚于今天。", "The day lies ahead.", fields=[Field("on", "不能晚于今天")])
    if why == "other" and not said.strip():
        raise Invalid("请写明原因。", "A reason is needed.", fields=[Field("said", "选“其他”的须写明原因")])
    head = _head(register, household) is person
    successor = _successor(register, household, person, new_head) if head and not ends else None
    _put(register, person, {"left_on": on, "left_why": why, "left_note": said.strip() or None})
    warnings = [*_aided(row)]
    if successor is not None:
        warnings += _headed_by(register, household, successor)
    register.rows[household]["size"] -= 1
    register.refresh(household)
    note(tx, actor, row, "member_left", now, what=WHYS[why], member=member, visit=visit)
    if head and ends:
        end(tx, actor, household, on, f"户主{WHYS[why]}", now)
    return Written(household, warnings=tuple(warnings))


def come_back(tx: Tx, actor: Actor, household: str, member: str, revision: int, now: datetime) -> Written:
    """回到本户: that somebody left was a mistake, or the person has returned."""
    row = _held(tx, actor, household, revision)
    register = Register(tx, [row.area], actor.id, now)
    person = _member(register, household, member, gone=True)
    warnings = checks.not_elsewhere(tx, actor, [person], household=household)
    values: dict[str, Any] = {"left_on": None, "left_why": None, "left_note": None}
    if person["relation"] == members.HEAD and _head(register, household) is not None:
        values["relation"] = None
        warnings.append("本户已另有户主，请填写此人与户主的关系。")
    _put(register, person, values)
    register.rows[household]["size"] += 1
    register.refresh(household)
    note(tx, actor, row, "member_back", now, member=member)
    return Written(household, warnings=(*warnings, *_aided(row)))


def _successor(
    register: Register, household: str, leaving: Mapping[str, Any], new_head: str | None
) -> dict[str, Any]:
    others = [p for p in _living(register, household) if p is not leaving]
    found = next((p for p in others if p["id"] == new_head), None)
    if found is None:
        text = (
            "户主离开，请选新的户主，或登记全户注销"
            if others
            else "户主离开后没有在户成员，请先添加成员，或登记全户注销"
        )
        raise Invalid(
            f"{text}。", "Who heads the household?", fields=[Field("new_head", text)], code="head_needed"
        )
    return found


def _not_head() -> Invalid:
    said = "变更户主请在“编辑”中选择户主"
    return Invalid(f"{said}。", "A household has one head.", fields=[Field("relation", said)])


def _living(register: Register, household: str) -> list[dict[str, Any]]:
    return [p for p in register.people[household] if p["left_on"] is None]


def _head(register: Register, household: str) -> dict[str, Any] | None:
    """The member who heads the household; None where the head is known by name alone."""
    living, name = _living(register, household), register.rows[household]["head"]
    headed = (p for p in living if p["relation"] == members.HEAD)
    return next(headed, None) or next((p for p in living if p["name"] == name and not p["relation"]), None)


def _member(register: Register, household: str, member: str, *, gone: bool = False) -> dict[str, Any]:
    found = next((p for p in register.people[household] if p["id"] == member), None)
    if found is None:
        raise NotFound("本户没有这个成员。", "There is no such member.")
    if (found["left_on"] is not None) != gone:
        said = "此人就在本户。" if gone else "此人已离开本户；须先登记“回到本户”。"
        raise Conflict(said, "The member has left, or has not.", code="member_left")
    return found


def _put(register: Register, person: dict[str, Any], values: Mapping[str, Any]) -> None:
    person.update(values)
    m = household_members.c
    register.tx.run(update(household_members).where(m.id == person["id"]).values(**values))


def _aided(row: Any) -> tuple[str, ...]:
    return ("本户在享救助，人口变化请同时在“在享救助”中登记变化。",) if row.programmes else ()
