"""近亲属备案: declared relations between staff and households, which recuse from every act on the household's case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, UploadFile

from api import schemas
from api.deps import Read, Write
from api.schemas import organisation as shapes
from casework import areas, kin, kin_import, sheets, staff
from casework.organisation import keeps, today

router = APIRouter(prefix="/api/kinship", tags=["organisation"])


@router.get("")
def declarations(at: Read, q: Annotated[str, Query(max_length=50)] = "") -> shapes.KinList:
    """Declarations about households in the reader's areas, and the reader's own."""
    found = kin.listed(at.tx, at.actor, q)
    places = areas.names(at.tx, {row.area for row in found})
    people = staff.names(at.tx, {row.declared_by for row in found if row.declared_by})
    items = [
        shapes.KinRow(
            person=row.person,
            name=row.name,
            household=row.household,
            head=row.head,
            place=places.get(row.area, row.area),
            relation=row.relation,
            declared_on=row.declared_on,
            declared_by=people.get(row.declared_by or ""),
            ended_on=row.ended_on,
            may_end=row.ended_on is None and row.person != at.actor.id and keeps(at.actor, row.area),
        )
        for row in found
    ]
    basis = at.tx.world.terms.basis(kin.BASIS, today(at.now))
    return shapes.KinList(items=items, relations=list(kin.RELATIONS), basis=basis)


@router.post("")
def declare(at: Write, body: shapes.KinWrite) -> schemas.Done:
    back = kin.declare(at.tx, at.actor, body.person or at.actor.id, body.household, body.relation, at.now)
    said = f"，{back} 项在办任务已放回岗位并告知" if back else ""
    return at.done(schemas.Done(message=f"已备案，此人对该户的事项一律回避{said}。"))


@router.post("/end")
def end(at: Write, body: shapes.KinEnd) -> schemas.Done:
    kin.end(at.tx, at.actor, body.person, body.household, body.reason, at.now)
    return at.done(schemas.Done(message="备案已终止，记录保留。"))


@router.post("/import/preview")
def preview(at: Write, file: UploadFile) -> shapes.KinPreview:
    """What taking in a table (工作人员、户主、村（居）、关系) would do. Nothing is written."""
    at.require("organise")
    rows = [
        {key: str(value or "").strip() for key, value in row.items()}
        for row in sheets.read(file.filename or "", file.file.read(sheets.MAX_BYTES + 1))
    ]
    lines = kin_import.preview(at.tx, at.actor, rows, at.now)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.state] = counts.get(line.state, 0) + 1
    shown = [
        shapes.KinLine(
            number=line.number,
            name=line.name,
            head=line.head,
            place=line.place,
            relation=line.relation,
            state=line.state,
            notes=line.notes,
        )
        for line in lines
    ]
    return at.done(shapes.KinPreview(lines=shown, counts=counts, rows=rows))


@router.post("/import")
def take_in(at: Write, body: shapes.KinImport) -> schemas.Done:
    """Take the lines in, judged again as they are now; one that is wrong refuses all."""
    at.require("organise")
    made, same = kin_import.take_in(at.tx, at.actor, body.rows, at.now)
    return at.done(schemas.Done(message=f"已备案 {made} 项，{same} 行没有变化。"))
