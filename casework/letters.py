"""Letters to the person 决定文书: what was decided, why, and how to contest it.

Assistance Law art. 45: a refusal is in writing with its reasons. Reconsideration Law art. 20 (sixty days), arts. 11 and 23
(refusals and failures to act go to reconsideration first, and the letter must say so), art. 53 (simplified procedure up
to 3,000 yuan, thirty days); Litigation Law arts. 45 and 46 (fifteen days after it, six months without it). policy.md C-54–C-58.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from casework import areas, papers
from casework.words import Words
from engine import definitions
from engine.calendar import ZONE, instant
from engine.db import Tx
from engine.deadline import Deadline, add_months, compute
from engine.errors import NotFound
from engine.receipt import rule, sentence
from engine.routing import at_tier
from engine.step import Case, sections_at
from engine.terms import Terms

TITLES = {
    "approved": "社会救助确认决定书",
    "partly": "社会救助部分确认决定书",
    "refused": "社会救助不予确认决定书",
    "not_accepted": "社会救助申请不予受理通知书",
    "keep": "社会救助复核决定书",
    "increase": "社会救助复核决定书",
    "reduce": "社会救助复核决定书（减发）",
    "stop": "社会救助停止决定书",
}
SAID = {
    "approved": "经审核，决定确认给予救助。",
    "partly": "经审核，决定给予救助，救助金额低于申请额。",
    "refused": "经审核，决定不予确认。",
    "not_accepted": "经审查，对你的申请不予受理。",
    "keep": "经复核，决定维持原救助。",
    "increase": "经复核，决定自次月起增加救助金额。",
    "reduce": "经复核并听取意见，决定自次月起减少救助金额。",
    "stop": "经复核并听取意见，决定自次月起停止救助。",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a completed `letter` form says. `first`: reconsideration is needed before a court may be asked.

    `decision`: the answers of the decision it tells of, empty for an application not accepted. `before`: yuan a month the family received
    until a review decided.
    """

    result: str
    reasons: str
    authority: str
    first: bool
    version: str
    level: str
    delivered_on: str | None
    programme: str
    decision_no: str
    decided_on: str
    decision: Mapping[str, Any]
    before: Any


def letters(document: Mapping[str, Mapping[str, Any]]) -> list[Letter]:
    """The letters of a case in the order of their writing; each is told apart by the answer `reasons`.

    Each tells of one decision, in the order both were made: what was sent back is none, and where a decision was published is told beside.
    A section repeated below a token's path carries what lay above it: the same letter is listed once.
    """
    found: list[Letter] = []
    for path in document:
        seen = sections_at(document, path)
        entries = document[path].get("delivery") or []
        taken = [one for one in seen.get("decision") or [] if one.get("result") not in (None, "returned")]
        told = 0
        for index, entry in enumerate(entries):
            if entry.get("reasons"):
                later = [e for e in entries[index + 1 :] if e.get("delivered_on")]
                decision: Mapping[str, Any] = {}
                if entry.get("result") != "not_accepted":
                    decision, told = (taken[told:] or taken[-1:] or [{}])[0], told + 1
                letter = Letter(
                    result=str(entry.get("result")),
                    reasons=str(entry["reasons"]),
                    authority=str(entry.get("authority") or "区人民政府"),
                    first=entry.get("first_reconsideration") is not False,
                    version=str(entry.get("remedies_text_version") or ""),
                    level=str(decision.get("level") or "town"),
                    delivered_on=str(later[0]["delivered_on"]) if later else None,
                    programme=str(entry.get("programme") or ""),
                    decision_no=str(entry.get("decision_no") or ""),
                    decided_on=str(entry.get("decided_on") or "")[:10],
                    decision=decision,
                    before=(seen.get("recognition") or {}).get("amount"),
                )
                if letter not in found:
                    found.append(letter)
    return found


def remedies(letter: Letter, law: Terms, on: date) -> list[str]:
    """How to contest the letter, in the words it must carry."""
    return ways(letter.authority, letter.first, law, on)


def ways(authority: str, reconsider_first: bool, law: Terms, on: date) -> list[str]:
    """How to contest a decision; every period, sum and article from the law in force on the day."""
    apply, simplified = law.get("remedy.apply", on).words, law.get("remedy.decide_simplified", on).words
    lines = [
        (
            f"如不服本决定，可以自收到本文书之日起 {apply}内向{authority}申请行政复议；"
            f"争议金额 {law.parameter('remedy.simplified_yuan', on)} 元以下的，可以申请适用简易程序，{simplified}内作出复议决定。"
        )
    ]
    if reconsider_first:
        lines.append(
            f"按照{law.parameter('remedy.first_basis', on)}，本事项应当先申请行政复议；对复议决定不服的，"
            f"可以自收到复议决定书之日起 {law.get('remedy.court', on).words}内向人民法院提起行政诉讼。"
        )
    else:
        direct = law.get("remedy.court_direct", on).words
        lines.append(f"也可以自收到本文书之日起 {direct}内直接向人民法院提起行政诉讼。")
    return lines


