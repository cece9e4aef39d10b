"""Service tasks of the assessment: figures with their lists, the frozen sheet, the appeal beside it, grade, reward and penalty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import areas, assessments, books, issued, papers, staff
from casework.performance import Period
from engine import cases
from engine.errors import Invalid
from engine.tables import cases as cases_table
from tasks.duties import scheduled, who_did
from tasks.registry import Job, Result, handler

PROCESS = "assessment"


def _day(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])


def _period(job: Job) -> Period:
    """As asked for (both days included), else the twelve months before the turn."""
    asked = job.variables.get("period_from")
    if asked:
        return Period(_day(asked), _day(job.variables["period_to"]) + timedelta(days=1))
    return Period(*assessments.year_before(scheduled(job).date().replace(day=1)))


def _frozen_period(job: Job) -> Period:
    sheet = assessments.of_case(job.tx, job.case.id)
    return Period(sheet.begins, sheet.ends)


def _person(job: Job) -> str | None:
    return str(job.variables["person"]) if job.variables.get("person") else None


@handler("assessment.open")
def open_cadres(job: Job) -> Result:
    """逐人开出: a case for each village-responsible cadre of the town."""
    begins, ends = assessments.year_before(scheduled(job).date().replace(day=1))
    found = assessments.cadres_of(job.tx, job.case.area, ends)
    names = staff.names(job.tx, {person for person, _ in found})
    mine = select(cases_table.c.variables).where(
        cases_table.c.process == PROCESS, cases_table.c.parent == job.case.id
    )
    begun = {row.variables.get("person") for row in job.tx.run(mine)}
    for person, area in found:
        if person in begun:
            continue
        begun.add(person)
        cases.start(
            job.tx,
            PROCESS,
            now=job.now,
            area=area,
            number=f"{job.case.number}-{len(begun):02d}",
            title=f"考核 · 包村干部 {names.get(person, person)}",
            variables={
                "unit": "cadre", "person": person,
                "period_from": begins.isoformat(), "period_to": (ends - timedelta(days=1)).isoformat(),
            },
            event="assessment_by_hand",
            parent=job.case.id,
        )  # fmt: skip
    return Result()


@handler("assessment.figures")
def compute_figures(job: Job) -> Result:
    """汇总数据: counted from the records; the lists go with the sheet, the shares to the table of indicators."""
    unit = str(job.variables["unit"])
    if unit == "cadre" and _person(job) is None:
        raise Invalid("没有写明考核哪名包村干部。", "No cadre is named.", code="no_cadre")
    period = _period(job)
    found = assessments.figures(job.tx, unit, job.case.area, period, job.now)
    words = {key: assessments.measured(key, found) for key in (*found, "discipline")}
    lists = {key: [[ref, good] for ref, good in one.items] for key, one in found.items()}
    return Result(
        {
            "figures": assessments.for_table(found),
            "period_from": period.begins.isoformat(),
            "period_to": (period.ends - timedelta(days=1)).isoformat(),
        },
        {"counted": {"measured": words, "lists": lists}},
    )


def _rows(points: Any, measured: Mapping[str, str]) -> list[dict[str, Any]]:
    """The sheet's rows from what the table of indicators said; one row of the table may be a lone context."""
    said = points if isinstance(points, list) else [points]
    return [
        {
            "indicator": row["indicator"],
            "weight": row["weight"],
            "share": round(float(row["share"]), 6),
            "points": float(assessments.points(row["weight"], row["share"])),
            "formula": row["formula"],
            "measured": measured.get(row["indicator"], ""),
        }
        for row in said
    ]


@handler("assessment.record")
def freeze_sheet(job: Job) -> Result:
    """形成考核表: figures, lists and points as they are now, never changed again."""
    counted = job.document.get("counted") or {}
    rows = _rows(job.variables.get("points"), counted.get("measured") or {})
    period = _period(job)
    made = assessments.record(
        job.tx,
        case_id=job.case.id,
        unit=str(job.variables["unit"]),
        area=job.case.area,
        person=_person(job),
        period=period,
        rows=rows,
        lists=counted.get("lists") or {},
        now=job.now,
    )
    shown = [{key: row[key] for key in ("indicator", "weight", "measured", "points")} for row in rows]
    return Result({"assessment_no": made.number, "score": float(made.score)}, {"sheet": {"rows": shown}})


