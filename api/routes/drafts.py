"""流程设计: bundles, drafts, linting, publishing by a second person."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import designer as schemas_designer
from casework import staff
from engine import definitions, publishing
from engine.db import Tx
from engine.errors import NotFound
from engine.lint import Finding
from engine.publishing_files import merged

router = APIRouter(prefix="/api", tags=["designer"])
EDITED = (".bpmn", ".dmn", ".form")
"""Files there is an editor for."""


class Revision(BaseModel):
    revision: int


class Begin(BaseModel):
    bundle: str
    note: str = ""


class BundleDetail(BaseModel):
    row: schemas.BundleRow
    files: list[schemas.DraftFile]


def over(body: schemas.DraftWrite) -> dict[str, str | None]:
    """What a screen has over the draft's files: texts, and None for what it takes away."""
    return {**{file.name: file.text for file in body.files}, **dict.fromkeys(body.removed)}


def _finding(found: Finding) -> schemas.Finding:
    return schemas.Finding(**asdict(found))


def _files(files: dict[str, str]) -> list[schemas.DraftFile]:
    return [schemas.DraftFile(name=name, text=text) for name, text in sorted(files.items())]


def _shown(at: Reader, draft: publishing.Draft) -> schemas.Draft:
    people = staff.names(at.tx, {p for p in (draft.author, draft.publisher) if p})
    why = publishing.why_not_publish(draft, at.actor)
    if why is None and "publish" not in at.rights:
        why = "您没有发布流程的权限。"
    latest = definitions.latest(at.tx, draft.bundle)
    deployed = latest if draft.state == "published" else None
    return schemas.Draft(
        id=draft.id,
        bundle=draft.bundle,
        bundle_name=latest.name if latest else draft.bundle,
        revision=draft.revision,
        state=draft.state,
        author=people.get(draft.author, draft.author),
        author_id=draft.author,
        based_on=draft.based_on,
        note=draft.note,
        files=_files(draft.files),
        findings=[_finding(f) for f in publishing.findings(at.tx, draft.bundle, draft.files, at.now)],
        updated_at=draft.updated_at,
        publisher=people.get(draft.publisher or ""),
        version=deployed.version if deployed else None,
        may_publish=why is None,
        why_not=why,
    )


def _row(tx: Tx, deployed: definitions.Deployed, draft: publishing.Draft | None) -> schemas.BundleRow:
    people = staff.names(tx, {draft.author}) if draft else {}
    return schemas.BundleRow(
        key=deployed.bundle,
        name=deployed.name,
        version=deployed.version,
        deployed_at=deployed.deployed_at,
        draft_id=draft.id if draft else None,
        draft_state=draft.state if draft else None,
        draft_by=people.get(draft.author) if draft else None,
    )


@router.get("/bundles")
def bundles(at: Read) -> list[schemas.BundleRow]:
    """Every bundle with its version in force and its unfinished draft."""
    at.require("design")
    unfinished = publishing.open_drafts(at.tx)
    force = definitions.in_force(at.tx, at.now)
    return [
        _row(at.tx, deployed, unfinished.get(key))
        for key, deployed in sorted(force.items())
        if any(name.endswith(EDITED) for name in definitions.files(at.tx, deployed.id))
    ]


@router.get("/bundles/{key}")
def bundle(at: Read, key: str) -> BundleDetail:
    at.require("design")
    deployed = definitions.in_force(at.tx, at.now).get(key)
    if deployed is None:
        raise NotFound("没有这个流程包。", "No such bundle.")
    files = {name: content.decode() for name, content in definitions.files(at.tx, deployed.id).items()}
    return BundleDetail(
        row=_row(at.tx, deployed, publishing.open_drafts(at.tx).get(key)), files=_files(files)
    )


@router.post("/drafts")
def begin(at: Write, body: Begin) -> schemas.Draft:
    at.require("design")
    return at.done(_shown(at, publishing.begin(at.tx, at.actor, body.bundle, body.note, at.now)))


@router.get("/drafts/{draft_id}")
def show(at: Read, draft_id: str) -> schemas.Draft:
    at.require("design")
    return _shown(at, publishing.get(at.tx, draft_id))


@router.put("/drafts/{draft_id}")
def save(at: Write, draft_id: str, body: schemas.DraftWrite) -> schemas.Draft:
    """Save files and say what the linter finds. Findings do not keep a draft from being saved, broken files do."""
    at.require("design")
    files = over(body)
    return at.done(
        _shown(at, publishing.save(at.tx, at.actor, draft_id, body.revision, files, body.note, at.now))
    )


@router.post("/drafts/{draft_id}/lint")
def lint(at: Read, draft_id: str, body: schemas.DraftWrite) -> list[schemas.Finding]:
    """What the linter would say; nothing is saved."""
    at.require("design")
    draft = publishing.get(at.tx, draft_id)
    files = merged(draft.files, over(body))
    return [_finding(f) for f in publishing.findings(at.tx, draft.bundle, files, at.now)]


@router.post("/drafts/{draft_id}/difference")
def difference(at: Read, draft_id: str, body: schemas.DraftWrite) -> schemas_designer.Comparison:
    """What the draft changes against the newest version, in words; files in the body count, but are not saved."""
    at.require("design")
    draft = publishing.get(at.tx, draft_id)
    found = publishing.compare(at.tx, draft, at.now, over(body))
    return schemas_designer.Comparison(
        version=found.version,
        changes=[schemas_designer.Change.model_validate(change) for change in found.changes],
        seal=found.seal,
    )


@router.post("/drafts/{draft_id}/submit")
def submit(at: Write, draft_id: str, body: Revision) -> schemas.Draft:
    at.require("design")
    return at.done(_shown(at, publishing.submit(at.tx, at.actor, draft_id, body.revision, at.now)))


@router.post("/drafts/{draft_id}/publish")
def publish(at: Write, draft_id: str, body: schemas.Publish) -> schemas.Draft:
    at.require("publish")
    return at.done(
        _shown(
            at,
            publishing.publish(
                at.tx, at.actor, draft_id, body.revision, body.seal, at.now, valid_from=body.valid_from
            ),
        )
    )


@router.post("/drafts/{draft_id}/discard")
def discard(at: Write, draft_id: str, body: Revision) -> schemas.Draft:
    at.require("design")
    return at.done(_shown(at, publishing.discard(at.tx, at.actor, draft_id, body.revision, at.now)))
