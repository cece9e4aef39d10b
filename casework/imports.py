"""户册导入: a workbook is read and looked at row by row, shown with what is wrong, and entered only when confirmed – whole or not at all."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import delete, insert, select, update

from casework import areas, focus, members
from casework.households import Entry, Listed, Member, Register, must_keep
from casework.tables import household_imports, household_members, households
from engine.calendar import ZONE
from engine.db import Tx, new_id
from engine.errors import Conflict, Invalid, NotFound
from engine.routing import Actor, within

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
NEEDED = ("village", "head", "name")
MOST_ROWS, MOST_BYTES = 20_000, 10_000_000
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
ERROR, WARNING = "error", "warning"
Line = dict[str, Any]
"""A row as read: text by column key, and `row`, its number in the sheet."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a row. An `error` keeps the workbook out, a `warning` does not."""

    row: int
    level: str
    column: str
    message: str


# ------------------------------------------------------------------------------------------ reading
def read(content: bytes) -> list[Line]:
    """The rows of the first sheet. Raises Invalid for what is no workbook, is too large, or lacks a needed column."""
    if len(content) > MOST_BYTES:
        raise Invalid("文件超过 10 MB，请分村导入。", "The file is larger than 10 MB.", code="too_large")
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        found = [
            [_cell(cell) for cell in row]
            for row in book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, values_only=True)
        ]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError) as error:
        raise Invalid(
            "不是能打开的 Excel 工作簿（.xlsx）。", "Not a readable .xlsx workbook.", code="not_a_workbook"
        ) from error
    top = next((n for n, row in enumerate(found[:10]) if COLUMNS["village"] in row or "村居" in row), None)
    if top is None:
        raise Invalid("没有找到表头，请使用导入模板。", "There is no heading row.", code="no_heading")
    keys = [_key(text) for text in found[top]]
    missing = [COLUMNS[key] for key in NEEDED if key not in keys]
    if missing:
        raise Invalid(f"缺少列：{'、'.join(missing)}。", "A column is missing.", code="column_missing")
    lines = []
    for number, row in enumerate(found[top + 1 :], top + 2):
        line: Line = {key: text for key, text in zip(keys, row, strict=False) if key and text}
        if line:
            lines.append({**line, "row": number})
    if not lines:
        raise Invalid("工作簿里没有数据行。", "There are no rows.", code="no_rows")
    if len(lines) > MOST_ROWS:
        raise Invalid(f"超过 {MOST_ROWS} 行，请分批导入。", "Too many rows.", code="too_large")
    return lines


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().lstrip("'")


def _key(heading: str) -> str | None:
    plain = heading.replace("(", "（").replace(")", "）").replace("*", "").strip()
    if plain == "村居":
        return "village"
    return next((key for key, label in COLUMNS.items() if label == plain), None)


def day(text: str) -> date | None:
    """`2026-03-01`, `2026/3/1`, `2026年3月1日`, `20260301`; None for anything else."""
    plain = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    parts = [plain[:4], plain[4:6], plain[6:]] if plain.isdigit() and len(plain) == 8 else plain.split("-")
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except (ValueError, IndexError):
        return None


# ------------------------------------------------------------------------------------------ looking
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


def examine(tx: Tx, actor: Actor, lines: Sequence[Line], now: datetime) -> list[Finding]:
    """Everything that is wrong with the rows, in their order. Households elsewhere with the same person are a warning."""
    places, found = Places(tx, actor, now), []
    by_number: dict[str, Line] = {}
    for line in lines:
        line["area"], why = places.of(line.get("village", ""))
        for key, label in ((k, COLUMNS[k]) for k in NEEDED):
            if not line.get(key):
                found.append(Finding(line["row"], ERROR, key, f"缺少{label}"))
        if line.get("village") and line["area"] is None:
            found.append(Finding(line["row"], ERROR, "village", why))
        found += _values(line)
        hashed = members.number_hash(line.get("id_no"))
        if hashed and (first := by_number.setdefault(hashed, line)) is not line:
            found.append(Finding(line["row"], ERROR, "id_no", f"与第 {first['row']} 行证件号码相同"))
    found += [*_elsewhere(tx, by_number), *_taken(tx, lines, now)]
    return sorted(found, key=lambda f: (f.row, f.level, f.column))


def _usable(line: Line) -> bool:
    return (
        bool(line["area"])
        and all(line.get(k) for k in NEEDED)
        and not any(f.level == ERROR for f in _values(line))
    )


def _taken(tx: Tx, lines: Sequence[Line], now: datetime) -> list[Finding]:
    """Numbers under which the register knows a household with nobody in common."""
    usable = [line for line in lines if _usable(line)]
    register = Register(tx, {line["area"] for line in usable}, None, now)
    found = []
    for entry in entries(usable, now.astimezone(ZONE).date()):
        other = register.numbered(entry)
        if other is not None and register.match(entry) is None:
            row = next(x["row"] for x in usable if (x["area"], x.get("number")) == (entry.area, entry.number))
            text = f"户编号 {entry.number} 在户册中是“{register.rows[other]['head']}”户，没有共同成员"
            found.append(Finding(row, ERROR, "number", text))
    return found