@handler("assessment.veto")
def check_veto(job: Job) -> Result:
    """查问责与改分: an upheld appeal stands beside the score; was anybody found responsible?"""
    said = job.document.get("assessment_appeal") or {}
    if said.get("appeal_on"):
        entry = {
            "at": str(said["appeal_on"]), "by": who_did(job, "decide_appeal"), "indicator": said.get("indicator"),
            "upheld": said.get("appeal_upheld") is True, "was": float(job.variables["score"]),
            "now": float(job.variables["final_score"]), "reason": said.get("decision_reason"), "asked": said.get("appeal_reason"),
        }  # fmt: skip
        assessments.appealed(job.tx, str(job.variables["assessment_no"]), entry)
    found = assessments.veto(
        job.tx, str(job.variables["unit"]), job.case.area, _person(job), _frozen_period(job)
    )
    return Result({"veto": found})


GRADES = {"excellent": "优秀", "good": "良好", "pass": "合格", "fail": "不合格"}


@handler("assessment.finalise")
def finalise(job: Job) -> Result:
    """登记结果: grade, reward or penalty with its evidence; a numbered notice of the result; the unit is told."""
    said = job.document.get("assessment") or {}
    number, grade = str(job.variables["assessment_no"]), str(job.variables["grade"])
    final = Decimal(str(job.variables["final_score"]))
    by = who_did(job, "finalise")
    assessments.settle(job.tx, number, final, grade)
    if said.get("merit") in ("reward", "penalty"):
        assessments.merit(
            job.tx, kind=said["merit"], area=job.case.area, person=_person(job), case_id=job.case.id, text=str(said["merit_text"]),
            basis=str(said["merit_basis"]), evidence=[{"assessment": number}], by=by[0] if by else None, now=job.now,
        )  # fmt: skip
    made = _result_paper(job, number, grade, final, said)
    posts = {
        "town": ["town_service_office", "town_civil_officer"],
        "village": ["village_liaison", "village_committee"],
    }
    unit = str(job.variables["unit"])
    people = (
        [p] if (p := _person(job)) else staff.holders(job.tx, posts.get(unit, []), job.case.area, job.now)
    )
    books.tell(
        job.tx, people, kind="assessment", title=f"考核结果：{GRADES[grade]}", text=f"{made.number}，得分 {final}。",
        now=job.now, case_id=job.case.id,
    )  # fmt: skip
    return Result({"result_no": made.number})


def _result_paper(job: Job, number: str, grade: str, final: Decimal, said: Mapping[str, Any]) -> Any:
    sheet, unit = assessments.get(job.tx, number), str(job.variables["unit"])
    place = areas.names(job.tx, [job.case.area])[job.case.area]
    names = staff.names(job.tx, [sheet.person] if sheet.person else [])
    who = names.get(sheet.person or "", place)
    grid = papers.Grid(
        "得分明细",
        ("指标", "权重", "完成", "算法", "得分"),
        [
            (
                assessments.INDICATORS[r["indicator"]],
                str(r["weight"]),
                r["measured"],
                r["formula"],
                f"{r['points']:.2f}",
            )
            for r in sheet.sheet["rows"]
        ],
    )
    changed = [
        f"经申诉由 {one['was']} 改为 {one['now']}：{one['reason']}" for one in sheet.appeals if one["upheld"]
    ]
    merit = (
        [f"{said.get('merit_text')}（依据：{said.get('merit_basis')}）"]
        if said.get("merit") in ("reward", "penalty")
        else []
    )
    veto = ["本期有问责认定，一票否决。"] if job.variables.get("veto") is True else []
    last = sheet.ends - timedelta(days=1)
    issuer = issued.unit_name(job.tx, job.case.area, "district" if unit == "town" else "town")
    content = {
        "assessment": number,
        "grade": grade,
        "score": float(sheet.score),
        "final": float(final),
        "sheet": sheet.digest,
    }
    return issued.issue(
        job.tx,
        "assessment",
        issued.Sheet(
            lead=f"{who}：",
            rows=[
                ("考核编号", number), ("考核期间", f"{sheet.begins} 至 {last}"), ("计算得分", f"{sheet.score:.2f}"),
                ("最终得分", f"{final:.2f}"), ("等次", GRADES[grade]),
                ("考核表摘要", papers.breakable(sheet.digest, 16)),
            ],
            lines=[*changed, *veto, *merit],
            tables=[grid],
        ),
        job=job.id,
        issuer=issuer,
        area=job.case.area,
        case_id=job.case.id,
        about=None,
        content=content,
        now=job.now,
    )  # fmt: skip
