"""主动发现救助台账: one line per lead with the fixed columns of policy.md D.11, a by-product of the work itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import areas, corrections, members, staff
from casework.decisions import NOTHING_GIVEN
from casework.tables import decisions, leads, notices, payouts
from casework.words import Words
from engine.calendar import ZONE, instant
from engine.db import Tx
from engine.routing import at_tier
from engine.tables import cases, user_tasks

COLUMNS = {
    "number": "线索编号",
    "town": "镇街",
    "village": "村居",
    "name": "姓名",
    "id_no": "证件号",
    "sex": "性别",
    "age": "年龄",
    "persons": "家庭人口",
    "residence": "户籍类别/居住状态",
    "cause": "困难类型/致困原因",
    "source": "发现渠道",
    "finder": "发现人",
    "discovered_at": "发现时间",
    "reported_at": "上报时间",
    "verified_at": "核查时间",
    "verifiers": "核查人",
    "first_aid": "是否先行救助",
    "programme": "救助类别",
    "form": "救助方式",
    "amount": "救助金额",
    "level": "审批层级",
    "decided_at": "审批时间",
    "paid_at": "发放时间",
    "papers_at": "补办手续时间",
    "referral": "转介部门/结果",
    "notice": "公示情况",
    "follow_up": "回访时间/结果",
    "handlers": "经办人",
    "remark": "备注",
    "status": "办理状态",
    "conclusion": "办理结果",
}
"""The official columns in their order (policy.md D.11), then our own. The line's number, 序号, stands before them."""
SEX = {"1": "男", "2": "女"}  # GB/T 2261.1
STATUS = {"active": "办理中", "completed": "已办结", "cancelled": "已终止"}


def lines(tx: Tx, numbers: Sequence[str], words: Words, mask: Mapping[str, Any]) -> list[dict[str, str]]:
    """The lines of these leads, in their order; every cell is text. `mask`: how names and identity numbers are shown."""
    query = select(leads, cases.c.status, cases.c.document, cases.c.variables).join(
        cases, cases.c.id == leads.c.case_id
    )
    found = {row.number: row for row in tx.run(query.where(leads.c.number.in_(numbers)))}
    books = _Books(tx, [row.case_id for row in found.values()], _named(found.values()))
    places = areas.names(tx, {row.area for row in found.values()})
    towns = areas.names(tx, {at_tier(row.area, "town") for row in found.values()})
    return [_line(found[number], books, words, places, towns, mask) for number in numbers if number in found]


BELOW = ("relief_application", "dibao", "tekun", "after_notice")
"""Processes whose cases go on below the lead's: an application reopened after a remedy, a notice after emergency relief."""


def _lines_of(tx: Tx, leads_cases: Sequence[str]) -> dict[str, str]:
    """Case → the lead's case whose line it belongs to: the lead itself, what goes on below it, and below that."""
    c = cases.c
    found = {case_id: case_id for case_id in leads_cases}
    around = list(found)
    while around:
        query = select(c.id, c.parent).where(c.parent.in_(around), c.process.in_(BELOW))
        below = {row.id: found[row.parent] for row in tx.run(query) if row.id not in found}
        found |= below
        around = list(below)
    return found


class _Books:
    """What the books and the finished steps say about these leads, read in a few questions."""

    def __init__(self, tx: Tx, leads_cases: Sequence[str], named: Iterable[str]) -> None:
        p, d, n, u, c = payouts.c, decisions.c, notices.c, user_tasks.c, cases.c
        line = _lines_of(tx, leads_cases)
        ids = list(line)
        self.payouts = _grouped(tx.run(select(payouts).where(p.case_id.in_(ids)).order_by(p.made_at)), line)
        self.decisions = _grouped(
            tx.run(select(decisions).where(d.case_id.in_(ids)).order_by(d.decided_on, d.entered_at)), line
        )
        self.notices = _grouped(tx.run(select(notices).where(n.case_id.in_(ids)).order_by(n.made_at)), line)
        steps = select(u.case_id, u.element, u.ended_at, u.ended_by, u.acted).where(
            u.case_id.in_(ids), u.state == "completed"
        )
        self.steps = _grouped(tx.run(steps.order_by(u.ended_at)), line)
        visits = select(c.parent.label("case_id"), c.document).where(
            c.parent.in_(ids), c.process == "follow_up"
        )
        self.corrections = corrections.known(tx, cases=ids)
        self.visits = _grouped(tx.run(visits.order_by(c.opened_at)), line)
        people = {person for rows in self.steps.values() for row in rows for person in _actors(row)}
        self.names = staff.names(tx, {*people, *named})

    def dated(self, case_id: str, name: str, copied: Any, path: str | None = None) -> str:
        """A date a book copied, as it counts now; one that was put right says what was entered."""
        now = self.corrections.right(case_id, name, copied, path)
        return _told(now, copied if now != copied else None)

    def filed(self, case_id: str, name: str, value: Any) -> str:
        """The same of a date of the case file."""
        return _told(value, self.corrections.was(case_id, name, value))

    def ended(self, case_id: str, element: str) -> datetime | None:
        return next((s.ended_at for s in reversed(self.steps[case_id]) if s.element == element), None)


def _named(rows: Iterable[Any]) -> set[str]:
    """People the documents themselves name: who found it, who visited."""
    found: set[str] = set()
    for row in rows:
        found.add(str(_first(_sections(row.document, "lead"), "finder") or ""))
        found.update(str(p) for p in _first(_sections(row.document, "verification"), "visitors") or [])
    return found


