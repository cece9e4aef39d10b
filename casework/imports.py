"""户册导入: a workbook is read, looked at row by row, shown with what is wrong and what must be decided, and entered only when confirmed –
whole or not at all, and only while the register is what was shown."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import delete, insert, select, update

from casework import areas
from casework.households import must_keep, note
from casework.import_checks import CHOICE, COLUMNS, ERROR, EXAMPLE, NEEDED, Line, Look, examine
from casework.tables import household_imports
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Invalid, NotFound
from engine.routing import Actor

MOST_ROWS, MOST_BYTES = 20_000, 10_000_000
ROW = household_imports.c


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
    except _UNREADABLE as error:
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
        if line and line != EXAMPLE:
            lines.append({**line, "row": number})
    if not lines:
        raise Invalid("工作簿里没有数据行。", "There are no rows.", code="no_rows")
    if len(lines) > MOST_ROWS:
        raise Invalid(f"超过 {MOST_ROWS} 行，请分批导入。", "Too many rows.", code="too_large")
    return lines


_UNREADABLE = (
    zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError, TypeError, AttributeError, SyntaxError,
)  # fmt: skip
"""What openpyxl raises for a file that is no workbook, or a damaged one (broken XML: a SyntaxError)."""


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


# ------------------------------------------------------------------------------------------ preview and confirm
def preview(tx: Tx, actor: Actor, name: str, content: bytes, now: datetime) -> str:
    """Read and examine a workbook and keep it until it is confirmed; returns the id. An earlier one of the same person that was not is dropped."""
    lines = read(content)
    look = examine(tx, actor, lines, {}, now)
    for area in sorted({line["area"] for line in lines if line["area"]}):
        must_keep(actor, area)
    tx.run(delete(household_imports).where(ROW.by == actor.id, ROW.confirmed_at.is_(None)))
    row = {
        "id": new_id(),
        "by": actor.id,
        "at": now,
        "name": name[:200],
        "digest": hashlib.sha256(content).hexdigest(),
    }
    tx.run(insert(household_imports), {**row, **_kept(lines, look)})
    return str(row["id"])


def _kept(lines: Sequence[Line], look: Look) -> dict[str, Any]:
    return {"rows": list(lines), "findings": look.said, "seen": {"homes": look.seen, "counts": look.counts}}


def get(tx: Tx, actor: Actor, import_id: str) -> Any:
    return _found(
        tx.run(select(household_imports).where(ROW.id == import_id, ROW.by == actor.id)).one_or_none()
    )


def _held(tx: Tx, actor: Actor, import_id: str) -> Any:
    query = select(household_imports).where(ROW.id == import_id, ROW.by == actor.id)
    return _found(tx.run(query.with_for_update()).one_or_none())


def _found(row: Any) -> Any:
    if row is None:
        raise NotFound("没有这次导入，或它已被新的导入替换。", "There is no such import.")
    return row


def _decided(row: Any) -> dict[str, str]:
    return {f["key"]: f["chosen"] for f in row.findings if f.get("chosen")}


def decide(tx: Tx, actor: Actor, import_id: str, choices: Mapping[str, str], now: datetime) -> None:
    """Say who is meant, by the keys of findings; the workbook is looked at again beside the register of now. Without choices that alone."""
    row = _held(tx, actor, import_id)
    if row.confirmed_at is not None:
        raise Conflict("这次导入已经确认。", "The import is confirmed.", code="confirmed")
    asked = {f["key"]: {one["value"] for one in f["choices"]} for f in row.findings if f["level"] == CHOICE}
    wrong = [key for key, value in choices.items() if value not in asked.get(key, ())]
    if wrong:
        fields = [Field(f"choices.{key}", "没有这个选项") for key in wrong]
        raise Invalid("选项与预览不符，请载入最新预览。", "No such choice.", fields=fields)
    look = examine(tx, actor, row.rows, {**_decided(row), **choices}, now)
    tx.run(update(household_imports).where(ROW.id == import_id).values(**_kept(row.rows, look)))


def confirm(tx: Tx, actor: Actor, import_id: str, now: datetime) -> dict[str, int]:
    """Enter the workbook as previewed; said again, it answers what it did.

    Raises Conflict while a row is wrong or undecided, and – with what it is – where the register or the areas are no longer what was shown.
    """
    row = _held(tx, actor, import_id)
    if row.confirmed_at is not None:
        return dict(row.result)
    areas.hold(tx, {line["area"] for line in row.rows if line["area"]})
    look = examine(tx, actor, row.rows, _decided(row), now, hold=True)
    changed = _changed(row, look)
    if changed:
        said = f"预览之后户册或区划有变化，请核对最新预览后再确认：{'；'.join(changed[:3])}" + (
            "等。" if len(changed) > 3 else "。"
        )
        raise Conflict(said, "The register has changed.", code="import_changed", changed=changed)
    _complete(look)
    for area in {entry.area for entry in look.entries}:
        must_keep(actor, area)
    counts = {"new": 0, "changed": 0, "same": 0, "restored": 0, "skipped": look.counts["skipped"]}
    for entry in look.entries:
        outcome, home = look.register.write(entry)
        counts[outcome] += 1
        if outcome == "restored":
            _note(tx, actor, look, home, "home_reopened", now)
    for home, member in look.register.returned:
        _note(tx, actor, look, home, "member_back", now, member=member)
    for home in look.register.renumbered:
        _note(tx, actor, look, home, "home_changed", now, what="户编号，户册导入")
    done: dict[str, Any] = {"rows": [], "findings": [], "seen": None, "confirmed_at": now, "result": counts}
    tx.run(update(household_imports).where(ROW.id == import_id).values(**done))
    return counts


def _complete(look: Look) -> None:
    """Raises Conflict while something is wrong or open."""
    wrong = sum(f.level == ERROR for f in look.findings)
    if wrong:
        said = f"还有 {wrong} 处错误，请改正后重新上传。"
        raise Conflict(said, "Rows are wrong.", code="rows_wrong", rows=wrong)
    open_ = sum(f.level == CHOICE and f.chosen is None for f in look.findings)
    if open_:
        said = f"还有 {open_} 处须确认是恢复还是新增。"
        raise Conflict(said, "Somebody must decide.", code="undecided", rows=open_)


def _changed(row: Any, look: Look) -> list[str]:
    """What is no longer as it was shown, in words."""
    shown, found = row.findings, look.said
    told = [f"第 {f['row']} 行：{f['message']}" for f in found if f not in shown]
    told += [f"第 {f['row']} 行原来的提示已不适用：{f['message']}" for f in shown if f not in found]
    was = (row.seen or {}).get("homes", {})
    for key, now_ in look.seen.items():
        if now_ != was.get(key) and not any(f"第 {key} 行" in text for text in told):
            old, new = (one[2] if one else None for one in (was.get(key), now_))
            what = "户册中已有更新" if old == new else "与户册中的户对应已变"
            told.append(f"第 {key} 行{now_[1]}户：{what}")
    return told


def _note(
    tx: Tx,
    actor: Actor,
    look: Look,
    home: str,
    kind: str,
    now: datetime,
    what: str = "户册导入",
    **details: Any,
) -> None:
    note(tx, actor, SimpleNamespace(**look.register.rows[home]), kind, now, what=what, **details)
