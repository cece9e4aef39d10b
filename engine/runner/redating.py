"""更正: a lawful date that was wrongly typed is another one, wherever the case remembers it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine import feel
from engine.calendar import ZONE, instant
from engine.errors import Invalid, StepFailed
from engine.runner.scope import path, path_of, spec_of
from engine.terms import ACCEPTED

if TYPE_CHECKING:
    from engine.runner.case import Case
    from engine.runner.values import Redate


def means(value: Any, at: datetime) -> bool:
    """Is this variable or field the instant `at` (a date: the beginning of that day)?"""
    if not isinstance(value, str | date):
        return False
    try:
        return instant(value) == at
    except (Invalid, ValueError):
        return False


def like(value: Any, at: datetime) -> Any:
    """`at` written as `value` is: a date stays a date, text stays text."""
    if isinstance(value, datetime):
        return at
    if isinstance(value, date):
        return at.astimezone(ZONE).date()
    return at.astimezone(ZONE).isoformat() if "T" in value else at.astimezone(ZONE).date().isoformat()


def redate(case: Case, command: Redate) -> None:
    """Every layer of variables, the start of the tokens concerned, and the timers that counted from it. Then the case goes on."""
    names, places = set(command.names), {tuple(place) for place in command.places}
    live = [task for task in case.live() if command.reaches(path(task))]
    scopes = [scope for scope in case.scopes() if command.reaches(path_of(scope))]
    made = [(task, text) for task in live if (text := _made_of(case, task, names, command.old)) is not None]
    for layer in [scope.data for scope in scopes] + [task.data for task in live]:
        for name in names:
            if means(layer.get(name), command.old):
                layer[name] = like(layer[name], command.new)
    for task in live:
        kept = task.internal_data
        if means(kept.get("anchor"), command.old) and _counts(task, names, places):
            kept["anchor"] = command.new.isoformat()
        basis, host = kept.get("basis"), task.parent if spec_of(task).guard else None
        counting = _counts(task, names, places) or (host is not None and _counts(host, names, places))
        if basis and means(basis["start"], command.old) and counting:
            kept["basis"] = basis = {**basis, "start": command.new.isoformat()}
        if basis and ACCEPTED in names and means(basis.get("on"), command.old):
            kept["basis"] = {**basis, "on": like(basis["on"], command.new)}
    for task, text in made:
        _start_anew(case, task, text)
    case.changed = True
    case.run()


def _made_of(case: Case, task: Task, names: set[str], old: datetime) -> str | None:
    """The expression of a start that is made of the wrong date without being it (the end of a notice, from its posting)."""
    model, anchor = spec_of(task).model, task.internal_data.get("anchor")
    text = model.properties.get("clockStart") if model is not None else None
    if not text or anchor is None or means(anchor, old) or not names & mentioned(text):
        return None
    try:
        same = case.lawful(task, text) == datetime.fromisoformat(anchor)
    except StepFailed:
        return None
    return text if same else None  # else it was another branch of the expression: the moment of entry


def _start_anew(case: Case, task: Task, text: str) -> None:
    kept = task.internal_data
    old, new = datetime.fromisoformat(kept["anchor"]), case.lawful(task, text)
    kept["anchor"] = new.isoformat()
    for timer in (task, *(child for child in task.children if spec_of(child).guard)):
        basis = timer.internal_data.get("basis")
        if basis and means(basis["start"], old):
            timer.internal_data["basis"] = {**basis, "start": new.isoformat()}


def _counts(task: Task, names: set[str], places: set[tuple[str, ...]]) -> bool:
    """Does the node count from one of the names, or stand at one of the places?"""
    spec = spec_of(task)
    if (spec.process, spec.bpmn_id) in places:
        return True
    event = getattr(spec, "event", None)
    texts = [spec.model.properties.get("clockStart") if spec.model is not None else None]
    texts.append(event.expression if event is not None and event.kind == "timer" else None)
    return any(names & mentioned(text) for text in texts if text)


def mentioned(text: str) -> set[str]:
    """The names an expression asks for; of a path (`application.accepted_on`) also its last part."""
    if not text.lstrip().startswith("="):
        return set()
    try:
        found = feel.compile(text)
    except feel.FeelSyntaxError:
        return set()
    return {*found.names} | {path.rpartition(".")[2] for path in found.paths}
