"""The designer's bench: forms seen as staff will see them, tables and drawings of a draft tried out. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from api.deps import Read, Reader
from api.routes.drafts import over
from api.schemas import DraftWrite
from api.schemas import designer as schemas
from engine import feel, publishing
from engine.calendar import ZONE
from engine.errors import Field as Wrong
from engine.errors import Invalid, XunzhenError
from engine.hosting import LegalHost
from engine.publishing_files import Around, around, merged
from engine.publishing_sheets import sheet
from engine.publishing_tables import decide, tables, written
from engine.publishing_trial import Open, Played, Script, play, processes
from tasks.rehearsal import answers

router = APIRouter(prefix="/api/drafts", tags=["designer"])


def _around(at: Reader, draft_id: str, body: DraftWrite) -> Around:
    at.require("design")
    draft = publishing.get(at.tx, draft_id)
    return around(at.tx, draft.bundle, merged(draft.files, over(body)), at.now)


@router.post("/{draft_id}/form")
def show_form(at: Read, draft_id: str, body: schemas.SheetAsk) -> schemas.SheetView:
    """A form as a screen shows it, what is wrong with it, and who reads its answers."""
    found = sheet(_around(at, draft_id, body), body.file)
    return schemas.SheetView(
        form=found.schema,
        problems=[schemas.Problem(path=p.path, message=p.message) for p in found.problems],
        uses={key: [schemas.Use(**asdict(use)) for use in uses] for key, uses in found.uses.items()},
        lost=[schemas.Lost.model_validate(asdict(one)) for one in found.lost],
        lists=[schemas.ListWord(name=name, count=count) for name, count in found.lists.items()],
    )


@router.post("/{draft_id}/tables")
def show_tables(at: Read, draft_id: str, body: DraftWrite) -> list[schemas.TableView]:
    """The draft's decisions, each with a form of what it reads."""
    return [
        schemas.TableView(
            file=one.file,
            decision=one.decision,
            name=one.name,
            questions=[schemas.Question(key=q.key, name=q.name, feel=q.feel) for q in one.questions],
            form={"type": "default", "id": "try", "components": [q.component for q in one.questions]},
            problem=one.problem,
        )
        for one in tables(_around(at, draft_id, body))
    ]


@router.post("/{draft_id}/decide")
def try_table(at: Read, draft_id: str, body: schemas.DecideWrite) -> schemas.TableSaid:
    """What a decision of the draft says to these values, and which rules held."""
    known = _around(at, draft_id, body)
    area, on = (
        (at.actor.appointments[0].area if at.actor.appointments else ""),
        at.now.astimezone(ZONE).date(),
    )
    world = at.tx.world
    host = LegalHost(
        world.terms,
        world.calendar.of(area),
        now=at.now,
        standard=lambda key: world.standard(at.tx, area, key, on),
    )
    found = decide(known, body.decision, body.values, host.functions(at.now, {}))
    return schemas.TableSaid(
        value=_text(found.value),
        errors=[schemas.Problem(path=e["element"], message=e["message"]) for e in found.errors],
        matched=[m["rule"] for m in found.matched],
        explained=list(found.explained),
    )


@router.post("/{draft_id}/try/processes")
def may_try(at: Read, draft_id: str, body: DraftWrite) -> list[schemas.Word]:
    """The processes of the draft, those that nothing calls first."""
    return [schemas.Word(value=key, label=name) for key, name in processes(_around(at, draft_id, body))]


@router.post("/{draft_id}/try")
def try_out(at: Read, draft_id: str, body: schemas.TryWrite) -> schemas.TryPlayed:
    """The draft run in memory by the real engine, step by step from the beginning."""
    steps = [_step(number, one) for number, one in enumerate(body.steps, 1)]
    script = Script(body.process, body.start, _values("variables", body.variables), steps)
    played = play(at.tx, at.actor, _around(at, draft_id, body), script, at.now)
    return _played(at, played)


# ------------------------------------------------------------------------------------------ private
def _step(number: int, one: schemas.TryStep) -> dict[str, Any]:
    made: dict[str, Any] = {one.kind: one.target}
    if one.kind in ("complete", "error", "message", "signal"):
        made["data"] = {**one.data, **_values(f"steps[{number}]", one.written)}
    if one.kind in ("complete", "error", "fail"):
        made["nth"] = one.nth
    if one.kind == "message" and one.key is not None:
        made["key"] = one.key
    if one.kind == "error":
        made["code"] = one.code
    return made


def _values(where: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """FEEL texts as values. Raises Invalid naming each that is none."""
    read = {name: written(text) for name, text in texts.items()}
    wrong = [Wrong(f"{where}.{name}", f"{name}：{problem}") for name, (_, problem) in read.items() if problem]
    if wrong:
        raise Invalid("；".join(w.message for w in wrong), "Some values are no FEEL.", fields=wrong)
    return {name: value for name, (value, _) in read.items()}


def _text(value: Any) -> str:
    """A value as FEEL writes it."""
    try:
        return str(feel.evaluate("string(x)", {"x": value}).value or "null")
    except XunzhenError:
        return "…"


def _played(at: Reader, played: Played) -> schemas.TryPlayed:
    report = played.report
    failed: Sequence[Mapping[str, Any]] = [*report["refusals"], *report["incidents"]]
    status = "start" if played.start is not None else report["status"]
    return schemas.TryPlayed(
        status=status,
        now=played.now,
        start=_open(at, played.start) if played.start else None,
        open=[_open(at, one) for one in played.open],
        trace=[schemas.TryLine(**{**line, "what": _what(line.get("what"))}) for line in report["trace"]],
        problems=[
            schemas.Problem(
                path=str(f["element"]), message="：".join(filter(None, (f["name"], f["message"])))
            )
            for f in failed
        ],
        data={key: _text(value) for key, value in report["data"].items()},
        needs=list(played.needs),
    )


def _open(at: Reader, one: Open) -> schemas.TryOpen:
    sample: dict[str, Any] = {}
    if one.schema is not None:
        sample = answers(one.schema, one.values, {}, [at.actor], at.now.astimezone(ZONE))
    shown = {
        **asdict(one),
        "form": one.schema,
        "values": one.values,
        "posts": list(one.posts),
        "sample": sample,
    }
    del shown["schema"]
    return schemas.TryOpen(**shown)


def _what(what: Mapping[str, Any] | None) -> str:
    """What a line of the trace is about, in a few words."""
    words = (what or {}).items()
    return "，".join(str(v) for k, v in words if k in ("message", "name", "code", "decision") and v)
