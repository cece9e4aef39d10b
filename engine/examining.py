"""Files that come from elsewhere, one by one: what could be read, what runs, what their designer must still answer, what is refused.

For a folder of exports from other tools. Each file is looked at by itself – exports repeat each other's ids – and every flow node
of the XML must be found in what was read: nothing is lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path

from engine import dmn, forms
from engine.errors import ModelRefused, Refusal, XunzhenError
from engine.model import Process
from engine.reader import read
from engine.reader.base import BPMN
from engine.reader.scopes import NODES
from engine.runner import compile_program
from engine.xml import parse

KINDS = {".bpmn": "BPMN", ".bpmn20.xml": "BPMN", ".xml": "BPMN", ".dmn": "DMN", ".form": "表单"}

PROCESS = re.compile(rb"""<(?:[\w.-]+:)?process\b[^>]*?\bid=["']([^"']+)""")


@dataclass(frozen=True, slots=True)
class Examined:
    """One file. `runs`: all of it can be deployed as it is. `notes`: what was read but has no effect, or only by an assumption."""

    file: str
    kind: str
    read: bool
    runs: bool
    holds: tuple[str, ...] = ()
    questions: tuple[Refusal, ...] = ()
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


def examine(path: Path) -> Iterator[Examined]:
    """Every model file of a folder (folders inside it as well), or one file."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    known = {key for file in files for key in _processes(file)}
    for file in files:
        kind = next((k for suffix, k in KINDS.items() if file.name.lower().endswith(suffix)), None)
        if kind is not None:
            name = file.name if path.is_file() else file.relative_to(path).as_posix()
            yield _one(name, kind, file, known)


def _processes(file: Path) -> list[str]:
    """The ids of the processes of a model file, as far as they can be seen without reading it."""
    if not any(file.name.lower().endswith(s) for s, kind in KINDS.items() if kind == "BPMN"):
        return []
    try:
        return [m.decode(errors="replace") for m in PROCESS.findall(file.read_bytes())]
    except OSError:
        return []


def _one(name: str, kind: str, path: Path, known: Set[str]) -> Examined:
    try:
        data = path.read_bytes()
        if kind == "BPMN":
            return _bpmn(name, data, known)
        if kind == "DMN":
            model = dmn.load(data, [other.read_bytes() for other in sorted(path.parent.glob("*.dmn"))])
            refused = tuple(replace(r, file=name) for r in model.problems)
            return Examined(name, kind, True, not refused, tuple(model.decisions.values()), (), refused)
        forms.load(data)
    except ModelRefused as error:
        open_ = (r for p in error.partly for r in _refused(p) if r.rule == "gap")
        questions, refused = _sorted([*error.refusals, *open_])
        return Examined(name, kind, True, False, (), questions, refused)
    except XunzhenError as error:
        line = error.data.get("line")
        broken = Refusal(
            name, error.message, "请改正文件后再试", None, line, name, error.code, error.message_en
        )
        return Examined(name, kind, False, False, (), (), (broken,))
    except OSError as error:
        unreadable = Refusal(
            name, f"读不到文件：{error.strerror}", "检查文件权限", None, None, name, "unreadable"
        )
        return Examined(name, kind, False, False, (), (), (unreadable,))
    return Examined(name, kind, True, True)


def _bpmn(name: str, data: bytes, known: Set[str]) -> Examined:
    processes = read(data, name).processes
    found = [*_lost(name, data, processes), *_uncalled(name, processes, known)]
    for process in processes:
        found.extend(_refused(process))
    questions, refused = _sorted(found)
    notes = [
        f"{node.id}：{what} 不起作用" for p in processes for node in p.nodes.values() for what in node.ignored
    ]
    notes += [f"{p.id}：{tag} 不起作用" for p in processes for tag in dict.fromkeys(p.ignored)]
    notes += [f"{key}：{p.declared_language} 的表达式按 FEEL 读" for p in processes for key in p.assumed]
    notes += [f"{p.id}：{tag}（{n} 处）不起作用" for p in processes for tag, n in p.vendors.items()]
    holds = tuple(p.name or p.id for p in processes)
    return Examined(name, "BPMN", True, not found, holds, questions, refused, tuple(notes))


def _refused(process: Process) -> tuple[Refusal, ...]:
    """What the compiler says of one process by itself."""
    try:
        compile_program([process])
    except ModelRefused as error:
        return error.refusals
    return ()


def _uncalled(name: str, processes: tuple[Process, ...], known: Set[str]) -> Iterator[Refusal]:
    """Calls of processes that no file of the folder holds: a question, for its answer may lie elsewhere."""
    for node in (n for p in processes for n in p.nodes.values()):
        called = node.called_element
        if called and not called.startswith("=") and called not in known:
            yield Refusal(
                node.id,
                f"被调用的流程 {called} 不在这些文件里",
                "把它的文件放到一起，或改选流程",
                node.name,
                node.line,
                name,
                rule="gap",
            )


def _lost(name: str, data: bytes, processes: tuple[Process, ...]) -> Iterator[Refusal]:
    """Flow nodes of the file that nobody has read."""
    drawn = list(parse(data).iter(*(f"{{{BPMN}}}{kind}" for kind in NODES)))
    known = {node.id for process in processes for node in process.nodes.values()}
    for element in drawn:
        key = element.get("id")
        if key and key not in known:
            yield Refusal(
                key,
                "这个元素不在任何流程里，没有读入",
                "把它画进流程",
                element.get("name"),
                file=name,
                rule="lost",
            )


def _sorted(found: list[Refusal] | tuple[Refusal, ...]) -> tuple[tuple[Refusal, ...], tuple[Refusal, ...]]:
    questions = tuple(r for r in found if r.rule == "gap")
    return questions, tuple(r for r in found if r.rule != "gap")