def _actors(row: Any) -> list[str]:
    return [*(str(signed["person"]) for signed in row.acted or []), *([row.ended_by] if row.ended_by else [])]


def _grouped(rows: Iterable[Any], line: Mapping[str, str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[line[row.case_id]].append(row)
    return found


def _sections(document: Mapping[str, Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """Every entry of a section, wherever in the document it lies."""
    found: list[Mapping[str, Any]] = []
    for content in document.values():
        value = content.get(name)
        found += value if isinstance(value, list) else [value] if value else []
    return found


def _first(entries: Sequence[Mapping[str, Any]], key: str) -> Any:
    return next((entry[key] for entry in entries if entry.get(key) not in (None, "", [])), None)


def _verified(visits: Sequence[Mapping[str, Any]], case: str, books: _Books) -> str:
    """When somebody went to see, as the form says; a form filled in before it asked knows the step alone."""
    said = _first(visits[::-1], "verified_at")
    return moment(instant(said) if said else books.ended(case, "verify_on_site"))


def _line(
    row: Any, books: _Books, words: Words, places: Mapping[str, str], towns: Mapping[str, str], mask: Any
) -> dict[str, str]:
    document, case = row.document, row.case_id
    lead, visit = _sections(document, "lead"), _sections(document, "verification")
    application, plan = _sections(document, "application"), _sections(document, "plan")
    member = next((m for a in application if (m := members.subject(a, row.subject))), {})
    town = towns.get(at_tier(row.area, "town"), "")
    paid = [p for p in books.payouts[case] if p.state == "paid"]
    made = books.decisions[case]
    quick = books.ended(case, "approve_quick")
    programmes = [
        code for code in (_first(plan, "green_route"), *(_first(plan, "other_routes") or [])) if code
    ]
    handlers = [name for s in books.steps[case] for a in _actors(s) if (name := books.names.get(a))]
    line = {
        "number": row.number,
        "town": town,
        "village": places.get(row.area, row.area).removeprefix(town),
        "name": mask["name"](row.subject),
        "id_no": mask["id_no"](str(member.get("id_no") or "")),
        "sex": SEX.get(members.sex(member) or "", ""),
        "age": _text(members.age(member, row.discovered_at.astimezone(ZONE).date())),
        "persons": str(_first(visit + application, "persons") or ""),
        "residence": words.of(
            "residence_status", _first(visit, "residence_status") or _first(lead, "residence_status")
        ),
        "cause": words.of("hardship_cause", row.cause),
        "source": words.of("lead_source", [s.get("source") for s in row.sources]),
        "finder": books.names.get(str(_first(lead, "finder")), ""),
        "discovered_at": books.dated(case, "discovered_at", row.discovered_at),
        "reported_at": books.filed(case, "reported_at", _first(lead, "reported_at")),
        "verified_at": _verified(visit, case, books),
        "verifiers": "、".join(books.names.get(str(p), "") for p in _first(visit, "visitors") or []),
        "first_aid": "是" if _sections(document, "first_aid") else "否",
        "programme": words.of("programme_all", [code for code in programmes if code != "none"]),
        "form": words.of("aid_form", _first(application, "form") or (paid[0].method if paid else None)),
        "amount": f"{sum((p.amount for p in paid), Decimal(0)):.2f}" if paid else "",
        "level": words.of("decision_level", made[-1].level if made else "town" if quick else None),
        "decided_at": _decided(made[-1], books, words) if made else moment(quick),
        "paid_at": moment(paid[0].paid_at) if paid else "",
        "papers_at": _papers(document, books, case),
        "referral": "；".join(
            f"{words.of('department', r.get('to_dept'))} {words.of('referral_outcome', r.get('outcome'))}".strip()
            for r in _sections(document, "referral")
        ),
        "notice": f"已公示 {len(books.notices[case])} 次" if books.notices[case] else "",
        "follow_up": "；".join(
            f"{moment(f.get('done_at'))} {'仍有困难' if f.get('still_in_difficulty') else '已缓解'}"
            for v in books.visits[case]
            for f in _sections(v.document, "follow_up")
        ),
        "handlers": "、".join(dict.fromkeys(handlers)),
        "status": STATUS.get(row.status, row.status),
        "conclusion": words.of("conclusion", row.conclusion),
        "remark": f"并入 {row.merged_into}" if row.merged_into else "",
    }
    assert line.keys() == COLUMNS.keys()
    return line


def _decided(last: Any, books: _Books, words: Words) -> str:
    """The day of the last decision; one that gives nothing says so, for the columns beside it read like an approval."""
    day = books.dated(last.case_id, "decided_on", last.decided_on.isoformat(), last.path)
    return f"{day}（{words.of('letter_result', last.result)}）" if last.result in NOTHING_GIVEN else day


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _papers(document: Mapping[str, Any], books: _Books, case: str) -> str:
    """When the papers of first aid were made up for: at the registration that followed it."""
    if not _sections(document, "first_aid"):
        return ""
    return next(
        (
            moment(at)
            for e in ("finish_papers", "register_quick", "register_emergency")
            if (at := books.ended(case, e))
        ),
        "",
    )


def _told(now: Any, was: Any) -> str:
    return moment(now) + (f"（更正，原 {moment(was)}）" if was is not None else "")


def moment(at: Any) -> str:
    """An instant in Shanghai to the minute; a bare date stays one."""
    if not at:
        return ""
    if isinstance(at, str):
        if len(at) == 10:
            return at
        at = datetime.fromisoformat(at)
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"
