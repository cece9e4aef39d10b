"""社会公众反映: anybody tells of a hardship without an account, and asks with a code what became of it (R3).

What is sent becomes the same lead as one reported by staff, source 社会公众反映 or 本人求助, without a finder: the village goes to see, or
the town at once where it is urgent. Nothing about a person is ever shown on these pages, not even to who sent it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from casework import areas, leads, mergers
from casework.tables import leads as leads_table
from casework.tables import public_leads as table
from engine import definitions
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Field, Invalid, NotFound
from engine.hosting import LegalHost

FORM = "lead_report"
PUBLIC, SELF = "14", "15"
"""Codes of `lead_source`: somebody else tells, or the person asks for help."""
DAY = timedelta(days=1)
P = table.c


@dataclass(frozen=True, slots=True)
class Sent:
    """`token`: what the sender keeps to ask later."""

    number: str
    token: str


@dataclass(frozen=True, slots=True)
class Fate:
    """How far a lead is, as much as a stranger may know. `state`: registered, looking, closed."""

    number: str
    state: str
    sent_at: datetime
    closed_at: datetime | None
    conclusion: str | None


def choices(tx: Tx, now: datetime) -> dict[str, Any]:
    """What the page offers: towns with their villages, causes by group, urgent signs."""
    codes = definitions.coming(tx, leads.PROCESS, now).codes
    towns = areas.of_tier(tx, "town", now)
    return {
        "towns": [
            {
                "path": path,
                "name": name,
                "villages": [{"path": v.path, "name": v.name} for v in areas.children(tx, path, now)],
            }
            for path, name in towns
        ],
        "causes": [
            {"value": one["value"], "label": one["label"], "group": one.get("group", "")}
            for one in codes["hardship_cause"]
        ],
        "signs": [{"value": one["value"], "label": one["label"]} for one in codes["urgent_signs"]],
    }


def report(
    tx: Tx, *, key: str, address: str, values: Mapping[str, Any], own: bool, now: datetime
) -> Sent | None:
    """Register the lead; None where that address, or everybody together, has sent enough today.

    `key`: of what was sent; sent again it is answered again. `own`: the person asks for himself. Raises Invalid at the field.
    """
    today = now.astimezone(ZONE).date()
    leads.next_number(tx, "public_leads")  # its row lock lets one in at a time, so that counting holds
    known = tx.run(select(P.lead_no, P.token).where(P.id == key)).one_or_none()
    if known is not None:
        return Sent(known.lead_no, known.token)
    # Digests of addresses are forgotten after a day; the code stays.
    tx.run(update(table).where(P.address.is_not(None), P.at <= now - DAY).values(address=None))
    digest = hashlib.sha256(f"public|{address}".encode()).hexdigest()
    most, most_of_all = (
        int(tx.world.terms.parameter(name, today))
        for name in ("lead.public_per_address", "lead.public_per_day")
    )
    lately = select(func.count()).where(P.at > now - DAY)
    mine, everybody = tx.run(lately.where(P.address == digest)).scalar_one(), tx.run(lately).scalar_one()
    if int(mine) >= most or int(everybody) >= most_of_all:
        return None
    made = leads.report(tx, None, _checked(tx, {**values, "source": SELF if own else PUBLIC}, now), now)
    token = secrets.token_urlsafe(15)
    tx.run(insert(table), {"id": key, "lead_no": made.number, "token": token, "address": digest, "at": now})
    return Sent(made.number, token)


def _checked(tx: Tx, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The form of a lead as staff would fill it in, checked by that form."""
    pinned = definitions.coming(tx, leads.PROCESS, now)
    functions = LegalHost(tx.world.terms, tx.world.calendar, now=now).functions(now, {})
    given = {key: value for key, value in values.items() if value not in ("", None, [])}
    checked = pinned.form(leads.PROCESS, FORM).check(given, {}, functions, codes=pinned.codes)
    errors = list(checked.errors)
    area = str(given.get("place_area") or "")
    if area and area not in {path for path, _name in areas.of_tier(tx, "village", now)}:
        errors.append(Field("place_area", "请选择现有的村（居）"))
    if errors:
        fields = [Field(one.path, one.message) for one in errors]
        raise Invalid("填写内容有误，请按提示修改。", "The form has errors.", fields=fields)
    return dict(checked.values)


def fate(tx: Tx, token: str) -> Fate:
    """What became of what was sent. Raises NotFound. A duplicate tells what became of the lead it was joined to."""
    k = leads_table.c
    query = select(P.at, k.number, k.reported_at, k.closed_at, k.conclusion)
    row = tx.run(query.join(leads_table, k.number == P.lead_no).where(P.token == token)).one_or_none()
    if row is None:
        raise NotFound("没有这个查询码，请核对。", "No such code.")
    main = mergers.ends(tx, [row.number]).get(row.number, row)
    state = "closed" if main.closed_at else "looking" if main.reported_at else "registered"
    return Fate(row.number, state, row.at, main.closed_at, main.conclusion)
