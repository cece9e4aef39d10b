"""A case as people see it: row, step bar, sections, timeline, tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import select

from api import schemas
from api.views import due, timeline
from api.views import requests as request_views
from api.views import tasks as task_views
from api.views.people import mask_title
from api.views.sections import sections
from api.views.written import live
from casework import areas, reveals, staff
from casework.reading import SAID, SECTIONS, Extent, View
from engine import clocks, definitions, history, incidents, step, subscriptions, worklist
from engine.db import Tx, made
from engine.definitions import Pinned
from engine.errors import NotFound
from engine.routing import Actor
from engine.tables import cases as cases_table
from engine.tables import requests as requests_table

CaseStatus = Literal["active", "completed", "cancelled", "incident"]


def load(tx: Tx, case_id: str) -> step.Case:
    """A case for reading: no lock."""
    row = tx.run(select(*step.COLUMNS).where(cases_table.c.id == case_id)).one_or_none()
    if row is None:
        raise NotFound("没有这件救助事项，或您无权查看。", "No such case.")
    return made(step.Case, row)


def rows(tx: Tx, found: Sequence[Any], now: datetime) -> list[schemas.CaseRow]:
    """Rows of a list of cases (columns of `cases`)."""
    if not found:
        return []
    ids = [row.id for row in found]
    places = areas.names(tx, {row.area for row in found})
    open_tasks = worklist.open_by_case(tx, ids)
    troubled = incidents.troubled(tx, ids)
    pins = {row.pins for row in found}
    pinned = {digest: definitions.pinned(tx, digest) for digest in pins}
    running = clocks.binding_by_case(tx, ids)
    return [
        _row(tx, row, now, places, open_tasks, troubled, pinned[row.pins], running.get(row.id))
        for row in found
    ]


def _row(
    tx: Tx,
    row: Any,
    now: datetime,
    places: Mapping[str, str],
    open_tasks: Mapping[str, list[Any]],
    troubled: set[str],
    pinned: Pinned,
    limit: clocks.Clock | None,
) -> schemas.CaseRow:
    status = "incident" if row.status == "active" and row.id in troubled else row.status
    process = pinned.processes.get(row.process)
    current = list(dict.fromkeys(task.name for task in open_tasks.get(row.id, [])))
    return schemas.CaseRow(
        id=row.id,
        number=row.number,
        title=mask_title(row.title),
        place=places.get(row.area, row.area),
        process=row.process,
        process_name=(process.name if process else None) or row.process,
        status=cast(CaseStatus, status),
        stage=stage_name(pinned, row.stage),
        current=current,
        urgent=row.urgent,
        due=due.of_clock(tx.world, limit, now) if limit and row.status == "active" else due.NONE,
        opened_at=row.opened_at,
        closed_at=getattr(row, "closed_at", None),
    )


def stage_names(pinned: Pinned) -> dict[str, str]:
    """Stage key → words, in the order of the step bar."""
    return {str(item["value"]): str(item["label"]) for item in pinned.codes.get("stage", [])}


def stage_name(pinned: Pinned, key: str | None) -> str | None:
    return stage_names(pinned).get(key, key) if key else None


def stages(case: step.Case, pinned: Pinned, entries: Iterable[history.Entry]) -> list[schemas.StageState]:
    """The step bar of the case's own process: stages in the order of the drawing, dated when they were reached."""
    nodes = pinned.processes[case.process].nodes
    keys = list(dict.fromkeys(n.properties["stage"] for n in nodes.values() if "stage" in n.properties))
    reached: dict[str, datetime] = {}
    for entry in entries:
        for event in (entry.payload or {}).get("trace", []):
            if event["e"] != "activated" or event["p"] not in pinned.processes:
                continue
            node = pinned.processes[event["p"]].nodes.get(event["n"])
            stage = step.stage_of(pinned, event["p"], node) if node else None
            if stage:
                reached[stage] = entry.at
                if stage not in keys:
                    keys.append(stage)
    order = list(stage_names(pinned))
    keys.sort(key=lambda key: order.index(key) if key in order else len(order))
    current = case.stage if case.status == "active" else None
    shown = []
    for key in keys:
        state: Literal["done", "current", "todo", "skipped"] = "todo"
        if key == current:
            state = "current"
        elif key in reached:
            state = "done"
        elif case.status != "active":
            state = "skipped"
        shown.append(
            schemas.StageState(key=key, name=stage_name(pinned, key) or key, state=state, at=reached.get(key))
        )
    return shown


