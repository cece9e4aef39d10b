"""通报: what a period looked like in each town, frozen as a numbered paper; whoever is named may object (people.md 4.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework import issued, papers
from casework.performance import Period, notices_to, opened, share_words, terms_kept
from casework.tables import issued_papers
from engine.db import Tx
from engine.deadline import add_months
from engine.routing import within

TIERS = ("grid", "village", "town")
HEADS = ("单位", "按期率", "超期环节", "催办通知书", "逾期未答复", "督办", "未销号", "点名")
KEYS = ("name", "on_time", "late", "notices", "unanswered", "orders", "open_orders")


def quarter_before(day: date) -> tuple[date, date]:
    """First day of the quarter before a day's, and of that day's own."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return add_months(first, -3), first


def figures(
    tx: Tx, root: str, first: date, after: date, now: datetime
) -> tuple[list[dict[str, Any]], dict[str, dict[str, list[str]]]]:
    """A row for each town in [first, after), and behind each figure the ids of its cases."""
    period = Period(first, after)
    rows, lists = [], {}
    for site in tx.world.places(tx, "town", now):
        path, name = site.area, site.name
        if not within(path, root):
            continue
        kept = terms_kept(tx, path, TIERS, period, now)
        notices = notices_to(tx, path, TIERS, period)
        answers = terms_kept(tx, path, TIERS, period, now, process="urging_notice")
        orders = opened(tx, path, "supervision_order", period)
        standing = [row.id for row in orders if row.status == "active"]
        lists[path] = {
            "late": kept.late, "notices": [row.id for row in notices], "unanswered": answers.late,
            "orders": [row.id for row in orders], "open_orders": standing,
        }  # fmt: skip
        counts = {key: len(found) for key, found in lists[path].items()}
        rows.append({"area": path, "name": name, "on_time": share_words(kept.share), **counts})
    return rows, lists


def issue(
    tx: Tx,
    document: Mapping[str, Any],
    first: date,
    last: date,
    *,
    case_id: str,
    district: str,
    job: str,
    by: Sequence[str],
    now: datetime,
) -> Any:
    """Freeze and print what was computed; of the draft only who is named and the words are taken, never a figure."""
    computed, draft = document.get("circular_figures") or {}, document.get("circular") or {}
    named = {row.get("name") for row in draft.get("rows") or [] if row.get("named") is True}
    rows = [{**row, "named": row["name"] in named} for row in computed.get("rows") or []]
    period = f"{papers.written(first)}至 {papers.written(last)}"
    content = {
        "from": first.isoformat(), "to": last.isoformat(), "rows": rows, "lists": computed.get("lists") or {},
        "situation": draft.get("situation"), "demand": draft.get("demand"), "signed_by": list(by),
    }  # fmt: skip
    grid = papers.Grid(
        "各镇（街）办理情况",
        HEADS,
        [[*(str(row[key]) for key in KEYS), "是" if row["named"] else ""] for row in rows],
    )
    sheet = issued.Sheet(
        lead=f"现将{period}困难群众救助办理情况通报如下。",
        rows=[
            ("期间", period),
            ("情况", str(draft.get("situation") or "")),
            ("要求", str(draft.get("demand") or "")),
        ],
        lines=[
            "被点名的单位对数据或结论有异议的，可以自印发之日起五个工作日内向区民政局申诉。通报结果计入考核。"
        ],
        tables=[grid],
    )
    return issued.issue(
        tx, "circular", sheet, job=job, issuer=issued.unit_name(tx, district, "district"), area=district, case_id=case_id,
        about=None, content=content, now=now,
    )  # fmt: skip


def named_in(tx: Tx, area: str, period: Period) -> list[str]:
    """Circulars of the period that name a town and were not revoked on appeal: their cases."""
    p = issued_papers.c
    query = select(issued_papers).where(
        p.kind == "circular", p.made_at >= period.start, p.made_at < period.end
    )
    found = []
    for paper in tx.run(query.order_by(p.made_at)):
        revoked = any(one["area"] == area and one["upheld"] for one in paper.corrections)
        named = any(row.get("named") and row["area"] == area for row in paper.content["rows"])
        if named and not revoked:
            found.append(paper.case_id)
    return found
