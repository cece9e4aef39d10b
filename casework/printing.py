"""打印: what can be printed about a case, and the papers made of its file – every date with how it was counted.

Notices and letters are kept or written elsewhere (`notices`, `letters`) and only listed here; spot checks and monthly reports have sheets of
their own. Printed names are whole – the paper is for the person and the file; numbers of identity and accounts are in none of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from casework import areas, issued, letters, meetings, orders, papers, staff
from casework.ledgers.book import branches, first, leaves, moment, truth, yuan
from casework.tables import issued_papers, notices, reports, spot_checks
from casework.words import Words
from engine import clocks, definitions
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import NotFound
from engine.receipt import sentence
from engine.routing import at_tier
from engine.runner.values import covers
from engine.step import Case


@dataclass(frozen=True, slots=True)
class Printable:
    """One entry of the menu. `url`: where the PDF is, below `/api`."""

    key: str
    name: str
    detail: str
    url: str


def receipts(tx: Tx, case_ids: Sequence[str], chosen: Callable[[clocks.Clock], bool]) -> list[papers.Receipt]:
    """How the chosen clocks of these cases were counted, the earliest first."""
    known = [clock for case_id in case_ids for clock in clocks.of_case(tx, case_id) if chosen(clock)]
    found = []
    for clock in sorted(known, key=lambda one: (one.due_at, one.id)):
        deadline = clocks.deadline_of(tx.world, clock)
        source = f"{deadline.term.citation or ''}"
        found.append((f"{clock.name}：{deadline.due}", sentence(deadline), source))
    return list(dict.fromkeys(found))


def menu(tx: Tx, case: Case, *, district: bool) -> list[Printable]:
    """Everything that can be printed now, in the order of the work. `district`: the reader's tier, which alone reads a rebuilt course."""
    base = f"/cases/{case.id}/papers"
    found = []
    if leaves(case.document, "verification"):
        found.append(
            Printable(
                "verification", "实地核查表", "核查结论、家庭情况和政策告知", f"{base}/verification.pdf"
            )
        )
    found += [
        Printable(f"receipt-{n}", "受理回执", str(first(entries, "accepted_on")), f"{base}/receipt-{n}.pdf")
        for n, (_, entries) in _applications(case)
    ]
    found += [
        Printable(f"appraisal-{n}", "民主评议记录", moment(first(e, "held_at")), f"{base}/appraisal-{n}.pdf")
        for n, (_, e) in _appraisals(case)
    ]
    n = notices.c
    posted = select(n.number, n.made_at).where(n.case_id == case.id).order_by(n.made_at, n.number)
    found += [
        Printable(f"notice-{row.number}", "公示", row.number, f"/notices/{row.number}.pdf")
        for row in tx.run(posted)
    ]
    found += [
        Printable(
            f"letter-{number}",
            letters.TITLES.get(letter.result, "决定书"),
            f"送达 {letter.delivered_on}" if letter.delivered_on else "待送达",
            f"/cases/{case.id}/letters/{number}.pdf",
        )
        for number, letter in enumerate(letters.letters(case.document), 1)
    ]
    found += [
        Printable(
            f"order-{one.kind}",
            orders.TITLES[one.result],
            f"送达 {one.delivered_on}" if one.delivered_on else "待送达",
            f"{base}/order-{one.kind}.pdf",
        )
        for one in orders.orders(case.document)
    ]
    return [*found, *_sheets(tx, case), *_issued(tx, case, district=district)]


def _issued(tx: Tx, case: Case, *, district: bool) -> list[Printable]:
    """Numbered papers of the case, as they were issued."""
    p = issued_papers.c
    rows = tx.run(select(p.id, p.number, p.kind).where(p.case_id == case.id).order_by(p.made_at, p.number))
    return [
        Printable(f"issued-{row.id}", issued.TITLES[row.kind], row.number, f"/papers/{row.id}.pdf")
        for row in rows
        if district or row.kind != "timeline"
    ]


def _sheets(tx: Tx, case: Case) -> list[Printable]:
    r, s = reports.c, spot_checks.c
    found = [
        Printable(f"report-{row.number}", "月报", f"第 {row.version} 版", f"/reports/{row.number}.pdf")
        for row in tx.run(select(r.number, r.version).where(r.case_id == case.id).order_by(r.version))
    ]
    drawn = tx.run(select(s.number).where(s.case_id == case.id)).scalars()
    return found + [Printable("spot-check", "抽样单", n, f"/spot-checks/{n}.pdf") for n in drawn]


Entries = list[Mapping[str, Any]]
Branch = tuple[str, Entries]


