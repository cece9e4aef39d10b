"""导出: a ledger leaves the house as a file – a right, and an event that is kept (policy.md D.10, Assistance Law art. 70).

Names, numbers and sensitive answers are masked (policy.md D.4: never in exports by default). Unmasked, a second person who holds the right and sees the area must agree, and a purpose is written down.
The file can be fetched for a day by who asked for it; then its content is emptied and the record stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from casework import areas, books, reveals, staff, workbooks
from casework.ledgers import BOOKS, Book, Scope
from casework.ledgers.book import Line
from casework.sensitive import HIDDEN, Place
from casework.tables import exports
from engine.calendar import ZONE
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound
from engine.routing import Actor
from engine.worklist import in_sight

LIMIT = 20_000
"""Lines of one file: a district's ledger of a year."""
KEPT = timedelta(hours=24)
RIGHT = "export"
Masks = Mapping[str, Callable[[str | None], str]]


def plain(text: str | None) -> str:
    """No mask."""
    return text or ""


OPEN: Masks = {"name": plain, "id_no": plain}


def ask(tx: Tx, book: Book, scope: Scope, *, unmasked: bool, purpose: str) -> Any:
    """Make the file, or – unmasked – ask for a second person's agreement. Returns the record."""
    purge(tx, scope.now)
    purpose = purpose.strip()
    if unmasked and len(purpose) < 4:
        raise Invalid(
            "导出未脱敏数据须写明用途。",
            "An unmasked export needs a purpose.",
            fields=[Field("purpose", "请写明用途（至少 4 个字）")],
        )
    row: dict[str, Any] = {
        "id": new_id(),
        "book": book.key,
        "name": _name(tx, book, scope),
        "area": scope.area,
        "filters": {"from": _text(scope.since), "to": _text(scope.until), "area": scope.area},
        "unmasked": unmasked,
        "purpose": purpose,
        "state": "asked",
        "asked_by": scope.actor.id,
        "asked_at": scope.now,
        "revision": 1,
    }
    if unmasked:
        _tell(tx, row, scope)
    else:
        row |= {"state": "ready", **_made(book, scope, book.veiled(_lines(book, scope), _hidden))}
    tx.run(insert(exports), row)
    return get(tx, row["id"])


def answer(tx: Tx, export_id: str, revision: int, agreed: bool, actor: Actor, scope: Scope) -> Any:
    """The second person agrees – then the file is made, as the first would see the ledger – or refuses."""
    row = get(tx, export_id)
    if row.state != "asked" or row.revision != revision:
        raise Conflict("这份导出申请已有处理结果。", "The request has been answered.", code="stale_revision")
    if actor.id == row.asked_by:
        raise Forbidden("导出未脱敏数据须由另一人同意。", "A second person must agree.", code="second_person")
    values: dict[str, Any] = {"answered_by": actor.id, "answered_at": scope.now, "revision": revision + 1}
    if agreed:
        open_scope = replace(scope, actor=staff.actor_of(tx, row.asked_by, scope.now), mask=OPEN)
        book = BOOKS[row.book]
        lines = _lines(book, open_scope)
        values |= {"state": "ready", **_made(book, open_scope, lines)}
        _on_record(tx, book, lines, row, scope.now)
    else:
        values["state"] = "refused"
    tx.run(update(exports).where(exports.c.id == export_id).values(**values))
    word = "已同意，文件可下载" if agreed else "未同意"
    books.tell(tx, [row.asked_by], kind="export", title=f"导出申请{word}", text=row.name, now=scope.now)
    return get(tx, export_id)


def content(tx: Tx, export_id: str, person: str, now: datetime) -> tuple[str, bytes]:
    """The file's name and bytes, for who asked for it. Raises Conflict when it is not ready or no longer kept."""
    row = get(tx, export_id)
    if row.asked_by != person:
        raise NotFound("没有这份导出文件。", "No such export.")
    if row.state != "ready" or row.content is None or row.expires_at <= now:
        raise Conflict(
            "文件未生成或已过期，请重新导出。", "The file is not there (any more).", code="export_gone"
        )
    return row.name, row.content


