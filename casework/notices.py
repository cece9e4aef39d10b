"""Public notices 公示: built from an allow-list, never by masking a full record; and the objections they bring.

What may be shown is policy.md D.10. Nothing else can reach a notice, because nothing else is read here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from casework import areas, files, kin, members, papers
from casework.tables import decisions, household_members, notices, objections
from engine import cases, messages
from engine.calendar import ZONE, instant
from engine.db import Tx, made
from engine.deadline import Deadline, compute
from engine.errors import Conflict, NotFound
from engine.receipt import sentence
from engine.routing import Actor, at_tier
from engine.step import sections_at
from engine.tables import cases as cases_table
from engine.tables import jobs

PROGRAMMES = {
    "TEMP_EXPENDITURE": "临时救助（支出型）",
    "TEMP_EMERGENCY": "临时救助（急难型）",
    "DIBAO": "最低生活保障",
    "DIBAO_EDGE": "最低生活保障边缘家庭",
    "RIGID_EXP": "刚性支出困难家庭",
    "TEKUN": "特困人员救助供养",
    "BACKSTOP": "一事一议救助",
}
JUDGED_BY_THEN = timedelta(days=366)
"""How long the word that an application is over waits for an objection nobody has judged yet."""
PHONE = "12345"
"""Where the town has no complaint phone of its own yet."""
APPLICANT, PERIOD = "申请人", "公示期"
PROPOSED, GIVEN = "拟救助金额", "救助金额"
"""Emergency relief is given before it is noticed, so its notice does not speak of an intention."""
AFTER = "TEMP_EMERGENCY"
PHONE_LINE = "监督电话"
LINES = (
    APPLICANT,
    "村（居）",
    "救助事项",
    "享受人数",
    PROPOSED,
    GIVEN,
    "近亲属备案",
    PERIOD,
    "异议受理",
    PHONE_LINE,
)
"""What a notice says, in this order."""


@dataclass(frozen=True, slots=True)
class Notice:
    number: str
    case_id: str
    application_no: str
    area: str
    content: Mapping[str, Any]
    investigators: Sequence[str]
    file: str
    made_at: datetime
    path: str
    token: str | None
    term: str | None
    terms_on: date | None

    @property
    def web(self) -> str:
        """Where the code on the paper leads, below the address of the installation."""
        return f"/n/{self.token}"

    @property
    def known(self) -> dict[str, Any]:
        """What the form of an objection sees of it."""
        return {"notice_no": self.number, "notice_made_at": self.made_at.astimezone(ZONE)}


VIOLENCE = "52"  # hardship cause: domestic violence (policy.md D.5)


def protected(
    variables: Mapping[str, Any], document: Mapping[str, Any], title: str, today: date
) -> dict[str, bool]:
    """Who must not be shown, by what the drawing says or the papers themselves: the drawing may have been changed."""
    application = document.get("application") or {}
    causes = [
        (document.get("lead") or {}).get("main_cause"),
        *((document.get("verification") or {}).get("causes") or []),
    ]
    return {
        "minor": variables.get("minor") is True or members.minor_applied_for(application, title, today),
        "victim_at_risk": variables.get("victim_at_risk") is True or VIOLENCE in causes,
        "suppressed": variables.get("suppressed") is True,
    }


ABOUT = [
    cases_table.c[name]
    for name in ("id", "process", "parent", "area", "title", "subject", "variables", "document")
]
"""What is read of the case a notice is about."""
AFTERWARDS = "after_notice"
"""The process of a notice after the aid: the papers are those of the case that gave it."""


def about(tx: Tx, case_id: str) -> Any:
    """The case whose papers tell who a notice shows: a notice after the aid is about the case it came from."""
    row = tx.run(select(*ABOUT).where(cases_table.c.id == case_id)).one()
    return about(tx, row.parent) if row.process == AFTERWARDS and row.parent else row


def kept_from_view(tx: Tx, case: Any, path: str, today: date) -> str | None:
    """Why whom a case (`about`) concerns must not be shown, or None: by the drawing, the papers, or the birthday the register has."""
    found = protected(case.variables, sections_at(case.document, path), case.title, today)
    return barred({**found, "minor": found["minor"] or young(tx, case, today)})


def young(tx: Tx, case: Any, today: date) -> bool:
    """Does the register of households know whom a case is about as a minor?"""
    household = kin.household_of(tx, case.subject, case.area, case.title)
    m = household_members.c
    named = select(m.id_no, m.birth_date).where(
        m.household == household, m.name == case.title, m.left_on.is_(None)
    )
    return household is not None and any(members.is_minor(row._asdict(), today) for row in tx.run(named))


def barred(protected: Mapping[str, bool]) -> str | None:
    """Why a person must not be shown, or None. `protected`: minor, victim_at_risk, suppressed (policy.md D.8, D.10)."""
    if protected.get("minor"):
        return "受益人是未成年人，不得公示"
    if protected.get("victim_at_risk"):
        return "可能受到侵害的人员，不得公示"
    if protected.get("suppressed"):
        return "该事项已决定不公示"
    return None


def refusal(programme: str, protected: Mapping[str, bool]) -> str | None:
    """Why there must be no notice, or None."""
    reason = barred(protected)
    if reason is not None:
        return reason
    if programme not in PROGRAMMES:
        return f"{programme or '该事项'}不需要公示"
    return None


def content(
    *,
    applicant: str,
    place: str,
    programme: str,
    persons: Any,
    amount: Any,
    kinship: bool,
    days: str,
    office: str,
    phone: str | None = None,
) -> dict[str, str]:
    """The allow-list (policy.md D.10): these nine things and nothing else."""
    return {
        APPLICANT: applicant,
        "村（居）": place,
        "救助事项": PROGRAMMES[programme],
        "享受人数": f"{persons} 人" if persons else "—",
        GIVEN if programme == AFTER else PROPOSED: f"{float(amount):.2f} 元" if amount else "按标准执行",
        "近亲属备案": "有" if kinship else "无",
        PERIOD: days,
        "异议受理": office,
        PHONE_LINE: phone or PHONE,
    }


def masked(shown: Mapping[str, str]) -> dict[str, str]:
    """The notice for a page anybody may open: the given name hidden (policy.md D.10), the lines in the order of the paper."""
    name = shown[APPLICANT]
    hidden = {**shown, APPLICANT: name[:1] + "*" * max(1, len(name) - 1)}
    return {line: hidden[line] for line in LINES if line in hidden}


def make(
    tx: Tx,
    *,
    case_id: str,
    area: str,
    application_no: str,
    shown: Mapping[str, str],
    investigators: Sequence[str],
    now: datetime,
    job: str | None = None,
    path: str = "",
    term: str | None = None,
    terms_on: date | None = None,
) -> Notice:
    """Write a notice and its paper; each re-notice has a number of its own, a repeated job finds its own again.

    `term`: how long it hangs, by the rules of the day `terms_on`. The paper that is kept is that of today; it is printed for the day it
    is posted (`notice_board.printed`).
    """
    known = tx.run(select(notices.c.number).where(notices.c.job == job)).scalar_one_or_none() if job else None
    if known is not None:
        return get(tx, known)
    earlier = select(func.count()).where(notices.c.application_no == application_no)
    number = f"{application_no}-G{int(tx.run(earlier).scalar_one()) + 1}"
    row: dict[str, Any] = {
        "number": number,
        "case_id": case_id,
        "application_no": application_no,
        "area": area,
        "content": dict(shown),
        "investigators": list(investigators),
        "made_at": now,
        "path": path,
        "token": secrets.token_urlsafe(15),
        "term": term,
        "terms_on": terms_on,
    }
    known_by = Notice(**row, file="")
    pdf = printed(tx, known_by, posted_today(tx, known_by, now))
    kept = files.store(tx, f"公示 {number}.pdf", pdf, None, now)
    tx.run(insert(notices), {**row, "file": kept.id, "job": job})
    return get(tx, number)


def posted_today(tx: Tx, notice: Notice, now: datetime) -> Deadline | None:
    """Its period, were it posted today; None where its term is not known (papers of before)."""
    if notice.term is None:
        return None
    term = tx.world.terms.get(notice.term, notice.terms_on or now.astimezone(ZONE).date())
    return compute(term, now, tx.world.calendar.of(notice.area), provisional=True)


def in_words(period: Deadline) -> str:
    """The first and the last day of a notice, and from which posting they are counted."""
    first = next(day.date for day in period.days if day.counted)
    unsure = "，末日遇放假安排公布可能顺延（未定）" if period.provisional else ""
    return f"{_day(first)}至{_day(period.due)}（{_day(period.start.astimezone(ZONE).date())}张贴，次日起 {period.term.n} 日{unsure}）"


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


LEADS = {
    False: "经入户调查、审核，拟对下列申请给予救助，现予公示。",
    True: "对下列急难情形已先行给予救助，现按规定事后公示。",
}


def printed(tx: Tx, notice: Notice, period: Deadline | None) -> bytes:
    """The paper, with the days of its period and how they were counted."""
    town, address = at_tier(notice.area, "town"), tx.world.address
    code = papers.Code(
        f"{address}{notice.web}", "扫码可查看本公示、提出异议，\n不必登录，可以不留姓名。\n公示期满后失效。"
    )
    return papers.paper(
        "社会救助公示",
        lead=f"{LEADS[GIVEN in notice.content]}对公示内容有异议的，请在公示期内提出，我们为您保密。",
        rows=[("公示编号", notice.number), *dated(notice, period).items()],
        signed=areas.names(tx, [town])[town],
        date=papers.written(notice.made_at.astimezone(ZONE)),
        receipts=[(f"{period.term.name}：{period.due}", sentence(period), period.citation or "")]
        if period
        else [],
        footer=notice.number,
        code=code if address else None,
    )


def dated(notice: Notice, period: Deadline | None) -> dict[str, str]:
    """The nine lines in their order, the period by its days where they are known."""
    shown = dict(notice.content)
    if period is not None:
        shown[PERIOD] = in_words(period)
    return {line: shown[line] for line in LINES if line in shown}


COLUMNS = [notices.c[name] for name in Notice.__dataclass_fields__]


def get(tx: Tx, number: str) -> Notice:
    row = tx.run(select(*COLUMNS).where(notices.c.number == number)).one_or_none()
    if row is None:
        raise NotFound("没有这份公示。", "No such notice.")
    return made(Notice, row)


def printed_phone(tx: Tx, number: Any) -> str | None:
    """The telephone for complaints as the paper has it."""
    content = tx.run(select(notices.c.content).where(notices.c.number == str(number))).scalar_one_or_none()
    return str(content[PHONE_LINE]) if content else None


def of_case(tx: Tx, case_id: str) -> list[Notice]:
    """The notices made in a case, oldest first."""
    query = select(*COLUMNS).where(notices.c.case_id == case_id)
    return [made(Notice, row) for row in tx.run(query.order_by(notices.c.made_at, notices.c.number))]


def text(tx: Tx, key: Any) -> list[dict[str, str]]:
    """The lines of a notice as they will hang, its days as if it were posted at that moment. `key`: {number, asked_at}."""
    number = str(key.get("number")) if isinstance(key, Mapping) else ""
    row = tx.run(select(*COLUMNS).where(notices.c.number == number)).one_or_none()
    if row is None:
        return []
    notice = made(Notice, row)
    shown = {"公示编号": notice.number, **dated(notice, posted_today(tx, notice, key["asked_at"]))}
    return [{"line": line, "said": said} for line, said in shown.items()]


def case_area(tx: Tx, notice: Notice) -> str:
    """Where the case of a notice is now: one handed over has left its paper where it hangs."""
    return str(tx.run(select(cases_table.c.area).where(cases_table.c.id == notice.case_id)).scalar_one())


def hangs_in(tx: Tx, number: str) -> str | None:
    """The village whose people post a notice and take it down: the one it was made for, wherever its case has gone since."""
    area = tx.run(select(notices.c.area).where(notices.c.number == number)).scalar_one_or_none()
    return areas.follow(area, areas.heirs(tx)) if area is not None else None


def object_to(tx: Tx, notice: Notice, values: Mapping[str, Any], actor: Actor | None, now: datetime) -> str:
    """收到异议: a sealed case of its own, judged by nobody who investigated; `actor`: who took it down, None where it was sent by the code
    on the paper. Returns its number."""
    c = cases_table.c
    case = tx.run(select(c.status, c.subject, c.area, c.title).where(c.id == notice.case_id)).one()
    if case.status != "active":
        raise Conflict("该事项已经办结，请通过信访或复议渠道反映。", "The case is closed.")
    d = decisions.c
    decided = select(d.number).where(
        d.application_no == notice.application_no, d.entered_at >= notice.made_at
    )
    if tx.run(decided).first() is not None:
        raise Conflict(
            "该事项已作出决定，请通过举报或信访渠道反映，由动态复核处理。",
            "The application has been decided.",
            code="decided",
        )
    count = select(func.count()).where(objections.c.application_no == notice.application_no)
    number = f"{notice.application_no}-Y{int(tx.run(count).scalar_one()) + 1}"
    case_id = cases.start(
        tx,
        "handle_objection",
        now=now,
        area=case.area,  # judged where the case is, wherever the paper hangs
        number=number,
        title=f"对公示 {notice.number} 的异议",
        actor=actor,
        event="objection_received",
        subject=kin.household_of(tx, case.subject, case.area, case.title),
        variables={
            "notice_no": notice.number,
            "application_no": notice.application_no,
            "objection_no": number,
            "received_at": values.get("received_at"),
            "investigators": list(notice.investigators),
        },
        document={"objection": [dict(values)]},
    )
    row = {
        "number": number,
        "notice_no": notice.number,
        "application_no": notice.application_no,
        "case_id": case_id,
        "received_at": instant(values.get("received_at") or now),
    }
    tx.run(insert(objections), row)
    if _over(tx, notice):
        release(tx, number, now)
    return number


def release(tx: Tx, number: str, now: datetime) -> None:
    """The application is over without a decision: no new investigation will come. Who waits for one is answered now; who is not judged yet
    finds the word waiting."""
    payload = {"application_over": True}
    messages.deliver(tx, "reinvestigation_done", number, payload, now=now, ttl=JUDGED_BY_THEN)


def _over(tx: Tx, notice: Notice) -> bool:
    """Has the notice's application been withdrawn, or all aid of its case been declined, since the notice was made?"""
    j = jobs.c
    done = select(j.variables).where(
        j.case_id == notice.case_id,
        j.type == "objection.release",
        j.state == "completed",
        j.ended_at >= notice.made_at,
    )
    ended = [variables.get("application_no") for variables in tx.run(done).scalars()]
    return any(number in (None, notice.application_no) for number in ended)


