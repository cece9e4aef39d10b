"""Service tasks of control: inspection town by town, complaints that mark a case, accountability with its rebuilt timeline."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from casework import (
    areas,
    assessments,
    books,
    complaints,
    issued,
    kin,
    ladder,
    notices,
    papers,
    spot_checks,
    staff,
    timelines,
)
from engine import cases, messages
from engine.calendar import ZONE
from engine.errors import Invalid
from engine.routing import at_tier
from engine.tables import cases as cases_table
from tasks.duties import WAIT, who_did
from tasks.registry import Job, Result, handler

HANDLINGS = {"talk": "谈话提醒", "criticise": "通报批评", "adjust": "调整岗位", "transfer": "移送纪检监察"}


def _parent(job: Job) -> str | None:
    query = select(cases_table.c.parent).where(cases_table.c.id == job.case.id)
    return job.tx.run(query).scalar_one_or_none()


# ------------------------------------------------------------------------------------------ 督查
@handler("inspection.open")
def open_towns(job: Job) -> Result:
    """逐镇开出: a case for each town of the plan."""
    said = job.document.get("inspection") or {}
    plan = said.get("towns") or []
    towns = list(dict.fromkeys(at_tier(str(row["town"]), "town") for row in plan))
    if not towns:
        raise Invalid("督查计划没有写明镇（街）。", "No town is planned.", code="no_town")
    names = areas.names(job.tx, towns)
    numbers = []
    for town in towns:
        number = f"{job.case.number}-{town.rpartition('/')[2]}"
        numbers.append(number)
        known = select(cases_table.c.id).where(cases_table.c.number == number)
        if job.tx.run(known).first() is None:
            cases.start(
                job.tx,
                "town_inspection",
                now=job.now,
                area=town,
                number=number,
                title=f"督查 · {names[town]}",
                variables={"town_no": number},
                document={"inspection_plan": {"cause": said.get("cause"), "focus": said.get("focus")}},
                event="town_chosen",
                parent=job.case.id,
            )
    return Result({"town_nos": numbers})


@handler("inspection.report")
def report_inspected(job: Job) -> Result:
    """反馈结果: the district's plan hears that this town is done; a guidance by itself reports to nobody."""
    number = job.variables.get("town_no")
    if number:
        given = {"findings": job.variables.get("needs_rectify") is True}
        messages.deliver(job.tx, "town_inspected", str(number), given, now=job.now, ttl=WAIT)
    return Result()


# ------------------------------------------------------------------------------------------ 投诉
@handler("complaint.mark")
def mark_complaint(job: Job) -> Result:
    """登记并标记: entered in the book; the case it is about counts as complained from now on (`casework.complaints`)."""
    parent = _parent(job)
    about = ladder.about(job.tx, parent) if parent is not None else None
    text = f"{job.case.number}：{'对 ' + about.number + ' 的投诉' if about else '对工作人员的投诉'}"
    books.book(
        job.tx, "complaint", area=job.case.area, at=job.now, text=text, case_id=job.case.id, key=job.id
    )
    return Result({"about_case": about.number if about else None})


@handler("complaint.serious")
def call_to_account(job: Job) -> Result:
    """转问责: the message that starts it, beside the case the complaint is about."""
    parent = _parent(job) or job.case.id
    home = messages.Home(job.case.area, f"{job.case.number}-WZ", f"问责：{job.case.title}", parent=parent)
    given = {
        "about_case": job.variables.get("about_case") or job.case.number,
        "matter": job.variables.get("facts"),
        "consequence": job.variables.get("consequence"),
    }
    messages.deliver(job.tx, "serious_consequence", None, given, now=job.now, home=home)
    return Result()


@handler("petition.watch")
def watch_petition(job: Job) -> Result:
    """启动复查复核跟踪: from the written answer on, whoever petitioned may ask for a review and a second one; other complaints have none."""
    number = f"{job.case.number}-FC"
    c = cases_table.c
    known = select(c.id).where(c.process == "petition_review", c.number == number)
    if job.variables.get("channel") != "petition" or job.tx.run(known).first() is not None:
        return Result()
    cases.start(
        job.tx,
        "petition_review",
        now=job.now,
        area=job.case.area,
        number=number,
        title=job.case.title,
        variables={
            "petition_no": number,
            "answered_on": job.variables.get("answered_on"),
            "answered_by": who_did(job, "answer_complaint"),
            "staff": job.variables.get("staff"),
            "final": False,
        },
        parent=job.case.id,
    )
    return Result()


@handler("spot.accountability")
def propose_accountability(job: Job) -> Result:
    """对照问责界限: for each town whose errors are above the bound, a case that puts the rebuilt course before the head of the bureau.

    Nothing is decided here: the message starts the accountability process at its weighing (R66).
    """
    number, on = str(job.variables["check_no"]), job.now.astimezone(ZONE).date()
    terms = job.tx.world.terms
    share = Decimal(str(terms.parameter("spot_check.accountable_share", on)))
    least = int(terms.parameter("spot_check.accountable_min", on))
    found = spot_checks.above(spot_checks.rates(job.tx, number), share, least)
    for town, rates in found.items():
        checked = f"{number}-{town.rpartition('/')[2]}"
        query = select(cases_table.c.id).where(
            cases_table.c.process == "town_check", cases_table.c.number == checked
        )
        home = messages.Home(
            town,
            f"{checked}-WZ",
            f"研究问责 · {rates[0].name}抽查差错",
            parent=job.tx.run(query).scalar_one(),
        )
        matter = (
            f"{number} 抽查{rates[0].name}："
            + "；".join(_said(rate) for rate in rates)
            + f"。界限：超过 {share:.0%} 且不少于 {least} 户（件）。"
        )
        given = {"about_case": checked, "matter": matter, "consequence": "unaided"}
        messages.deliver(job.tx, "spot_check_errors", None, given, now=job.now, home=home)
    return Result({"proposed": len(found)})