def _applications(case: Case) -> Iterable[tuple[int, Branch]]:
    """Applications that were accepted, numbered."""
    accepted = [
        b for b in branches(case.document, "application") if first(b[1], "accept_result") == "accepted"
    ]
    return enumerate(accepted, 1)


def _appraisals(case: Case) -> Iterable[tuple[int, Branch]]:
    """Branches that were appraised, numbered."""
    held = [b for b in branches(case.document, "appraisal") if first(b[1], "present") is not None]
    return enumerate(held, 1)


def paper(tx: Tx, case: Case, key: str, now: datetime) -> tuple[str, bytes]:
    """The file's name and the paper `key` of the menu. Raises NotFound for what is not (yet) in the file."""
    kind, _, number = key.partition("-")
    made: bytes | None = None
    if kind == "verification" and leaves(case.document, "verification"):
        made = _verification(tx, case, leaves(case.document, "verification")[-1], now)
    elif kind == "receipt" and number.isdigit() and int(number) in (known := dict(_applications(case))):
        made = _receipt(tx, case, known[int(number)], now)
    elif kind == "appraisal" and number.isdigit() and int(number) in (held := dict(_appraisals(case))):
        made = _appraisal(tx, case, held[int(number)], now)
    elif kind == "order":
        made = orders.paper(tx, case, number, now)
    if made is None:
        raise NotFound("还没有这份材料：对应环节办结后才能打印。", "There is no such paper yet.")
    return f"{NAMES[kind]} {case.number}.pdf", made


NAMES = {
    "verification": "实地核查表",
    "receipt": "受理回执",
    "appraisal": "民主评议记录",
    "letter": "决定文书",
    "order": "决定书",
}
SENSITIVE = frozenset({"verification", "letter", "order"})
"""Papers that tell sensitive answers: causes, reasons."""


def _words(tx: Tx, case: Case) -> Words:
    return Words.of_codes(definitions.pinned(tx, case.pins).codes)


def _signed(tx: Tx, case: Case) -> tuple[dict[str, str], str]:
    town = at_tier(case.area, "town") if "/" in case.area else case.area
    names = areas.names(tx, [case.area, town])
    return names, names[town]


def _printed(case: Case, now: datetime) -> str:
    return f"{case.number}　打印于 {now.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _verification(tx: Tx, case: Case, entries: Entries, now: datetime) -> bytes:
    words, (names, town) = _words(tx, case), _signed(tx, case)
    visitors = [str(one) for one in first(entries, "visitors") or []]
    people = staff.names(tx, visitors)
    leads = [e for found in leaves(case.document, "lead") for e in found]
    rows = [
        ("线索编号", case.number),
        ("姓名", case.title or "（未知）"),
        ("地点", f"{names[case.area]} {first(leads, 'place_text') or ''}".strip()),
        ("发现时间", moment(first(leads, "discovered_at"))),
        ("核查人员", "、".join(people.get(one, one) for one in visitors)),
        ("见到的人", words.of("met_person", first(entries, "met"))),
        ("结论", words.of("verify_result", first(entries, "verify_result"))),
        ("居住情况", words.of("residence_status", first(entries, "residence_status"))),
        ("家庭人数", str(first(entries, "persons") or "")),
        ("致困原因", words.of("hardship_cause", first(entries, "causes"))),
        ("所需帮助", words.of("needs", first(entries, "needs"))),
        ("须立即救助", truth(first(entries, "immediate_need"))),
        ("预计所需", f"{yuan(first(entries, 'est_amount'))} 元" if first(entries, "est_amount") else ""),
        ("本人能否申请", truth(first(entries, "able_to_apply"), "能", "不能，由工作人员协助")),
        ("政策告知", truth(first(entries, "policy_explained"), "已当面讲清救助政策和申请程序", "未讲解")),
    ]
    return papers.paper(
        "困难群众实地核查表",
        rows=rows,
        signed=town,
        date="",
        signatures=["被核查人", "核查人", "核查人"],
        receipts=receipts(
            tx, [case.id], lambda c: c.element in ("verify_on_site", "town_ack", "self_verify")
        ),
        footer=_printed(case, now),
    )


