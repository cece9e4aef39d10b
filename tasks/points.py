"""Service tasks of the check of service points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from casework import points
from tasks.duties import who_did
from tasks.registry import Job, Result, handler


@handler("points.list")
def listed(job: Job) -> Result:
    """列出服务点: what the place has, and which kinds it has none of."""
    found = points.of_area(job.tx, job.case.area)
    version = points.current(job.tx)
    rows = [
        {
            "point": p.id,
            "kind": p.kind,
            "name": p.name,
            "phone": p.phone,
            **_seen(p, version),
        }
        for p in found
    ]
    missing = [points.KINDS[kind] for kind in points.lacking(found)]
    return Result(
        {"points_known": len(found), "current_version": version},
        {"point_list": {"rows": rows, "missing": missing}},
    )


def _seen(point: points.Point, version: str | None) -> dict[str, Any]:
    """What is known without going there: a board with an old text is wrong."""
    if point.kind == "policy_board" and version is not None and point.policy_version != version:
        return {"ok": False, "finding": f"公示的不是现行文本（{version}）"}
    return {"ok": None, "finding": None}


@handler("points.record")
def recorded(job: Job) -> Result:
    """登记核验: checks and calls in the books; a kind the place has none of is a fault like any other."""
    sheet, calls = (job.document.get(key) or {} for key in ("point_check", "test_call"))
    checkers, callers = who_did(job, "check_point"), who_did(job, "test_call")
    known = {p.id: p for p in points.of_area(job.tx, job.case.area)}
    bad = dict(_wrong(sheet.get("points"), "ok", "finding"))
    unanswered = dict(_wrong(calls.get("calls"), "answered", "note", "电话没有接通"))
    for row in calls.get("calls") or []:
        point = str(row.get("point"))
        if point in known:
            _note(job, point, "call", callers, unanswered.get(point))
    for row in sheet.get("points") or []:
        point = str(row.get("point"))
        if point in known:
            _note(job, point, "check", checkers, bad.get(point) or unanswered.get(point))
    missing = points.lacking(known.values())
    return Result({"faults": len({*bad, *unanswered} & known.keys()) + len(missing)})


def _wrong(rows: Iterable[Mapping[str, Any]] | None, key: str, said: str, otherwise: str = "有问题") -> Any:
    return (
        (str(row.get("point")), str(row.get(said) or otherwise))
        for row in rows or []
        if row.get(key) is not True
    )


def _note(job: Job, point: str, kind: str, people: list[str], finding: str | None) -> None:
    points.note_check(
        job.tx,
        point,
        kind,
        ok=finding is None,
        finding=finding,
        person=people[0] if people else "",
        at=job.now,
        case_id=job.case.id,
    )


@handler("points.fixed")
def fixed(job: Job) -> Result:
    """登记整改: what was faulty is good again, every board shows the text in force."""
    people = who_did(job, "fix_point")
    version = points.current(job.tx)
    for point in points.of_area(job.tx, job.case.area):
        old = point.kind == "policy_board" and point.policy_version != version
        if point.state != "faulty" and not old:
            continue
        if old:
            points.edit(job.tx, point.id, point.revision, {"policy_version": version})
        _note(job, point.id, "fix", people, None)
    return Result()
