"""还原经过 (R66): who knew what, and when – rebuilt from the hash-chained histories of a case and everything beside it, the chains verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from casework import staff
from casework.tables import leads, notifications, visits
from engine import history
from engine.calendar import ZONE
from engine.db import Tx
from engine.tables import cases, clocks

C = cases.c
WORDS: Mapping[str, str] = {
    "case.started": "登记", "case.cancelled": "终止", "case.withdrawn": "撤回", "case.voided": "作废", "case.copied": "抄送",
    "case.copy_read": "已阅抄送", "task.claimed": "认领", "task.released": "放回", "task.signed": "签字", "task.completed": "办结",
    "task.sent_back": "退回", "task.transferred": "转办", "task.taken_back": "取回", "task.urged": "催办", "task.urge_read": "已读催办",
    "task.urge_answered": "答复催办", "opinion.asked": "征求意见", "opinion.answered": "答复意见", "presign.asked": "前加签",
    "presign.answered": "加签意见", "message.received": "登记消息", "message.delivered": "收到消息", "job.completed": "系统办理",
    "timer.fired": "时限到期", "incident.opened": "系统异常", "incident.retried": "异常重试",
}  # fmt: skip
QUIET = ("job.completed", "message.delivered")
"""What machines did: kept in the frozen content, left out of the printed table."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing somebody did or came to know. `entered_at`: when it was recorded, if much later than it happened."""

    at: str
    entered_at: str | None
    case: str
    what: str
    who: str | None
    source: str  # history, message, clock, visit, lead
    kind: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A case's history and whether its chain holds."""

    case: str
    rows: int
    intact: bool
    why: str | None
    head: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    moments: Sequence[Moment]
    chains: Sequence[Chain]

    @property
    def intact(self) -> bool:
        return all(chain.intact for chain in self.chains)

    def content(self) -> dict[str, Any]:
        return {"moments": [asdict(m) for m in self.moments], "chains": [asdict(c) for c in self.chains]}


def line(tx: Tx, case_ids: Sequence[str], *, without: str) -> list[Any]:
    """The cases, those they came from, those beside and below them; no accountability case itself."""
    own = list(tx.run(select(C.id, C.number, C.parent).where(C.id.in_(case_ids))))
    above = [row.parent for row in own if row.parent]
    beside = [C.number.startswith(f"{row.number}-", autoescape=True) for row in own]
    query = select(C.id, C.number, C.title, C.head, C.parent, C.opened_at).where(
        or_(C.id.in_(case_ids), C.parent.in_(case_ids), C.id.in_(above), *beside),
        C.id != without,
        C.process != "accountability",
    )
    return list(tx.run(query.order_by(C.opened_at, C.number)))


def rebuild(
    tx: Tx, case_id: str, *, without: str = "", also: Sequence[str] = (), homes: Sequence[str] = ()
) -> Rebuilt:
    """Everything recorded about a case and its line, in the order it happened, each chain verified.

    `also`: further cases with their lines; `homes`: households whose visits belong to it, whatever case they were made in.
    """
    rows = line(tx, [case_id, *also], without=without)
    numbers = {row.id: row.number for row in rows}
    found: list[tuple[datetime, Moment]] = []
    chains = []
    for row in rows:
        entries = history.entries(tx, row.id)
        broken = history.verify(tx, row.id)
        chains.append(
            Chain(
                row.number,
                len(entries),
                broken is None,
                None if broken is None else f"第 {broken.seq} 条：{broken.why}",
                row.head,
            )
        )
        found += [(entry.at, _of_entry(row.number, entry)) for entry in entries]
    found += [
        *_messages(tx, numbers),
        *_clocks(tx, numbers),
        *_visits(tx, numbers, homes),
        *_leads(tx, numbers),
    ]
    people = {m.who for _, m in found if m.who}
    names = staff.names(tx, people)
    ordered = sorted(found, key=lambda pair: (pair[0], pair[1].case, pair[1].source))
    moments = [_named(moment, names) for _, moment in ordered]
    return Rebuilt(moments, chains)