def listed(tx: Tx, actor: Actor, limit: int) -> list[Any]:
    """The records an actor may know of – their own, and those about areas they see – newest first, without contents."""
    e = exports.c
    columns = [column for column in e if column.name != "content"]
    known = or_(e.asked_by == actor.id, in_sight(actor, e.area))
    return list(tx.run(select(*columns).where(known).order_by(e.asked_at.desc(), e.id).limit(limit)))


def get(tx: Tx, export_id: str) -> Any:
    row = tx.run(select(exports).where(exports.c.id == export_id)).one_or_none()
    if row is None:
        raise NotFound("没有这份导出记录。", "No such export.")
    return row


def purge(tx: Tx, now: datetime) -> int:
    """Empty the files that are no longer kept; returns how many."""
    e = exports.c
    gone = (e.content.is_not(None), or_(e.expires_at.is_(None), e.expires_at <= now))
    return tx.run(update(exports).where(*gone).values(content=None, state="expired")).rowcount


def _hidden(_case: str, _place: Place, said: str) -> str:
    return HIDDEN if said else said


def _on_record(tx: Tx, book: Book, lines: Iterable[Line], row: Any, now: datetime) -> None:
    """Who takes sensitive answers out has read them: a line for each case, with the purpose."""
    told = {line["case_id"] for line in lines if any(line[key] for key in book.sensitive)}
    purpose = f"导出未脱敏{book.name}：{row.purpose}"
    found = [reveals.Reading(row.asked_by, one, purpose, now) for one in sorted(told)]
    for start in range(0, len(found), 500):
        reveals.write(tx, reveals.rows(found[start : start + 500]))


def _lines(book: Book, scope: Scope) -> list[Line]:
    lines, total = book.lines(replace(scope, offset=0, limit=LIMIT))
    if total > LIMIT:
        raise Invalid(
            f"一次最多导出 {LIMIT} 行，请缩小日期或辖区。", "Too many lines.", code="too_many_lines"
        )
    return lines


def _made(book: Book, scope: Scope, lines: Iterable[Line]) -> dict[str, Any]:
    header = ["序号", *book.columns.values()]
    rows: list[list[workbooks.Value]] = [
        [n, *(str(line[key]) for key in book.columns)] for n, line in enumerate(lines, 1)
    ]
    sheet = workbooks.Sheet(book.name.replace("“", "").replace("”", ""), header, rows)
    made = workbooks.workbook([sheet], scope.now)
    return {
        "rows": len(rows),
        "content": made,
        "digest": hashlib.sha256(made).hexdigest(),
        "expires_at": scope.now + KEPT,
    }


def _name(tx: Tx, book: Book, scope: Scope) -> str:
    """队列_地区_人员_时间."""
    areas_ = [scope.area] if scope.area else [held.area for held in scope.actor.appointments][:1]
    place = "、".join(areas.names(tx, areas_).values())
    title = book.name.replace("“", "").replace("”", "")
    return f"{title}_{place}_{scope.actor.name}_{scope.now.astimezone(ZONE):%Y%m%d-%H%M}.xlsx"


def _tell(tx: Tx, row: Mapping[str, Any], scope: Scope) -> None:
    area = str(scope.area or scope.actor.appointments[0].area)
    posts = [post for post, held in staff.RIGHTS.items() if RIGHT in held]
    people = [one for one in staff.holders(tx, posts, area, scope.now) if one != scope.actor.id]
    title = f"请审批：{scope.actor.name}申请导出未脱敏数据"
    books.tell(
        tx, people, kind="export", title=title, text=f"{row['name']}；用途：{row['purpose']}", now=scope.now
    )


def _text(day: Any) -> str | None:
    return day.isoformat() if day else None
