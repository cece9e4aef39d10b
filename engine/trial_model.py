"""What a trial runs: a model file with its neighbours, or a whole bundle, compiled as for a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine import dmn, forms
from engine.bundle import Bundle, read_bundle
from engine.errors import Invalid, ModelRefused, NotFound, Refusal, XunzhenError
from engine.model import Event, Node, Process
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
    startable: frozenset[str] = frozenset()
    """Processes that their start events may start."""
    beside: Mapping[str, Path] = field(default_factory=dict)
    sheets: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    _models: dict[Path, dmn.Model] = field(default_factory=dict)

    def node(self, process: str, element: str) -> Node:
        return self.processes[process].nodes[element]

    def plain(self, process: str) -> bool:
        """May somebody simply start it?"""
        return _plain(self.processes[process])

    def started_by(self, kind: str, name: str) -> list[tuple[str, str]]:
        """(process, start node) of processes that this message or signal starts."""
        return [
            (process, node.id)
            for process, node, event in self.awaited
            if event.kind == kind and event.name == name
        ]

    def sheet(self, process: str, form: str) -> tuple[str, bool] | None:
        """Where answers to a form are stored: section, and is it one entry more of a list; None: nowhere."""
        return self.sheets.get(form)

    @property
    def awaited(self) -> list[tuple[str, Node, Event]]:
        """What starts processes that nobody starts by hand: (process, start node, event)."""
        return [
            (process.id, node, event)
            for process in self.processes.values()
            if process.id in self.startable
            for node, event in starts(process)
        ]

    def decide(
        self, decision: str, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Decided:
        """Evaluate a decision of the folder by id."""
        path = self.beside.get(decision)
        if path is None:
            raise NotFound(f"同一文件夹里没有决策表 {decision}。", f"There is no decision {decision}.")
        if path not in self._models:
            beside = [other.read_bytes() for other in sorted(path.parent.glob("*.dmn"))]
            self._models[path] = dmn.load(path.read_bytes(), beside)
        made = self._models[path].decide(decision, variables, functions)
        return Decided(made.value, tuple(made.matched), tuple(made.errors), made.explained)


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
    others = _startable(own, begins)
    runs = _closure(own, begins, others, folder, whole=path.is_dir())
    program = compile_program(runs.values())
    _called(runs, path)
    startable = frozenset(others) | {p for p in begins if runs[p].executable or not _plain(runs[p])}
    return Trialled(program, runs, begins, startable, _decisions(folder), _sheets(folder))


def starts(process: Process) -> Iterator[tuple[Node, Event]]:
    """What starts a process from outside: its start events and instantiating receive tasks."""
    for node in process.in_scope(process.id):
        if node.type == "startEvent" or node.instantiate:
            for event in node.events:
                yield node, event


def _plain(process: Process) -> bool:
    """May somebody simply start it?"""
    return not any(True for _ in starts(process)) or any(
        node.type == "startEvent" and not node.events for node in process.in_scope(process.id)
    )


def _startable(own: Mapping[str, Process], begins: tuple[str, ...]) -> list[str]:
    """The other processes of the file that an event may start.

    Executable ones. Where a drawing marks none as executable, those that are sound: the rest is often just the other side.
    """
    others = [p for p in own.values() if p.id not in begins and any(True for _ in starts(p))]
    if any(p.executable for p in own.values()):
        return [p.id for p in others if p.executable]
    return [p.id for p in others if _sound(p)]


def _sound(process: Process) -> bool:
    try:
        compile_program([process])
    except ModelRefused:
        return False
    return True


def _called(runs: Mapping[str, Process], path: Path) -> None:
    """Every called process is there. Raises ModelRefused."""
    missing = [
        Refusal(
            node.id,
            f"被调用的流程 {node.called_element} 在本文件和同一文件夹里都没有（全局任务不能调用）",
            "改正流程 id，或把被调用的流程放进同一文件夹",
            node.name,
            node.line,
            process.file or path.name,
            message_en=f"the called process {node.called_element} does not exist",
        )
        for process in runs.values()
        for node in process.nodes.values()
        if node.called_element and node.called_element not in runs
    ] + [
        Refusal(
            node.id,
            f"被调用的流程 {node.called_element} 没有版本标签 {node.bound_tag}",
            "改正版本标签，或在被调用的流程上填写 zeebe:versionTag",
            node.name,
            node.line,
            process.file or path.name,
            message_en=f"{node.called_element} does not carry the tag {node.bound_tag}",
        )
        for process in runs.values()
        for node in process.nodes.values()
        if node.bound_tag
        and (node.called_element or "") in runs
        and runs[node.called_element or ""].version_tag != node.bound_tag
    ]
    if missing:
        raise ModelRefused(missing)


def _one(path: Path) -> dict[str, Process]:
    return {p.id: p for p in read(path.read_bytes(), path.name).processes}


def _whole(bundle: Bundle) -> dict[str, Process]:
    """A bundle is tried as it would be deployed: everything in it must be sound."""
    refusals: list[Any] = []
    for file, decision in {f: d for d, f in bundle.decisions.items()}.items():
        try:
            tables = [content for name, content in bundle.files.items() if name.endswith(".dmn")]
            dmn.load(bundle.files[file], tables).check()
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
    own: Mapping[str, Process], begins: tuple[str, ...], others: Iterable[str], folder: Path, *, whole: bool
) -> dict[str, Process]:
    """What may run: what begins, what it calls (own file first, then the folder), what an event can start.

    A whole bundle runs as deployed. Of a single file, processes that nothing here can start are left in peace:
    they are often drawings of the other side.
    """
    around: Mapping[str, Process] = own
    asked = whole
    todo, found = [*begins, *(own if whole else others)], dict[str, Process]()
    while todo:
        current = todo.pop(0)
        if current not in around and not asked:
            around, asked = {**_neighbours(folder), **own}, True
        if current in found or current not in around:
            continue
        found[current] = around[current]
        todo.extend(n.called_element for n in around[current].nodes.values() if n.called_element)
    return found


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