# ------------------------------------------------------------------------------------------ the page
def tokens(
    tx: Tx, case: step.Case, pinned: Pinned, entries: Sequence[history.Entry], now: datetime
) -> list[schemas.Token]:
    """Where the case stands on its diagrams: what is active, what has been passed, what failed."""
    active: dict[tuple[str, str], schemas.Token] = {}
    open_tasks = worklist.open_of_case(tx, case.id)
    people = staff.names(tx, {t.holder for t in open_tasks if t.holder})

    def put(
        process: str, element: str, since: datetime, *, overdue: bool = False, holder: str | None = None
    ) -> None:
        known = active.get((process, element))
        name = pinned.node(process, element).name
        active[process, element] = schemas.Token(
            process=process,
            element=element,
            state="active",
            name=name,
            count=(known.count if known else 0) + 1,
            overdue=overdue or bool(known and known.overdue),
            since=min(since, known.since) if known and known.since else since,
            holder=holder,
        )

    for task in open_tasks:
        late = task.due_at is not None and task.due_at < now and task.due_state != "paused"
        put(task.process, task.element, task.created_at, overdue=late, holder=people.get(task.holder or ""))
    for item in subscriptions.waits(tx, case.id):
        if pinned.node(item.process, item.element).attached_to is None:
            put(item.process, item.element, item.created_at)
    for incident in incidents.of_case(tx, case.id):
        if incident.state == "open":
            key = (incident.process, incident.element)
            node = pinned.processes[incident.process].nodes.get(incident.element)
            active[key] = schemas.Token(
                process=incident.process,
                element=incident.element,
                state="incident",
                name=node.name if node else None,
                since=incident.created_at,
            )
    done: dict[tuple[str, str], schemas.Token] = {}
    for entry in entries:
        for event in (entry.payload or {}).get("trace", []):
            if event["e"] in ("completed", "taken"):
                key = (event["p"], event["n"])
                if key not in active:
                    done[key] = schemas.Token(
                        process=event["p"], element=event["n"], state="done", since=entry.at
                    )
    return [*active.values(), *done.values()]


def processes(case: step.Case, pinned: Pinned, entries: Sequence[history.Entry]) -> list[dict[str, str]]:
    """The diagrams a case has touched, its own first."""
    used = [case.process]
    for entry in entries:
        used.extend(event["p"] for event in (entry.payload or {}).get("trace", []) if event["e"] != "more")
    return [
        {
            "process": process,
            "name": pinned.processes[process].name or process,
            "deployment": pinned.deployments[pinned.owner[process]],
        }
        for process in dict.fromkeys(used)
        if process in pinned.processes
    ]


def document_of(
    entries: Sequence[history.Entry], today: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The document as these rows of the history wrote it: what a place the case has left may go on reading.

    `today`: the document as it is, which knows the sections that are lists.
    """
    made: dict[str, dict[str, Any]] = {}
    for entry in entries:
        payload = entry.payload or {}
        for section, values in (payload.get("document") or {}).items():
            step.store(made, "", section, values, repeats=False)
        if "section" in payload and isinstance(payload.get("values"), dict):
            path, section = payload.get("path", ""), payload["section"]
            repeats = isinstance(step.sections_at(today, path).get(section), list)
            step.store(made, path, section, payload["values"], repeats=repeats)
    return made


def detail(
    tx: Tx,
    actor: Actor,
    view: View,
    now: datetime,
    actions: list[schemas.Action],
    related: list[Any],
    *,
    until: int | None = None,
    supervises: bool = False,
    extent: Extent = Extent.WHOLE,
) -> schemas.CaseDetail:
    """The whole page of a case; with `until` only what the history says up to that row (0: nothing of what was found),
    of the document what the reader's `extent` is, sensitive answers as the `view` has them."""
    case, case_id = view.case, view.case.id
    pinned = definitions.pinned(tx, case.pins)
    whole = history.entries(tx, case_id)
    entries = [entry for entry in whole if until is None or entry.seq <= until]
    if until is not None:
        case.document = document_of(entries, case.document)
    known = clocks.of_case(tx, case_id)
    row = tx.run(select(cases_table).where(cases_table.c.id == case_id)).one()
    found = request_views.about(tx, requests_table.c.case_id, case_id)
    asked = request_views.rows(tx, actor, found, supervises=False, lifted=view.veil.lifted)
    conclusions = {"voided": "作废"} | {
        str(o["value"]): str(o["label"]) for o in pinned.codes.get("conclusion", [])
    }
    shown, limited = rows(tx, [row], now)[0], SAID.get(extent)
    kept = SECTIONS.get(extent)
    if kept is not None:
        case.document = {
            path: {key: value for key, value in content.items() if key in kept}
            for path, content in case.document.items()
        }
    elif until is None:
        case.document = {**case.document, "": {**case.document.get("", {}), **live(tx, case, now)}}
    return schemas.CaseDetail(
        case=shown if limited else shown.model_copy(update={"title": case.title}),
        limited=limited,
        revision=case.revision,
        conclusion=conclusions.get(case.conclusion or "", case.conclusion),
        stages=stages(case, pinned, whole),
        sections=sections(tx, case, pinned, entries, view.veil),
        timeline=[] if limited else timeline.of(tx, entries, pinned, view.veil),
        receipts=due.receipts(
            tx.world,
            known,
            now,
            due.Reader(tx, actor, case, corrects=supervises and case.status == "active"),
            ended=True,
        ),
        tasks=task_views.rows(tx, actor, worklist.open_of_case(tx, case_id), now),
        tokens=tokens(tx, case, pinned, whole, now),
        processes=processes(case, pinned, whole),
        related=rows(tx, related, now),
        incidents=[_incident(i) for i in incidents.of_case(tx, case_id)],
        actions=actions,
        requests=asked,
    ).model_copy(update={"masked": view.masked, "revealed_until": view.until})


def looked(found: Sequence[reveals.Looked]) -> list[schemas.Looked]:
    """Who read sensitive answers of a case."""
    return [schemas.Looked(at=one.at, until=one.until, who=one.who, reason=one.reason) for one in found]


def _incident(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "element": row.element,
        "code": row.code,
        "message": row.message,
        "state": row.state,
        "attempts": row.attempts,
        "revision": row.revision,
        "at": row.created_at.isoformat(),
    }
