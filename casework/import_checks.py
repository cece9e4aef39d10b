"""户册导入: what is wrong with the rows of a workbook, which households and members they mean, and what a person must decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework import areas, focus, household_checks, matching, members
from casework.households import Entry, Listed, Member, Register
from casework.tables import household_members, households
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import Actor, sees, within

COLUMNS: Mapping[str, str] = {
    "village": "村（居）",
    "number": "户编号",
    "head": "户主姓名",
    "name": "姓名",
    "relation": "与户主关系",
    "id_no": "证件号码",
    "sex": "性别",
    "birth_date": "出生日期",
    "phone": "联系电话",
    "address": "住址",
    "health": "健康状况",
    "disability": "残疾类别等级",
    "illness": "患病情况",
    "labour": "劳动能力",
    "category": "重点类别",
    "source": "名单来源",
    "since": "列入日期",
    "programme": "在享救助",
    "note": "备注",
}
"""Heading of each column; a workbook may leave out any but the first, the head's and the member's name."""
EXAMPLE: Mapping[str, str] = {
    "village": "大口屯镇示例村", "number": "001", "head": "张某", "name": "张某", "relation": "户主", "id_no": "11010519491231002X",
    "category": "独居老人", "source": "镇民政办 2026 年名单", "since": "2026-01-01", "note": "示例，可以留着",
}  # fmt: skip
"""The template's own row of an invented household: passed over as long as it is as it was."""
NEEDED = ("village", "head", "name")
RELATIONS = {
    "户主": members.HEAD, "本人": members.HEAD, "本人（户主）": members.HEAD, "户主（本人）": members.HEAD, "配偶": "spouse", "夫": "spouse",
    "妻": "spouse", "子": "son", "女": "daughter", "子女": "child", "儿子": "son", "女儿": "daughter", "父": "parent", "母": "parent",
    "父母": "parent", "父亲": "parent", "母亲": "parent", "祖父": "grandparent", "祖母": "grandparent", "孙子": "grandchild", "孙女": "grandchild",
    "兄弟姐妹": "sibling",
}  # fmt: skip
PROGRAMMES = {
    "低保": "DIBAO", "最低生活保障": "DIBAO", "低保边缘": "DIBAO_EDGE", "低保边缘家庭": "DIBAO_EDGE", "特困": "TEKUN", "特困供养": "TEKUN",
    "特困人员": "TEKUN", "刚性支出困难家庭": "RIGID_EXP", "刚性支出": "RIGID_EXP",
}  # fmt: skip
LABOUR = {"有": "full", "部分": "partial", "无": "none", "完全": "full", "丧失": "none"}
SEXES = {"男": "1", "女": "2"}
LENGTHS = {
    "number": 40, "head": 80, "name": 80, "id_no": 30, "phone": 30, "address": 200, "health": 200, "disability": 200, "illness": 500,
    "source": 200, "note": 500,
}  # fmt: skip
"""How long a value may be: as the form on the screen has it (`api/schemas/homes.py`)."""
PHONE = re.compile(r"(\+?86-?)?1\d{10}|(0\d{2,3}-?)?[2-9]\d{6,7}(-\d{1,6})?")
ERROR, WARNING, CHOICE = "error", "warning", "choice"
SKIP = "skip"
Line = dict[str, Any]
"""A row as read: text by column key, and `row`, its number in the sheet."""
Choices = list[dict[str, str]]
"""`[{"value", "label"}]`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say of a row. An `error` keeps the workbook out, a `warning` does not, a `choice` does until somebody has chosen."""

    row: int
    level: str
    column: str
    message: str
    key: str | None = None
    choices: Choices | None = None
    chosen: str | None = None


def day(text: str) -> date | None:
    """`2026-03-01`, `2026/3/1`, `2026年3月1日`, `20260301`; None for anything else."""
    plain = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    parts = [plain[:4], plain[4:6], plain[6:]] if plain.isdigit() and len(plain) == 8 else plain.split("-")
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except (ValueError, IndexError):
        return None