def _named(moment: Moment, names: Mapping[str, str]) -> Moment:
    return Moment(**{**asdict(moment), "who": names.get(moment.who or "", moment.who)})


def _text(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _of_entry(number: str, entry: history.Entry) -> Moment:
    payload = dict(entry.payload or {})
    name = payload.get("name") or payload.get("message") or ""
    reason = payload.get("reason")
    what = "：".join(filter(None, [WORDS.get(entry.kind, entry.kind), str(name)]))
    late = (entry.entered_at - entry.at).total_seconds() > 600
    return Moment(
        _text(entry.at), _text(entry.entered_at) if late else None, number, f"{what}（{reason}）" if reason else what,
        entry.actor, "history", entry.kind,
    )  # fmt: skip


def _messages(tx: Tx, numbers: Mapping[str, str]) -> list[tuple[datetime, Moment]]:
    """Who was told what, and when it was read: knowing begins there."""
    n = notifications.c
    found = []
    for row in tx.run(select(notifications).where(n.case_id.in_(list(numbers))).order_by(n.at, n.id)):
        number = numbers[row.case_id]
        said = f"{row.title}：{row.text}".replace("\n", "；")
        found.append(
            (row.at, Moment(_text(row.at), None, number, f"收到消息 {said}", row.person, "message", row.kind))
        )
        if row.read_at is not None:
            read = f"已读 {row.title}"
            found.append(
                (row.read_at, Moment(_text(row.read_at), None, number, read, row.person, "message", "read"))
            )
    return found


def _clocks(tx: Tx, numbers: Mapping[str, str]) -> list[tuple[datetime, Moment]]:
    """Terms that were not kept: when they ran out, and when the work was done after all."""
    k = clocks.c
    query = select(k.case_id, k.name, k.due_at, k.stopped_at, k.ended_at, k.state).where(
        k.case_id.in_(list(numbers)), k.kind == "max", k.state != "cancelled"
    )
    found = []
    for row in tx.run(query.order_by(k.due_at, k.id)):
        if row.ended_at is not None and row.ended_at < row.due_at:
            continue
        done = f"，实际 {_text(row.ended_at)} 办结" if row.ended_at is not None else "，尚未办结"
        moment = Moment(
            _text(row.due_at),
            None,
            numbers[row.case_id],
            f"时限届满：{row.name}{done}",
            None,
            "clock",
            "overdue",
        )
        found.append((row.due_at, moment))
    return found


def _visits(tx: Tx, numbers: Mapping[str, str], homes: Sequence[str]) -> list[tuple[datetime, Moment]]:
    v = visits.c
    wanted = or_(v.case_id.in_(list(numbers)), v.household.in_(homes))
    found = []
    for row in tx.run(select(visits).where(wanted).order_by(v.at, v.id)):
        what = f"走访 {row.head}" + (f"：{row.change}" if row.change else "")
        number = numbers.get(row.case_id, "走访登记")
        found.append((row.at, Moment(_text(row.at), None, number, what, row.person, "visit", row.kind)))
    return found


def _leads(tx: Tx, numbers: Mapping[str, str]) -> list[tuple[datetime, Moment]]:
    """When the hardship was found, by every source."""
    k = leads.c
    found = []
    for row in tx.run(select(leads).where(k.case_id.in_(list(numbers))).order_by(k.number)):
        moment = Moment(
            _text(row.discovered_at), None, numbers[row.case_id], "发现线索", None, "lead", "discovered"
        )
        found.append((row.discovered_at, moment))
        for source in row.sources:
            if source.get("at"):
                at = datetime.fromisoformat(source["at"])
                who = source.get("person")
                found.append(
                    (at, Moment(_text(at), None, numbers[row.case_id], "报告线索", who, "lead", "reported"))
                )
    return found