MONTHLY = ("DIBAO", "TEKUN")
REVIEWED = ("keep", "increase", "reduce", "stop")
NOTHING = ("refused", "not_accepted", "stop")


def said(letter: Letter, words: Words) -> list[tuple[str, str]]:
    """The decision itself, in rows: what, how much, from when, for how long, by which rule. What was not decided has no row."""
    decision, per = letter.decision, "每月 " if letter.programme in MONTHLY else ""
    given = decision if letter.result not in NOTHING else {}
    rows = [
        ("救助事项", words.of("programme_all", letter.programme)),
        ("原救助金额", _yuan(letter.before, per) if letter.result in REVIEWED else ""),
        ("救助金额", _yuan(given.get("amount"), per)),
        ("停发起始月份" if letter.result == "stop" else "起始月份", _from(letter)),
        ("救助月数", str(given.get("months") or "")),
        ("有效期至", str(given.get("valid_to") or "")[:10]),
        ("救助方式", words.of("aid_form", given.get("form"))),
        ("依据", words.of("legal_basis", decision.get("basis"))),
    ]
    return [(name, text) for name, text in rows if text]


def _yuan(amount: Any, per: str) -> str:
    return "" if amount is None else f"{per}{Decimal(str(amount)):,.2f} 元"


def _from(letter: Letter) -> str:
    """Monthly money begins, changes or ends with the month after the decision; a review may name a later one."""
    if (
        letter.programme not in MONTHLY
        or letter.result not in ("approved", "partly", *REVIEWED[1:])
        or not letter.decided_on
    ):
        return ""
    month = add_months(date.fromisoformat(letter.decided_on).replace(day=1), 1)
    named = letter.decision.get("effective_month") if letter.result in REVIEWED else None
    if named:
        month = max(month, date.fromisoformat(str(named)[:10]).replace(day=1))
    return f"{month.year}年{month.month}月"


def paper(tx: Tx, case: Case, number: int, now: datetime) -> bytes:
    """The `number`-th letter of a case (from 1) as PDF. Raises NotFound when it has not been written."""
    written = letters(case.document)
    if not 1 <= number <= len(written):
        raise NotFound(
            f"这件事项没有第 {number} 份决定文书：文书在“制作决定文书”办结后生成。",
            "There is no such letter.",
        )
    letter = written[number - 1]
    town, district = at_tier(case.area, "town"), at_tier(case.area, "district")
    names = areas.names(tx, [case.area, town, district])
    words = Words.of_codes(definitions.pinned(tx, case.pins).codes)
    signed = f"{names[district]}民政局" if letter.level.startswith(("district", "bureau")) else names[town]
    return papers.paper(
        TITLES.get(letter.result, "社会救助决定书"),
        lead=f"{case.title}：{SAID.get(letter.result, '')}",
        rows=[
            ("文书编号", f"{case.number}-W{number}"),
            *([("决定文号", letter.decision_no)] if letter.decision_no else []),
            ("申请人", case.title),
            ("村（居）", names[case.area]),
            *said(letter, words),
            ("理由", letter.reasons),
            ("送达日期", letter.delivered_on or "待送达"),
        ],
        lines=remedies(letter, tx.world.terms, _day(letter, now)),
        signed=signed,
        date=letter.decided_on or letter.delivered_on or "",
        receipts=[period(tx, letter.delivered_on, case.area, now)],
        footer=f"{case.number}-W{number}",
    )


def _day(letter: Letter, now: datetime) -> date:
    """Of whose law the letter speaks: its delivery, before that today."""
    return _of(letter.delivered_on, now)


def _of(delivered_on: str | None, now: datetime) -> date:
    return date.fromisoformat(delivered_on[:10]) if delivered_on else now.astimezone(ZONE).date()


def period(tx: Tx, delivered_on: str | None, area: str, now: datetime) -> papers.Receipt:
    """How long the person may contest it: counted, once it has been delivered."""
    on = _of(delivered_on, now)
    term = tx.world.terms.get("remedy.apply", on)
    if delivered_on is None:
        return term.name, f"自{term.start_event}起 {term.words}", term.citation or ""
    return counted(compute(term, instant(on), tx.world.calendar.of(area), provisional=True))


def counted(found: Deadline) -> papers.Receipt:
    """A limit on a paper for the person: its last day, or – where the calendar of that year is not published yet – the lawful rule in words. A
    provisional day is for the office, not for a letter nobody can put right later."""
    term = found.term
    if found.provisional:
        return term.name, rule(term), term.citation or ""
    return f"{term.name}：{found.due}", sentence(found), term.citation or ""
