"""扫码: what anybody in the village reads and says by the code on a posted notice – while it is posted, and no more than the paper shows.

No account, no name asked for. The given name is hidden (policy.md D.10); who must not be shown is looked up again at each reading, for a file may
have learnt since that the person is a minor or in danger. An objection becomes the same sealed case as one taken down by staff.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from casework import notice_board, notices
from casework.notices import COLUMNS, Notice
from casework.tables import notice_scans
from casework.tables import notices as table
from engine import definitions, step
from engine.calendar import ZONE
from engine.db import Tx, made
from engine.errors import Conflict, Field, Invalid, NotFound
from engine.hosting import LegalHost

PROCESS, FORM, CHANNEL = "handle_objection", "objection", "scan"
DAY = timedelta(days=1)
S = notice_scans.c


@dataclass(frozen=True, slots=True)
class Posted:
    """What the page shows. `state`: waiting (not posted yet), posted, over; only a posted one has `shown` and `ends`."""

    number: str
    state: str
    shown: Mapping[str, str]
    ends: datetime | None
    office: str
    phone: str


def _notice(tx: Tx, token: str, now: datetime) -> Notice:
    """The notice of a code. Raises NotFound for an unknown one and, with the same words, for a person who must not be shown."""
    row = tx.run(select(*COLUMNS).where(table.c.token == token)).one_or_none() if token else None
    found = made(Notice, row) if row is not None else None
    if found is None or _hidden(tx, found, now):
        raise NotFound("没有这份公示，请核对公示栏上的二维码。", "No such notice.")
    return found


def _hidden(tx: Tx, notice: Notice, now: datetime) -> bool:
    case, today = notices.about(tx, notice.case_id), now.astimezone(ZONE).date()
    return notices.kept_from_view(tx, case, notice.path, today) is not None


def read(tx: Tx, token: str, now: datetime) -> Posted:
    """公示内容, as long as it is posted."""
    return _posted(tx, _notice(tx, token, now), now)


def _posted(tx: Tx, notice: Notice, now: datetime) -> Posted:
    (found,) = notice_board.standing(tx, [notice], now)
    office, phone = notice.content["异议受理"], notice.content["监督电话"]
    running = found.paper == "posted" and found.clock is not None and now < found.clock.due_at
    if not running or found.clock is None:
        state = "waiting" if found.paper == "to_post" else "over"
        return Posted(notice.number, state, {}, None, office, phone)
    shown = notices.masked(notices.dated(notice, notice_board.period(tx, found, now)))
    return Posted(notice.number, "posted", shown, found.clock.due_at, office, phone)


def _sent(tx: Tx, key: str) -> str | None:
    """The objection sent under this key before, if it was."""
    number: str | None = tx.run(select(S.objection_no).where(S.id == key)).scalar_one_or_none()
    return number


def object_(
    tx: Tx, token: str, *, key: str, address: str, content: str, name: str, phone: str, now: datetime
) -> str | None:
    """提出异议: opens the sealed case; returns its number, None where that address (or everybody) has sent enough today.

    `key`: of what was sent; sent again it is answered again. Raises NotFound, Conflict once the notice is over, Invalid at the field.
    """
    notice = _notice(tx, token, now)
    step.lock(
        tx, notice.case_id
    )  # no notice closes, and nobody is counted twice, while an objection is being written
    if (known := _sent(tx, key)) is not None:
        return known
    if _posted(tx, notice, now).state != "posted":
        raise Conflict("公示已经结束，请按公示栏上的电话反映。", "The notice is over.", code="notice_over")
    digest = hashlib.sha256(f"{token}|{address}".encode()).hexdigest()
    tx.run(delete(notice_scans).where(S.notice_no == notice.number, S.at <= now - DAY))
    if _enough(tx, notice, digest, now):
        return None
    values = _values(tx, notice, content, name, phone, now)
    number = notices.object_to(tx, notice, values, None, now)
    row = {"id": key, "notice_no": notice.number, "address": digest, "objection_no": number, "at": now}
    tx.run(insert(notice_scans), row)
    return number


def _enough(tx: Tx, notice: Notice, digest: str, now: datetime) -> bool:
    today, terms = now.astimezone(ZONE).date(), tx.world.terms
    count = select(func.count()).where(S.notice_no == notice.number, S.at > now - DAY)
    own = tx.run(count.where(S.address == digest)).scalar_one()
    most, most_of_all = (
        int(terms.parameter(key, today)) for key in ("notice.scans_per_address", "notice.scans_per_day")
    )
    return int(own) >= most or int(tx.run(count).scalar_one()) >= most_of_all


def _values(tx: Tx, notice: Notice, content: str, name: str, phone: str, now: datetime) -> dict[str, Any]:
    """The form of an objection as staff would fill it in, checked by that form."""
    who = "，".join(part for part in (name.strip(), f"电话 {phone.strip()}" if phone.strip() else "") if part)
    given: dict[str, Any] = {
        "received_at": now.astimezone(ZONE).isoformat(timespec="seconds"),
        "channel": CHANNEL,
        "notice_no": notice.number,
        "content": content.strip(),
        **({"objector": who} if who else {}),
    }
    pinned = definitions.coming(tx, PROCESS, now)
    functions = LegalHost(tx.world.terms, tx.world.calendar, now=now).functions(now, {})
    checked = pinned.form(PROCESS, FORM).check(given, notice.known, functions, codes=pinned.codes)
    if checked.errors:
        fields = [Field(one.path, one.message) for one in checked.errors]
        raise Invalid("请写明异议内容。", "The objection has errors.", fields=fields)
    return dict(checked.values)
