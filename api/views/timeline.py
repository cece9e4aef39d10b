"""办理过程: the history of a case in words, newest first. Automatic steps are labelled as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from api import schemas
from api.views import reasons
from casework import staff
from casework.sensitive import Veil
from engine.calendar import ZONE
from engine.db import Tx
from engine.deadline import last_words
from engine.definitions import Pinned
from engine.history import Entry
from engine.receipt import moment

Kind = Literal["person", "system", "deadline", "material", "incident"]
TITLES: dict[str, tuple[Kind, str]] = {
    "case.started": ("person", "登记：{name}"),
    "case.cancelled": ("person", "终止"),
    "case.moved": ("system", "转属地办理"),
    "transfer.asked": ("person", "提出移交属地"),
    "transfer.refused": ("person", "移交未被接收"),
    "transfer.withdrawn": ("person", "收回移交"),
    "task.claimed": ("person", "认领：{name}"),
    "task.released": ("person", "放回：{name}"),
    "task.signed": ("person", "签字：{name}"),
    "task.completed": ("person", "{name}"),
    "task.sent_back": ("person", "退回：{name}"),
    "task.transferred": ("person", "转办：{name}"),
    "task.taken_back": ("person", "取回：{name}"),
    "task.urged": ("person", "催办：{name}"),
    "task.urge_answered": ("person", "答复催办：{name}"),
    "task.urge_read": ("person", "催办已读：{name}"),
    "task.jumped": ("person", "跳转（经批准）：{name}"),
    "jump.proposed": ("person", "提出跳转：{name}"),
    "jump.refused": ("person", "跳转未批准：{name}"),
    "opinion.asked": ("person", "征求意见：{name}"),
    "opinion.answered": ("person", "答复意见：{name}"),
    "opinion.withdrawn": ("person", "收回征求意见：{name}"),
    "presign.asked": ("person", "前加签：{name}"),
    "presign.answered": ("person", "加签意见：{name}"),
    "presign.withdrawn": ("person", "减签：{name}"),
    "case.copied": ("person", "抄送"),
    "case.copy_read": ("person", "已阅抄送"),
    "case.withdrawn": ("person", "撤回申请"),
    "case.voided": ("person", "作废"),
    "case.migrated": ("system", "移到流程的另一版本"),
    "message.received": ("person", "{name}"),
    "message.delivered": ("system", "收到消息：{name}"),
    "signal.caught": ("system", "收到信号"),
    "job.completed": ("system", "{name}"),
    "job.error": ("incident", "{name}"),
    "timer.fired": ("deadline", "{name}"),
    "incident.opened": ("incident", "异常：{message}"),
    "incident.retried": ("incident", "异常重试"),
    "clock.extended": ("deadline", "延长时限：{name}"),
    "clock.extension_asked": ("deadline", "申请延长时限：{name}"),
    "clock.extension_refused": ("deadline", "不予延长：{name}"),
    "clock.corrected": ("deadline", "更正起算日期：{name}"),
    "clock.reprojected": ("deadline", "时限重新计算"),
}
TIERS = {"village": "村（居）", "grid": "网格", "town": "镇（街）", "district": "区"}


def moment_words(text: str) -> str:
    """`2026-10-15T16:30:00+08:00` → 10月15日 16:30; a date without time stays a date."""
    if "T" not in text:
        year, month, day = text.split("-")
        return f"{year}年{int(month)}月{int(day)}日"
    at = datetime.fromisoformat(text).astimezone(ZONE)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def of(tx: Tx, entries: Sequence[Entry], pinned: Pinned, veil: Veil) -> list[schemas.TimelineItem]:
    """One item per row of the history, newest first; what a rule said of sensitive answers lies under the veil."""
    names = names_of(tx, entries)
    options = options_of(tx, pinned)
    return [item(entry, names, pinned, options, veil) for entry in reversed(entries)]


def names_of(tx: Tx, entries: Sequence[Entry]) -> dict[str, str]:
    return staff.names(tx, {entry.actor for entry in entries if entry.actor})


def options_of(tx: Tx, pinned: Pinned) -> reasons.Options:
    """The words a rule's facts and results are told in: answers of forms, names of legal terms."""
    terms = {key: versions[-1].name for key, versions in tx.world.terms.terms.items()}
    return {**pinned.options, reasons.TERMS: terms}


def item(
    entry: Entry,
    names: Mapping[str, str],
    pinned: Pinned,
    options: reasons.Options,
    veil: Veil | None = None,
) -> schemas.TimelineItem:
    payload = dict(entry.payload or {})
    kind, pattern = TITLES.get(entry.kind, ("system", entry.kind))
    if entry.kind == "clock.corrected" and payload.get("end"):
        pattern = "更正办理时间：{name}"
    name = payload.get("name") or _name(pinned, payload) or payload.get("message") or entry.kind
    return schemas.TimelineItem(
        id=str(entry.seq),
        at=entry.at,
        kind=kind,
        title=pattern.format(name=name, message=payload.get("message", "")),
        who=_who(entry, names, payload) or ("系统自动" if kind in ("system", "deadline") else None),
        tier=None if payload.get("on_behalf") else TIERS.get(str(payload.get("tier"))),
        text=_text(entry.kind, payload, pinned, entry.entered_at),
        details=_details(payload, options, veil),
        entered_at=entry.entered_at if abs((entry.entered_at - entry.at).total_seconds()) > 600 else None,
    )