def _receipt(tx: Tx, case: Case, branch: Branch, now: datetime) -> bytes:
    path, entries = branch
    words, (names, town) = _words(tx, case), _signed(tx, case)
    documents = [m for m in first(entries, "materials") or [] if m.get("document")]
    materials = [
        [
            words.of("document_kind", m.get("document")),
            words.of("obtained_by", m.get("obtained_by")),
            words.of("material_state", m.get("state")),
        ]
        for m in documents
    ]
    accepted = str(first(entries, "accepted_on"))[:10]
    return papers.paper(
        "社会救助申请受理回执",
        lead=f"{case.title}：你的申请材料已收到，符合受理条件，自 {papers.written(accepted)}起受理。各环节的期限见下方说明；可凭事项编号查询进度。",
        rows=[
            ("事项编号", case.number),
            ("申请人", case.title),
            ("村（居）", names[case.area]),
            ("申请事项", words.of("programme_all", first(entries, "programme"))),
            ("受理依据", words.of("place_basis", first(entries, "place_basis"))),
            ("提交时间", moment(first(entries, "submitted_at"))),
            ("受理日期", papers.written(accepted)),
            ("近亲属备案", truth(first(entries, "kinship_declared"), "有", "无")),
        ],
        tables=[papers.Grid("已收材料", ["材料", "取得方式", "情况"], materials)] if materials else [],
        lines=["可以由信息核对取得的材料，不要求你另行提供（《社会救助法》第六十二条）。监督电话：12345。"],
        signed=f"{town}公共（民政）服务办",
        date=accepted,
        receipts=receipts(tx, [case.id], lambda c: _from_acceptance(c, path, accepted)),
        footer=_printed(case, now),
    )


def _from_acceptance(clock: clocks.Clock, path: str, accepted: str) -> bool:
    """Is it a limit of this application that runs from its acceptance, or from later?"""
    own = covers(path, clock.path) or (clock.path != "" and covers(clock.path, path))
    return own and clock.kind == "max" and clock.started_at.astimezone(ZONE).date().isoformat() >= accepted


def _appraisal(tx: Tx, case: Case, branch: Branch, now: datetime) -> bytes:
    """The record as this case has it; where it was one of several at a meeting, with the meeting's number, roll and withdrawals."""
    words, (names, town) = _words(tx, case), _signed(tx, case)
    path, entries = branch
    meeting = {**entries[-1], **_held(tx, case, path)}
    chair = str(meeting.get("chair") or "")
    agenda = meeting.get("agenda") or []
    rows = [
        *([("会议编号", str(meeting["number"]))] if "number" in meeting else []),
        ("会议时间", moment(meeting.get("held_at"))),
        ("地点", str(meeting.get("place") or "")),
        ("主持人", staff.names(tx, [chair]).get(chair, chair)),
        ("评议对象", case.title),
        ("村（居）", names[case.area]),
        (
            "申请",
            "；".join(
                f"{a.get('application')} {words.of('programme_all', a.get('programme'))}" for a in agenda
            ),
        ),
        ("实到", f"{meeting.get('present')} 人（其中居民代表 {meeting.get('residents') or 0} 人）"),
        ("回避", f"{meeting.get('recused') or 0} 人{meeting.get('withdrew') or ''}"),
        (
            "表决",
            f"同意 {meeting.get('agree')}　不同意 {meeting.get('against')}　弃权 {meeting.get('abstain')}（无记名）",
        ),
        ("记录", str(meeting.get("minutes") or "")),
    ]
    roles = definitions.pinned(tx, case.pins).options.get("role", {})
    panel = [
        [str(m.get("name") or ""), roles.get(str(m.get("role")), ""), ""] for m in meeting.get("panel") or []
    ]
    return papers.paper(
        "民主评议会议记录",
        rows=rows,
        tables=[papers.Grid("应到人员签到", ["姓名", "身份", "签名"], panel, (2, 2, 3))],
        lines=["评议意见供审核参考，不作为确认救助的唯一依据；近亲属已按规定回避，不参加评议。"],
        signed=town,
        date=moment(meeting.get("held_at"))[:10],
        signatures=["主持人", "记录人", "监督人"],
        receipts=receipts(
            tx, [case.id], lambda c: c.process == "appraisal" or c.term.startswith("appraisal")
        ),
        footer=_printed(case, now),
    )


def _held(tx: Tx, case: Case, path: str) -> dict[str, Any]:
    """What the meeting's own record says of time, place and people; nothing where the case was recorded alone."""
    found = meetings.of_branch(tx, case.id, path)
    if found is None:
        return {}
    meeting, item = found
    withdrew = "、".join(f"{one.name}（{one.why}）" for one in meetings.withdrawn(tx, meeting, item))
    return {
        "number": meeting.number,
        "held_at": meeting.held_at.isoformat(),
        "place": meeting.place,
        "chair": item.chair,
        "panel": [{"name": one.name, "role": one.role} for one in meeting.participants if one.present],
        "withdrew": f"：{withdrew}" if withdrew else "",
    }


__all__ = ["Printable", "menu", "paper", "receipts"]