def _values(line: Line) -> list[Finding]:
    """Dates, codes and numbers of one row."""
    row, found = line["row"], []
    if (number := line.get("id_no")) and not members.number_holds(number):
        found.append(Finding(row, WARNING, "id_no", "证件号码校验不符，请核对；不影响导入"))
    found += [
        Finding(row, ERROR, key, f"{COLUMNS[key]}“{line[key]}”不是日期")
        for key in ("birth_date", "since")
        if line.get(key) and day(line[key]) is None
    ]
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


def _elsewhere(tx: Tx, by_number: Mapping[str, Line]) -> list[Finding]:
    """People who are in another village's register already."""
    m, h = household_members.c, households.c
    found = []
    hashes = list(by_number)
    for start in range(0, len(hashes), 500):
        query = (
            select(m.id_hash, h.area)
            .join(households, h.id == m.household)
            .where(m.id_hash.in_(hashes[start : start + 500]), m.left_on.is_(None), h.ended_on.is_(None))
        )
        rows = list(tx.run(query))
        names = areas.names(tx, {r.area for r in rows})
        for one in rows:
            line = by_number[one.id_hash]
            if line["area"] and one.area != line["area"]:
                found.append(
                    Finding(line["row"], WARNING, "id_no", f"此人已在{names[one.area]}的户册中，请核对")
                )
    return found


def entries(lines: Iterable[Line], today: date) -> list[Entry]:
    """Rows put together to households: same village and number, or same village and head where there is no number."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line["area"], line.get("number") or f"head:{line['head']}"), []).append(line)
    return [_entry(group, today) for group in groups.values()]


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


# ------------------------------------------------------------------------------------------ preview and confirm
def preview(tx: Tx, actor: Actor, name: str, content: bytes, now: datetime) -> str:
    """Read and examine a workbook and keep it until it is confirmed; returns the id. An earlier one of the same person that was not is dropped."""
    lines = read(content)
    found = examine(tx, actor, lines, now)
    for area in sorted({line["area"] for line in lines if line["area"]}):
        must_keep(actor, area)
    i = household_imports.c
    tx.run(delete(household_imports).where(i.by == actor.id, i.confirmed_at.is_(None)))
    row = {
        "id": new_id(), "by": actor.id, "at": now, "name": name[:200], "digest": hashlib.sha256(content).hexdigest(), "rows": lines,
        "findings": [{"row": f.row, "level": f.level, "column": f.column, "message": f.message} for f in found],
    }  # fmt: skip
    tx.run(insert(household_imports), row)
    return str(row["id"])


def get(tx: Tx, actor: Actor, import_id: str) -> Any:
    i = household_imports.c
    row = tx.run(select(household_imports).where(i.id == import_id, i.by == actor.id)).one_or_none()
    if row is None:
        raise NotFound("没有这次导入，或它已被新的导入替换。", "There is no such import.")
    return row


def plan(tx: Tx, row: Any, now: datetime) -> dict[str, int]:
    """How many households would be new, changed, the same – by what the register holds now. Writes nothing that is kept."""
    usable = [line for line in row.rows if _usable(line)]
    known = Register(tx, {line["area"] for line in usable}, row.by, now)
    made = entries(usable, now.astimezone(ZONE).date())
    fresh = sum(known.match(entry) is None for entry in made)
    return {"rows": len(row.rows), "households": len(made), "new": fresh, "known": len(made) - fresh}


def confirm(tx: Tx, actor: Actor, import_id: str, now: datetime) -> dict[str, int]:
    """Enter the workbook as previewed. Raises Conflict while a row is wrong; said again, it answers what it did."""
    i = household_imports.c
    row = tx.run(
        select(household_imports).where(i.id == import_id, i.by == actor.id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("没有这次导入，或它已被新的导入替换。", "There is no such import.")
    if row.confirmed_at is not None:
        return dict(row.result)
    wrong = [f for f in row.findings if f["level"] == ERROR]
    if wrong:
        raise Conflict(
            f"还有 {len(wrong)} 处错误，请改正后重新上传。",
            "Rows are wrong.",
            code="rows_wrong",
            rows=len(wrong),
        )
    register = Register(tx, {line["area"] for line in row.rows}, actor.id, now, hold=True)
    counts = {"new": 0, "changed": 0, "same": 0}
    for entry in entries(row.rows, now.astimezone(ZONE).date()):
        outcome, _ = register.write(entry)
        counts[outcome] += 1
    tx.run(
        update(household_imports).where(i.id == import_id).values(rows=[], confirmed_at=now, result=counts)
    )
    return counts
