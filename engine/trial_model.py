"""What a trial runs: a model file with its neighbours, or a whole bundle, compiled as for a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine import dmn, forms
from engine.bundle import Bundle, read_bundle
from engine.errors import Invalid, ModelRefused, NotFound, Refusal, XunzhenError
from engine.model import Node, Process
from engine.reader import read
from engine.runner import Program, compile_program
from engine.runner.values import Decided
from engine.xml import children, local, parse


@dataclass
class Trialled:
    """`begins`: processes started at once. `beside`: decisions by id or name, `sheets`: sections by form id."""

    program: Program
    processes: Mapping[str, Process]
    begins: tuple[str, ...]
    beside: Mapping[str, Path] = field(default_factory=dict)
    sheets: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    _models: dict[Path, dmn.Model] = field(default_factory=dict)

    def node(self, process: str, element: str) -> Node:
        return self.processes[process].nodes[element]

    def started_by(self, message: str) -> list[tuple[str, str]]:
        """(process, start event) of executable processes that this message starts and that nobody started by hand."""
        return [
            (process.id, node.id)
            for process in self.processes.values()
            if process.executable and process.id not in self.begins
            for node in process.in_scope(process.id)
            if node.type == "startEvent"
            and any(e.kind == "message" and e.name == message for e in node.events)
        ]

    def decide(
        self, decision: str, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Decided:
        """Evaluate a decision of the folder by id."""
        path = self.beside.get(decision)
        if path is None:
            raise NotFound(f"同一文件夹里没有决策表 {decision}。", f"There is no decision {decision}.")
        if path not in self._models:
            self._models[path] = dmn.load(path.read_bytes())
        made = self._models[path].decide(decision, variables, functions)
        return Decided(made.value, tuple(made.matched), tuple(made.errors))


def load(path: Path, process: str | None = None, also: Iterable[str] = ()) -> Trialled:
    """The processes to run and all they can reach. Raises ModelRefused; NotFound for a process the file has not got."""
    folder = path if path.is_dir() else path.parent
    try:
        own = _whole(read_bundle(path)) if path.is_dir() else _one(path)
    except ModelRefused:
        raise
    except Invalid as error:
        raise ModelRefused([_broken(error, path)]) from error
    if not own:
        raise NotFound(f"{path.name} 里没有流程。", f"{path.name} holds no process.", code="no_process")
    begins = (_chosen(own, process, path), *(_chosen(own, one, path) for one in also))
    runs = _closure(own, begins, folder, whole=path.is_dir())
    return Trialled(compile_program(runs.values()), runs, begins, _decisions(folder), _sheets(folder))


def _one(path: Path) -> dict[str, Process]:
    return {p.id: p for p in read(path.read_bytes(), path.name).processes}


def _whole(bundle: Bundle) -> dict[str, Process]:
    """A bundle is tried as it would be deployed: everything in it must be sound."""
    refusals: list[Any] = []
    for file, decision in {f: d for d, f in bundle.decisions.items()}.items():
        try:
            dmn.load(bundle.files[file]).check()
        except ModelRefused as refused:
            refusals.extend(replace(r, file=file) for r in refused.refusals)
        except XunzhenError as error:
            refusals.append(Refusal(decision, error.message, "请修改决策表", file=file))
    for key, raw in bundle.forms.items():
        try:
            forms.load(raw)
        except XunzhenError as error:
            refusals.append(Refusal(key, error.message, "请修改表单", file=bundle.form_files[key]))
    if refusals:
        raise ModelRefused(refusals)
    return dict(bundle.processes)


def _broken(error: Invalid, path: Path) -> Refusal:
    file = str(error.data.get("file") or path.name)
    return Refusal(file, error.message, "请改正文件后再试", None, error.data.get("line"), file, error.code)


def _chosen(own: Mapping[str, Process], wanted: str | None, path: Path) -> str:
    if wanted is None:
        return next(iter(own))
    if wanted not in own:
        raise NotFound(
            f"{path.name} 里没有流程 {wanted}；有：{'、'.join(own)}。",
            f"{path.name} has no process {wanted}.",
            code="no_process",
        )
    return wanted


def _closure(
    own: Mapping[str, Process], begins: tuple[str, ...], folder: Path, *, whole: bool
) -> dict[str, Process]:
    """What may run: what begins, what it calls (own file first, then the folder), what a message can start.

    A whole bundle runs as deployed. Of a single file, processes that nothing here can start are left in peace:
    they are often drawings of the other side.
    """
    around: Mapping[str, Process] = own
    asked = whole
    messaged = [p.id for p in own.values() if p.executable and _by_message(p)]
    todo, found = [*begins, *(own if whole else messaged)], dict[str, Process]()
    while todo:
        current = todo.pop(0)
        if current not in around and not asked:
            around, asked = {**_neighbours(folder), **own}, True
        if current in found or current not in around:
            continue
        found[current] = around[current]
        todo.extend(n.called_element for n in around[current].nodes.values() if n.called_element)
    return found


def _by_message(process: Process) -> bool:
    return any(
        n.type == "startEvent" and any(e.kind == "message" for e in n.events)
        for n in process.in_scope(process.id)
    )


def _neighbours(folder: Path) -> dict[str, Process]:
    """Processes of the readable files beside the model; an unreadable neighbour is not this trial's matter
    (a call into it is an incident that names the missing process)."""
    found: dict[str, Process] = {}
    for path in sorted(folder.glob("*.bpmn")):
        try:
            found = {**_one(path), **found}
        except XunzhenError:
            continue
    return found


def _decisions(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.dmn")):
        try:
            root = parse(path.read_bytes())
        except XunzhenError:
            continue
        for element in children(root):
            if local(element) == "decision":
                found.setdefault(element.get("id") or element.get("name") or "", path)
    return found


def _sheets(folder: Path) -> dict[str, tuple[str, bool]]:
    """Form id → (document section, is it one entry more of a list)."""
    found: dict[str, tuple[str, bool]] = {}
    for path in sorted(folder.glob("*.form")):
        try:
            form = forms.load(path.read_bytes())
        except XunzhenError:
            continue
        if form.section:
            found[form.id] = (form.section, form.repeats)
    return found