def _who(entry: Entry, names: Mapping[str, str], payload: Mapping[str, Any]) -> str | None:
    """The person; for which department he spoke, whom a substitute stood in for: 己民政（代戊民政）, 申教育（区教育局）."""
    if not entry.actor:
        return None
    name = names.get(entry.actor, entry.actor)
    absent = payload.get("instead_of_name")
    said = "，".join(filter(None, (payload.get("on_behalf_name"), f"代{absent}" if absent else None)))
    return f"{name}（{said}）" if said else name


def _name(pinned: Pinned, payload: Mapping[str, Any]) -> str | None:
    """The words on the drawing for the element a machine's step was about."""
    element = str(payload.get("element") or "")
    for process in pinned.processes.values():
        if element in process.nodes:
            return process.nodes[element].name
    return None


def _text(kind: str, payload: Mapping[str, Any], pinned: Pinned, now: datetime) -> str | None:
    if kind == "task.signed":
        return f"须 {payload.get('needed')} 人签字"
    if kind == "task.sent_back":
        target = _name(pinned, {"element": payload.get("target")})
        way = "；改完后直送回本环节" if payload.get("straight") else ""
        return f"退回到：{target or payload.get('target')}；原因：{payload.get('reason')}{way}"
    if kind == "case.migrated":
        word = "移回" if payload.get("undoes") else "移到"
        return "；".join(
            [f"{word} {payload.get('bundle')} 第 {payload.get('version')} 版", *payload.get("notes", [])]
        )
    if kind in ("jump.proposed", "task.jumped", "jump.refused"):
        target = _name(pinned, {"element": payload.get("target")})
        return f"跳转到：{target or payload.get('target')}；原因：{payload.get('reason')}"
    if kind in ("opinion.asked", "presign.asked", "case.copied"):
        return "；".join(filter(None, [f"发给：{payload.get('to_name')}", payload.get("reason")]))
    if kind == "presign.answered":
        spoken = {"agree": "同意", "disagree": "不同意"}[str(payload.get("opinion"))]
        return "；".join(filter(None, [spoken, payload.get("reason")]))
    if kind in ("case.moved", "transfer.asked", "transfer.refused") and payload.get("to_name"):
        return f"接收地：{payload['to_name']}；原因：{payload.get('reason')}"
    if kind == "task.transferred":
        return f"转给：{payload.get('to_name')}；原因：{payload.get('reason')}"
    if kind.startswith("clock."):
        return _clock_text(kind, payload, now)
    if kind == "timer.fired" and payload.get("basis"):
        return "法定时限到期，已提醒并上报；系统不代替人作决定"
    return payload.get("reason") or None


def _clock_text(kind: str, payload: Mapping[str, Any], now: datetime) -> str | None:
    """Old date, new date, reason – of one clock, or of each that moved."""

    def last(text: Any) -> str:
        return last_words(datetime.fromisoformat(str(text)), now)

    def moved(one: Mapping[str, Any]) -> str:
        if one["old"] == one["new"]:
            return f"{one['name']} {last(one['new'])}{'暂定' if one.get('provisional') else '由暂定转为确定'}"
        return f"{one['name']} {last(one['old'])} → {last(one['new'])}"

    if kind == "clock.extended":
        until = f"{last(payload['old'])} → {last(payload['new'])}"
        parts = [
            f"延长 {payload['n']} {payload['unit']}",
            until,
            f"事由：{payload['reason']}",
            payload.get("text"),
            f"{payload['on']} 作出决定，补录" if payload.get("on") else None,
        ]
        return "；".join(filter(None, parts))
    if kind == "clock.extension_asked":
        return f"申请延长 {payload['n']} {payload['unit']}；事由：{payload['reason']}"
    each = [moved(one) for one in payload.get("moved", [])]
    if kind == "clock.corrected":
        what = "办理" if payload.get("end") else "起算"
        dates = f"{what} {moment_words(payload['old'])} → {moment_words(payload['new'])}"
        entered = f"（原录入于 {moment_words(payload['entered_at'])}）"
        each += [_judged(one) for one in payload.get("judged", [])]
        return "；".join([dates + entered, f"原因：{payload['reason']}", *each])
    return "；".join(filter(None, [payload.get("reason"), *each])) or None


def _judged(one: Mapping[str, Any]) -> str:
    """How an ended limit stands by the right date."""
    was, now = ("按时" if one[key] else "超期" for key in ("kept", "now_kept"))
    verdict = f"由{was}改为{now}" if was != now else f"仍为{now}"
    old, new = (moment(datetime.fromisoformat(one[key])) for key in ("ended", "now_ended"))
    return f"{one['name']}：办结 {old} → {new}，{verdict}"


def _details(payload: Mapping[str, Any], options: reasons.Options, veil: Veil | None) -> list[dict[str, Any]]:
    """Why a rule said what it said: decisions taken in this step."""
    return [
        line
        for event in payload.get("trace", [])
        if event["e"] == "decided"
        for line in reasons.of(event.get("w", {}), event["n"], options, veil)
    ]
