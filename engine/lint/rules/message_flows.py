"""Message flows the standard forbids: inside one pool, from what sends nothing, to what receives nothing (BPMN 2.0, 9.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.lint.finding import Finding, Subject
from engine.model import MessageFlow, Process

RULE = "message-flow"
ACTIVITIES = ("task", "Task", "callActivity", "subProcess", "transaction", "adHocSubProcess")
ENDS = ("participant", "process")
SENDS = ("endEvent", "intermediateThrowEvent")
RECEIVES = ("startEvent", "intermediateCatchEvent", "boundaryEvent")


def check(subject: Subject) -> Iterable[Finding]:
    told: set[tuple[str | None, str]] = set()
    for process in subject.bundle.processes.values():
        for flow in process.message_flows:
            if (process.file, flow.id) not in told:
                told.add((process.file, flow.id))
                yield from _wrong(process, flow)


def _wrong(process: Process, flow: MessageFlow) -> Iterator[Finding]:
    for message, remedy, english, remedy_en in _faults(flow):
        where = (process.file or "", flow.id, flow.name, flow.line)
        yield Finding(*where, RULE, "error", message, remedy, english, remedy_en)


def _faults(flow: MessageFlow) -> Iterator[tuple[str, str, str, str]]:
    source, target = flow.source, flow.target
    if source.type is None or target.type is None:
        yield (
            "消息流的一端不存在", "重新连接这条消息流",
            "an end of the message flow does not exist", "connect it again",
        )  # fmt: skip
        return
    if source.process is not None and source.process == target.process:
        yield (
            "消息流在同一个泳池里：标准只许在泳池之间", "同一泳池里画顺序流，或用信号事件",
            "the message flow stays in one pool; the standard has it between pools only", "draw a sequence flow, or use signal events",
        )  # fmt: skip
    if not _may(source.type, source.kinds, SENDS):
        yield (
            "消息流从不能发出消息的元素画起", "从任务、消息抛出事件、消息结束事件或泳池画起",
            "the message flow leaves something that sends no messages", "let it leave a task, a throwing message event or a pool",
        )  # fmt: skip
    if not _may(target.type, target.kinds, RECEIVES):
        yield (
            "消息流画到不能接收消息的元素", "画到任务、消息开始或捕获事件，或泳池",
            "the message flow leads to something that receives no messages", "lead it to a task, a catching message event or a pool",
        )  # fmt: skip


def _may(type_: str, kinds: frozenset[str], events: tuple[str, ...]) -> bool:
    """A pool, an activity, or an event of the right direction that carries a message (or no definition yet)."""
    if type_ in ENDS or type_.endswith(ACTIVITIES):
        return True
    return type_ in events and (not kinds or "message" in kinds)