def objections_to(tx: Tx, application_no: str) -> list[dict[str, str]]:
    """Objections to an application's notices with their state: open (not judged), reinvestigate, answered.

    An objection whose case was ended (withdrawn) waits for nothing any more: it counts as answered.
    """
    query = (
        select(objections.c.number, cases_table.c.status, cases_table.c.variables)
        .join(cases_table, cases_table.c.id == objections.c.case_id)
        .where(objections.c.application_no == application_no)
        .order_by(objections.c.received_at, objections.c.number)
    )
    return [
        {"number": row.number, "state": state_of_objection(row.status, row.variables)}
        for row in tx.run(query)
    ]


def state_of_objection(status: str, variables: Mapping[str, Any]) -> str:
    """open (not judged), reinvestigate, answered – from the objection's own case."""
    needed = variables.get("needs_reinvestigation")
    if status != "active":
        return "answered"
    if needed is None:
        return "open"
    return "reinvestigate" if needed is True and not variables.get("reinvestigated") else "answered"


def unanswered(tx: Tx, case_id: str, application_no: str | None = None) -> list[str]:
    """Numbers of the objections to notices of a case (of one application of it) that are still to be answered."""
    query = (
        select(objections.c.number)
        .join(notices, notices.c.number == objections.c.notice_no)
        .join(cases_table, cases_table.c.id == objections.c.case_id)
        .where(notices.c.case_id == case_id, cases_table.c.status == "active")
    )
    if application_no is not None:
        query = query.where(notices.c.application_no == application_no)
    return list(tx.run(query.order_by(objections.c.number)).scalars())
