"""A referral as people see it: the letter, who said what, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from api import schemas
from api.schemas import referrals as shapes
from api.views import cases as case_views
from api.views import due, timeline
from api.views.people import mask_phone, mask_title
from api.views.sections import EMPTY, Labels
from casework import areas, referring
from casework.referring import Attempt, Referral
from casework.sensitive import HIDDEN, Veil
from casework.words import Words
from engine import clocks, definitions, history, step
from engine.db import Tx
from engine.definitions import Pinned
from engine.history import Entry
from engine.routing import Actor, sees

PHONE, SUMMARY = "联系方式", "必要情况"
LINES = ("姓名", "事项", SUMMARY, PHONE, "首次受理", "第几次", "转介编号")
"""The lines of a letter in the order of reading: a database keeps no order of its own."""
TITLES = {"accepted": "接收", "bounced": "退回"}


def follows(actor: Actor, one: Referral) -> bool:
    """Does the reader see the case behind the letter?"""
    return sees(referring.officer(actor), one.case_area)


def words_of(pinned: Pinned) -> Words:
    return Words.of_codes(pinned.codes)


def rows(tx: Tx, actor: Actor, found: Sequence[Referral], now: datetime) -> list[shapes.ReferralRow]:
    limits = referring.running(tx, found)
    places = areas.names(tx, {one.case_area for one in found})
    return [row(tx, actor, one, limits.get(one.reference), places, now) for one in found]


def row(
    tx: Tx,
    actor: Actor,
    one: Referral,
    limit: clocks.Clock | None,
    places: Mapping[str, str],
    now: datetime,
) -> shapes.ReferralRow:
    case = case_views.load(tx, one.case_id)
    words = words_of(definitions.pinned(tx, case.pins))
    inside = follows(actor, one)
    return shapes.ReferralRow(
        reference=one.reference,
        name=mask_title(str(one.letter.get("姓名") or "")),
        programme=str(one.letter.get("事项") or ""),
        department=one.department,
        department_text=words.of("department", one.department),
        channel_text=words.of("referral_channel", one.channel),
        sent_at=one.sent_at,
        state=one.state,
        state_text=referring.STATES[one.state],
        said=_said(_attempt(case, one), words),
        due=due.of_clock(tx.world, limit, now) if limit is not None else due.NONE,
        place=places.get(one.case_area) if inside else None,
        case_id=one.case_id if inside else None,
    )


def _attempt(case: step.Case, one: Referral) -> Attempt | None:
    """What the file says of this letter: the n-th department asked."""
    found = referring.attempts(case.sections(one.path).get("referral"))
    number = int(one.reference.rpartition("-")[2])
    return found[number - 1] if number <= len(found) else None


def _said(known: Attempt | None, words: Words) -> str | None:
    if known is None:
        return None
    if known.result:
        return f"{words.of('referral_outcome', known.outcome) or '待核对'}：{known.result}"
    if known.reason:
        return f"退回理由：{known.reason}"
    return f"承办：{known.contact}" if known.contact else None


def letter(actor: Actor, one: Referral, veil: Veil) -> list[shapes.Named]:
    """The letter as it was sent. Who it is not addressed to sees the telephone number masked, as everywhere."""
    to_me = referring.speaking(actor, one.department, one.case_area) is not None
    shown = []
    for label in sorted(one.letter, key=lambda label: LINES.index(label) if label in LINES else len(LINES)):
        value = one.letter[label]
        text = f"第 {value} 次" if label == "第几次" else str(value or "")
        if label == "首次受理" and text:
            text = timeline.moment_words(text)
        if label == PHONE and text and not to_me:
            text = mask_phone(text)
        if label == SUMMARY and text and veil.hides("referral", "summary"):
            text = HIDDEN
        shown.append(shapes.Named(value=text, label=label))
    return shown


def course(tx: Tx, one: Referral, pinned: Pinned, inside: bool, veil: Veil) -> list[schemas.TimelineItem]:
    """Sent, answered, checked, sent on; newest first. To which other department is not the first one's concern."""
    entries = referring.acts(history.entries(tx, one.case_id), one.reference, one.path)
    names = timeline.names_of(tx, entries)
    items = [_item(tx, entry, names, pinned, inside, veil) for entry in entries]
    words = words_of(pinned)
    channel = words.of("referral_channel", one.channel)
    to = words.of("department", one.department)
    sent = schemas.TimelineItem(
        id="sent",
        at=one.sent_at,
        kind="system",
        title=f"送出转介单（{channel}）",
        who="系统自动",
        text=f"送达：{to}",
    )
    return [*reversed(items), sent]


def _item(
    tx: Tx, entry: Entry, names: Mapping[str, str], pinned: Pinned, inside: bool, veil: Veil
) -> schemas.TimelineItem:
    payload = entry.payload or {}
    shown = timeline.item(entry, names, pinned, {}).model_copy(update={"details": []})
    values = dict(payload.get("values") or {})
    if payload.get("element") == "reroute" and not inside:
        return shown.model_copy(update={"title": "改送其他部门", "text": None})
    labels = Labels(tx, pinned, "referral", [str(payload.get("form") or "")], veil)
    title = TITLES.get(str(values.pop("dept_reply", "")), shown.title)
    if payload.get("message") == referring.RESULT:
        title = "报送办理结果"
    parts = [
        f"{component.get('label') or key}：{labels.words(component, values[key])}"
        for key, component in labels.components.items()
        if key != "replied_at" and values.get(key) not in EMPTY
    ]
    return shown.model_copy(update={"title": title, "text": "；".join(parts) or None})