@dataclass(slots=True)
class Look:
    """A workbook beside the register as it is now. `entries`: what is entered, as decided; `seen`: by the first row of each household where it is
    and which one at which revision is meant."""

    register: Register
    findings: list[Finding] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    seen: dict[str, list[Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def said(self) -> list[dict[str, Any]]:
        """The findings as they are kept."""
        return [asdict(one) for one in self.findings]


class Places:
    """The villages an importer may name, by code, path, name, or town with name."""

    def __init__(self, tx: Tx, actor: Actor, now: datetime) -> None:
        self.known: dict[str, set[str]] = {}
        self.actor = actor
        tree = {area.path: area for area in areas.subtree(tx, None, now)}
        for path, area in tree.items():
            if area.tier == "village":
                town = tree[path.rpartition("/")[0]].name
                for text in (area.code, path, area.name, f"{town}{area.name}"):
                    self.known.setdefault(text, set()).add(path)

    def of(self, text: str) -> tuple[str | None, str]:
        """The village's path, or None and why not."""
        found = self.known.get(text, set())
        mine = {p for p in found if any(within(p, held.area) for held in self.actor.appointments)}
        if len(mine) == 1:
            return next(iter(mine)), ""
        if len(mine) > 1:
            return None, f"“{text}”在辖区内有 {len(mine)} 个，请写明镇（街）或 12 位代码"
        return None, f"“{text}”不在您的辖区" if found else f"没有“{text}”这个村（居）"


@dataclass(slots=True)
class _Sheet:
    """One look: the rows, what has been decided by key, and what is found on the way."""

    tx: Tx
    actor: Actor
    decided: Mapping[str, str]
    look: Look
    homes: dict[int, str | None] = field(
        default_factory=dict
    )  # row → the household it is of, where the register has it
    places: dict[int, str | None] = field(default_factory=dict)  # row → village
    back: dict[str, int] = field(default_factory=dict)  # hash of who would live there again → row
    outcomes: list[str] = field(default_factory=list)


def examine(
    tx: Tx,
    actor: Actor,
    lines: Sequence[Line],
    decided: Mapping[str, str],
    now: datetime,
    *,
    hold: bool = False,
) -> Look:
    """Look at every row beside the register as it is. `hold`: nobody else changes these households until the end of the transaction."""
    places, today = Places(tx, actor, now), now.astimezone(ZONE).date()
    found: list[Finding] = []
    by_number: dict[str, Line] = {}
    for line in lines:
        line["area"], why = places.of(line.get("village", ""))
        for key, label in ((k, COLUMNS[k]) for k in NEEDED):
            if not line.get(key):
                found.append(Finding(line["row"], ERROR, key, f"缺少{label}"))
        if line.get("village") and line["area"] is None:
            found.append(Finding(line["row"], ERROR, "village", why))
        found += _values(line, today)
        hashed = members.number_hash(line.get("id_no"))
        if hashed and (first := by_number.setdefault(hashed, line)) is not line:
            found.append(Finding(line["row"], ERROR, "id_no", f"与第 {first['row']} 行证件号码相同"))
    usable = [line for line in lines if _usable(line, today)]
    found += _one_head(usable)
    look = Look(Register(tx, {line["area"] for line in usable}, actor.id, now, hold=hold), found)
    sheet = _Sheet(tx, actor, decided, look)
    for group in _groups(usable):
        _household(sheet, group, today)
    sheet.places = {line["row"]: line["area"] for line in lines}
    look.findings += _elsewhere(sheet, by_number)
    look.findings.sort(key=lambda f: (f.row, f.level, f.column))
    kinds = ("new", "known", "restored", "skipped", "undecided")
    look.counts = {
        "rows": len(lines),
        "households": len(sheet.outcomes),
        **{k: sheet.outcomes.count(k) for k in kinds},
    }
    return look


def _usable(line: Line, today: date) -> bool:
    return (
        bool(line["area"])
        and all(line.get(k) for k in NEEDED)
        and not any(f.level == ERROR for f in _values(line, today))
    )


def _groups(lines: Iterable[Line]) -> list[list[Line]]:
    """Rows put together to households: same village and number, or same village and head where there is no number."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line["area"], line.get("number") or f"head:{line['head']}"), []).append(line)
    return list(groups.values())


def _one_head(lines: Iterable[Line]) -> list[Finding]:
    """Two families under one number would become one household, and the second be in no round: another head is an error on its row."""
    found = []
    for group in _groups(lines):
        first, heads = (
            group[0],
            [line for line in group if RELATIONS.get(line.get("relation", "")) == members.HEAD],
        )
        where = f"第 {first['row']} 行"
        for line in group:
            if line["head"] != first["head"]:
                text = f"户编号 {line.get('number')} 在{where}是“{first['head']}”户；不是一户的请改编号，是一户的请改户主姓名"
                found.append(Finding(line["row"], ERROR, "head", text))
            elif line in heads and line["name"] != line["head"]:
                found.append(
                    Finding(line["row"], ERROR, "relation", f"户主是“{line['head']}”，此人不能也是户主")
                )
            elif line in heads[1:]:
                found.append(
                    Finding(line["row"], ERROR, "relation", f"本户的户主已在第 {heads[0]['row']} 行")
                )
    return found


# ------------------------------------------------------------------------------------------ who is meant
def _household(sheet: _Sheet, group: Sequence[Line], today: date) -> None:
    """One household of the workbook: which of the register it is, what must be decided, and what is entered."""
    entry, row, look = _entry(group, today), group[0]["row"], sheet.look
    meant, outcome = matching.living(look.register, entry), "known"
    gone = matching.ended(look.register, entry) if meant is None else []
    if gone:
        meant = _chosen(sheet, _of_home(look.register, row, entry, gone))
        outcome = {None: "undecided", SKIP: "skipped", matching.NEW: "new"}.get(meant, "restored")
    elif meant is None:
        outcome = "new"
    sheet.outcomes.append(outcome)
    known = meant if outcome in ("known", "restored") else None
    at = look.register.rows[known]["revision"] if known else None
    look.seen[str(row)] = [entry.area, entry.head, known, at]
    if outcome in ("undecided", "skipped"):
        return
    _number(look, group, entry, known)
    here = []
    for line, one in zip(group, entry.members, strict=True):
        sheet.homes[line["row"]] = known
        decided = _of_member(sheet, line, one, known) if known else one
        if decided is not None:
            here.append(decided)
    if outcome == "restored" and known:
        living = (p for p in look.register.people[known] if p["left_on"] is None and p["id_hash"])
        sheet.back |= {p["id_hash"]: row for p in living}
    look.entries.append(replace(entry, members=tuple(here), meant=meant))


def _chosen(sheet: _Sheet, asked: Finding) -> str | None:
    """Put a choice among the findings. → what was chosen, if it is still among what there is"""
    chosen = sheet.decided.get(asked.key or "")
    known = {one["value"] for one in asked.choices or []}
    chosen = chosen if chosen in known else None
    sheet.look.findings.append(replace(asked, chosen=chosen))
    return chosen


def _of_home(register: Register, row: int, entry: Entry, gone: Sequence[str]) -> Finding:
    """An ended household is in the workbook again."""
    rows = [register.rows[one] for one in gone]
    called = "；".join(
        f"{r['head']}户"
        + (f"（户编号 {r['number']}）" if r["number"] else "")
        + f"已于 {r['ended_on']} 迁出或注销：{r['ended_why']}"
        for r in rows
    )
    restore = [
        {"value": r["id"], "label": "恢复本户" if len(rows) == 1 else f"恢复 {r['ended_on']} 注销的一户"}
        for r in rows
    ]
    choices = [*restore, {"value": matching.NEW, "label": "作为新户"}, {"value": SKIP, "label": "不导入此户"}]
    return Finding(row, CHOICE, "head", f"{called}。名单中又有{entry.head}户，请确认", f"home:{row}", choices)


def _of_member(sheet: _Sheet, line: Line, one: Member, household: str) -> Member | None:
    """The member as decided; None for who is not to be entered."""
    same, gone = matching.member(sheet.look.register.people[household], one)
    if same is not None or not gone:
        return one
    words = {"moved": "迁出", "died": "死亡", "married": "婚嫁", "split": "分户"}
    told = "；".join(f"{p['left_on']} 离开（{words.get(p['left_why'], '其他')}）" for p in gone)
    back = [
        {"value": p["id"], "label": "回到本户" if len(gone) == 1 else f"{p['left_on']} 离开的一人回到本户"}
        for p in gone
    ]
    choices = [*back, {"value": matching.NEW, "label": "新成员"}]
    if one.name != line["head"]:
        choices.append({"value": SKIP, "label": "不导入此人"})
    text = f"{one.name}曾是本户成员，{told}。名单中又在本户，请确认"
    chosen = _chosen(sheet, Finding(line["row"], CHOICE, "name", text, f"member:{line['row']}", choices))
    if chosen == SKIP:
        return None
    person = next((p for p in gone if p["id"] == chosen), None)
    if person is not None and person["id_hash"]:
        sheet.back[person["id_hash"]] = line["row"]
    return replace(one, meant=chosen)


def _number(look: Look, group: Sequence[Line], entry: Entry, known: str | None) -> None:
    """The number the household is to bear, where the register has given it to another."""
    bears = matching.numbered(look.register, entry)
    if bears is None or bears == known:
        return
    row = next(line["row"] for line in group if line.get("number"))
    other = look.register.rows[bears]
    if other["ended_on"] is None:
        text = f"户编号 {entry.number} 在户册中是“{other['head']}”户，没有共同成员"
        look.findings.append(Finding(row, ERROR, "number", text))
        return
    text = f"户编号 {entry.number} 原属已迁出或注销的“{other['head']}”户，导入后归本户，原户的编号前加“旧”"
    look.findings.append(Finding(row, WARNING, "number", text))


def _values(line: Line, today: date) -> list[Finding]:
    """Dates, codes, lengths and numbers of one row."""
    row, found = line["row"], []
    found += _by_number(line)
    for key in ("birth_date", "since"):
        if line.get(key):
            on = day(line[key])
            why = "不是日期" if on is None else household_checks.wrong_day(on, today)
            found += [Finding(row, ERROR, key, f"{COLUMNS[key]}“{line[key]}”{why}")] if why else []
    for key, most in LENGTHS.items():
        if len(line.get(key) or "") > most:
            long = f"{COLUMNS[key]}有 {len(line[key])} 个字，最多 {most} 个"
            found.append(Finding(row, ERROR, key, long + ("；只写一个号码" if key == "phone" else "")))
    if (phone := line.get("phone")) and not all(
        PHONE.fullmatch(one) for one in _split(phone.replace(" ", "、"))
    ):
        found.append(Finding(row, WARNING, "phone", f"“{phone}”不像电话号码，请核对；不影响导入"))
    for key, known, what in (("category", _BY_LABEL, "个重点类别"), ("programme", PROGRAMMES, "项救助")):
        found += [
            Finding(row, ERROR, key, f"没有“{name}”这{what}")
            for name in _split(line.get(key))
            if name not in known
        ]
    if line.get("category") and not line.get("source"):
        found.append(Finding(row, ERROR, "source", "列入重点类别的须写明名单来源"))
    if (text := line.get("relation")) and text not in RELATIONS:
        found.append(Finding(row, WARNING, "relation", f"“{text}”按“其他”登记"))
    return found


def _by_number(line: Line) -> list[Finding]:
    """What the citizen number says against itself, the birthday or the sex of its row: warnings, nobody is refused for a number."""
    number, row = line.get("id_no"), line["row"]
    if not number:
        return []
    if not members.number_holds(number):
        return [Finding(row, WARNING, "id_no", "证件号码校验不符，请核对；不影响导入")]
    told = {"birth_date": day(line.get("birth_date", "")), "sex": SEXES.get(line.get("sex", ""))}
    says = {"birth_date": members.birthday({"id_no": number}), "sex": members.sex({"id_no": number})}
    return [
        Finding(row, WARNING, key, f"{COLUMNS[key]}“{line[key]}”与证件号码不符，请核对；不影响导入")
        for key, value in told.items()
        if value is not None and value != says[key]
    ]


_BY_LABEL = {label: code for code, label in focus.CATEGORIES.items()} | {
    "独居": "elderly_alone", "重病": "serious_illness", "大病": "serious_illness", "残疾": "disabled", "重残": "disabled", "失独": "child_lost",
    "单亲": "single_parent", "监测对象": "antipoverty_monitored", "特困": "tekun_scattered",
}  # fmt: skip


def _split(text: str | None) -> list[str]:
    plain = (
        (text or "")
        .replace("，", "、")
        .replace(",", "、")
        .replace("；", "、")
        .replace(";", "、")
        .replace("/", "、")
    )
    return [part.strip() for part in plain.split("、") if part.strip()]


def _elsewhere(sheet: _Sheet, by_number: Mapping[str, Line]) -> list[Finding]:
    """People who live in another household already: a warning; of those who are to live here again, an error where the keeper can see to it."""
    m, h = household_members.c, households.c
    found = []
    rows = {hashed: line["row"] for hashed, line in by_number.items() if line["area"]} | sheet.back
    hashes = sorted(rows)
    for start in range(0, len(hashes), 500):
        query = (
            select(m.id_hash, h.area, h.id, h.head, h.number)
            .join(households, h.id == m.household)
            .where(m.id_hash.in_(hashes[start : start + 500]), m.left_on.is_(None), h.ended_on.is_(None))
        )
        known = list(sheet.tx.run(query.order_by(m.id_hash, h.id)))
        names = areas.names(sheet.tx, {r.area for r in known})
        for one in known:
            row = rows[one.id_hash]
            if sheet.homes.get(row) == one.id:
                continue
            if one.area == sheet.places.get(row):
                if row not in sheet.homes:
                    continue  # the row is not entered as it is: which household it means is not known
                where = f"本村（居）{one.head}户" + (f"（户编号 {one.number}）" if one.number else "")
            else:
                where = f"{names[one.area]}的户册"
            again = one.id_hash in sheet.back and sees(sheet.actor, one.area)
            text = f"此人已在{where}中，" + ("须先在那里登记离开，或另作选择" if again else "请核对")
            found.append(Finding(row, ERROR if again else WARNING, "id_no", text))
    return found


def _entry(group: Sequence[Line], today: date) -> Entry:
    def first(key: str) -> str | None:
        return next((line[key] for line in group if line.get(key)), None)

    lists = {
        (code, line.get("source", ""), day(line.get("since", "")) or today)
        for line in group
        for code in (_BY_LABEL[name] for name in _split(line.get("category")))
    }
    programmes = sorted({PROGRAMMES[name] for line in group for name in _split(line.get("programme"))})
    return Entry(
        area=group[0]["area"],
        head=group[0]["head"],
        number=first("number"),
        phone=first("phone"),
        address=first("address"),
        members=tuple(_member(line) for line in group),
        lists=tuple(Listed(*one) for one in sorted(lists)),
        programmes=tuple({"code": code} for code in programmes),
    )


def _member(line: Line) -> Member:
    relation = RELATIONS.get(line.get("relation", ""), "other") if line.get("relation") else None
    number = line.get("id_no")
    person = {"id_no": number, "birth_date": str(day(line.get("birth_date", "")) or "")}
    return Member(
        name=line["name"],
        relation=relation or (members.HEAD if line["name"] == line["head"] else None),
        id_no=number.upper() if number else None,
        sex=SEXES.get(line.get("sex", "")) or members.sex(person),
        birth_date=members.birthday(person),
        health=line.get("health"),
        disability=line.get("disability"),
        illness=line.get("illness"),
        labour=LABOUR.get(line.get("labour", "")),
        note=line.get("note"),
    )