def _said(rate: spot_checks.Rate) -> str:
    kind = {"missed": "漏报", "wrong": "错报"}[rate.kind]
    share = rate.errors / rate.looked_at
    return f"查 {rate.looked_at}，{kind} {rate.errors}（{share:.0%}，95% 置信区间 {rate.low:.0%}–{rate.high:.0%}）"


@handler("decision.flags")
def check_flags(job: Job) -> Result:
    """核对投诉、近亲属和不予公布情形: complained about during the procedure, or related to staff? Then the bureau visits first (C-25).

    `protected`: a child, or somebody in danger; whatever the drawing asked, nothing about them is hung up (policy.md D.10).
    """
    today = job.now.astimezone(ZONE).date()
    protected = notices.protected(job.variables, job.document, job.case.title, today)
    shielded = any(protected.values()) or notices.young(job.tx, job.case, today)
    complained = complaints.concerns(job.tx, job.case.number)
    registered = kin.relatives(job.tx, job.case.subject, job.case.title, job.case.area)
    related = (
        bool(registered) and job.variables.get("programme") != "BACKSTOP"
    )  # the bureau's own meeting decides
    return Result({"complained": complained, "protected": shielded, "related": related})


# ------------------------------------------------------------------------------------------ 问责
def _behind(job: Job, parent: str) -> spot_checks.Behind:
    """What else is part of the course: the errors of a town's spot check are about leads and households, not about the check."""
    query = select(cases_table.c.process, cases_table.c.variables).where(cases_table.c.id == parent)
    row = job.tx.run(query).one()
    if row.process != "town_check":
        return spot_checks.Behind([], [])
    return spot_checks.behind(job.tx, str(row.variables["check_no"]), str(row.variables["checked_town"]))


@handler("accountability.timeline")
def rebuild_timeline(job: Job) -> Result:
    """还原经过: from the chained histories, each verified, frozen as a numbered paper of the district."""
    parent = _parent(job)
    if parent is None:
        raise Invalid("问责须写明所涉事项。", "No case is named.", code="case_needed")
    of, behind = ladder.about(job.tx, parent), _behind(job, parent)
    made = timelines.rebuild(job.tx, parent, without=job.case.id, also=behind.cases, homes=behind.homes)
    broken = [f"{chain.case} {chain.why}" for chain in made.chains if not chain.intact]
    verdict = "链条完整，未被改动" if made.intact else "链条不完整：" + "；".join(broken)
    chains = papers.Grid(
        "校验", ("事项", "记录行数", "链条", "链头摘要"),
        [(papers.breakable(c.case), str(c.rows), "完整" if c.intact else f"不完整（{c.why}）", c.head[:16]) for c in made.chains],
    )  # fmt: skip
    course = [m for m in made.moments if m.kind not in timelines.QUIET]
    grid = papers.Grid(
        "经过", ("序号", "时间", "事项", "何人", "何事"),
        [(str(n), m.at + (f"（{m.entered_at} 补录）" if m.entered_at else ""), papers.breakable(m.case), m.who or "系统", m.what)
         for n, m in enumerate(course, 1)],
    )  # fmt: skip
    paper = issued.issue(
        job.tx,
        "timeline",
        issued.Sheet(
            lead=f"对 {of.number}（{of.title}）及其关联事项的办理记录还原如下。",
            rows=[
                ("事由", str(job.variables.get("matter") or "")), ("记录", f"{len(made.moments)} 条，印出 {len(course)} 条（系统内部动作从略）"),
                ("哈希链校验", verdict),
            ],
            lines=["本文由系统从办理记录自动还原，记录采用哈希链；补录的同时写明发生和录入时间。"],
            tables=[chains, grid],
        ),
        job=job.id,
        issuer=issued.unit_name(job.tx, job.case.area, "district"),
        area=job.case.area,
        case_id=job.case.id,
        about=parent,
        content={**made.content(), "about": of.number, "intact": made.intact},
        now=job.now,
    )  # fmt: skip
    head = {"number": paper.number, "paper": paper.id, "moments": len(made.moments), "chain": verdict}
    return Result({"timeline_no": paper.number, "timeline_intact": made.intact}, {"timeline": head})


@handler("accountability.record")
def record_penalties(job: Job) -> Result:
    """登记处理: a penalty for each person dealt with, resting on findings and timeline; the person is told."""
    said = job.document.get("accountability") or {}
    paper = (job.document.get("timeline") or {}).get("paper")
    evidence = [{"case": job.case.id}, *([{"paper": str(paper)}] if paper else [])]
    by = who_did(job, "handle")
    posts = staff.posts_of(job.tx, [row["person"] for row in said.get("decisions") or []], job.now)
    for row in said.get("decisions") or []:
        if row.get("handling") not in HANDLINGS:
            continue
        person = str(row["person"])
        held = posts.get(person)
        assessments.merit(
            job.tx, kind="penalty", area=held[0].area if held else job.case.area, person=person, case_id=job.case.id,
            text=f"{HANDLINGS[row['handling']]}：{row['decision_text']}", basis=str(said.get("handled_basis") or ""), evidence=evidence,
            by=by[0] if by else None, now=job.now,
        )  # fmt: skip
        books.tell(
            job.tx, [person], kind="accountability", title=f"处理决定：{HANDLINGS[row['handling']]}", text=str(row["decision_text"]), now=job.now,
        )  # fmt: skip
    return Result()
