"""流程态势: deployed processes, their diagrams, and where all open cases stand on them."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select

from api import schemas
from api.deps import Read, Reader
from api.views import cases as case_views
from casework import sight
from engine import definitions, state
from engine.bundle import Bundle, bundle_of
from engine.db import Tx
from engine.errors import NotFound
from engine.model import Process
from engine.routing import route_of
from engine.tables import cases, deployed_processes, user_tasks

router = APIRouter(prefix="/api/processes", tags=["processes"])


def _in_force(at: Reader, process: str, deployment: str | None = None) -> tuple[definitions.Deployed, Bundle]:
    """The version in force (or a named one) of the bundle that holds a process."""
    query = select(deployed_processes.c.deployment_id).where(deployed_processes.c.process == process)
    if deployment is not None:
        query = query.where(deployed_processes.c.deployment_id == deployment)
    homes = set(at.tx.run(query).scalars())
    known = (
        definitions.by_id(at.tx, homes) if deployment else list(definitions.in_force(at.tx, at.now).values())
    )
    found = next((d for d in known if d.id in homes), None)
    if found is None:
        raise NotFound("没有这个流程。", "No such process.")
    return found, bundle_of(found.bundle, definitions.files(at.tx, found.id))


@router.get("")
def list_processes(at: Read) -> list[schemas.ProcessRow]:
    """Processes in force with their load in the areas the reader may see."""
    found = state.places(at.tx, sight.listed(at.actor), at.now)
    rows = []
    for deployed in definitions.in_force(at.tx, at.now).values():
        listed = at.tx.run(
            select(deployed_processes).where(deployed_processes.c.deployment_id == deployed.id)
        )
        for row in listed:
            here = [place for place in found if place.process == row.process]
            rows.append(
                schemas.ProcessRow(
                    process=row.process,
                    name=row.name or row.process,
                    bundle=deployed.bundle,
                    version=deployed.version,
                    deployment=deployed.id,
                    deployed_at=deployed.deployed_at,
                    open_cases=len({case for place in here for case in place.cases}),
                    overdue=sum(place.overdue for place in here),
                    incidents=sum(place.incidents for place in here),
                )
            )
    return sorted(rows, key=lambda row: (-row.open_cases, row.name))


@router.get("/{process}/diagram")
def diagram(at: Read, process: str, deployment: str | None = None) -> schemas.Diagram:
    """The drawing as deployed, byte for byte."""
    deployed, bundle = _in_force(at, process, deployment)
    model = bundle.processes[process]
    return schemas.Diagram(
        process=process,
        name=model.name or process,
        version=deployed.version,
        deployment=deployed.id,
        xml=bundle.files[str(model.file)].decode(),
    )


def _tier(tx: Tx, model: Process, place: state.Place) -> str | None:
    """Who does what waits here: the tier drawn or, where the drawing computes it, those of the open tasks (`town,district`)."""
    node = model.nodes.get(place.element)
    drawn = route_of(node).tier if node else None
    if drawn is None or not drawn.startswith("="):
        return drawn
    t = user_tasks.c
    here = select(t.tier).where(
        t.case_id.in_(list(place.cases)), t.element == place.element, t.state == "open"
    )
    return ",".join(sorted({tier for tier in tx.run(here).scalars() if tier})) or None


@router.get("/{process}/state")
def show_state(at: Read, process: str, area: str | None = None) -> schemas.ProcessState:
    """Tokens of all open cases by element; boundary events are left to the activity they guard."""
    deployed, bundle = _in_force(at, process)
    model = bundle.processes[process]
    elements = []
    for place in state.places(at.tx, sight.listed(at.actor, area), at.now, process):
        node = model.nodes.get(place.element)
        if node is not None and node.attached_to is not None and not place.incidents:
            continue
        found = list(at.tx.run(select(cases).where(cases.c.id.in_(list(place.cases)))))
        elements.append(
            schemas.ElementState(
                process=process,
                element=place.element,
                name=node.name if node else place.element,
                tier=_tier(at.tx, model, place),
                count=place.count,
                overdue=place.overdue,
                incidents=place.incidents,
                oldest_since=place.oldest_since,
                cases=case_views.rows(at.tx, found, at.now),
            )
        )
    return schemas.ProcessState(
        process=process, name=model.name or process, version=deployed.version, elements=elements
    )
