"""What the preparer and the reviewer of a monthly report sign is what is frozen: one cut-off, the moment the preparer submits.

The figures are counted when the step is opened and once more when it is submitted. `seal` says in short what was shown: where it is no longer so, the
step is refused with what has changed. What was submitted is kept with its digest; the reviewer sees that, and freezing adds a signature, no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from casework import report_late, reports
from casework.reports import SENT, R
from casework.tables import reports as table
from engine.calendar import ZONE, instant
from engine.db import Tx
from engine.errors import Conflict
from engine.tables import cases, user_tasks
from engine.world import StepDone

FORM = "report_head"
"""The form of the preparer's step."""
SHOWN = 6
"""Changes that are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A town's month as it stands at a moment."""

    cutoff: datetime
    figures: reports.Figures
    adjustments: list[dict[str, Any]]
    snapshot: dict[str, Any]

    @property
    def parts(self) -> list[str]:
        """Digests of the figures, of the adjustments of earlier months, of what is kept as a snapshot; and the totals."""
        found: tuple[Any, ...] = (self.figures, self.adjustments, self.snapshot)
        return [*(reports.digest(part, None)[:12] for part in found), _said(self.figures["total"])]

    @property
    def seal(self) -> str:
        """What was shown, in one line."""
        return " ".join(self.parts)


def _said(total: Mapping[str, Any]) -> str:
    """`visits=3;paid=1/300.00`; `nil`."""
    cells = ((column, total[column]) for column in reports.COLUMNS if column in total)
    return (
        ";".join(f"{key}={one['n']}" + (f"/{one['yuan']}" if one["yuan"] else "") for key, one in cells)
        or "nil"
    )


def counted(tx: Tx, town: str, month: date, now: datetime) -> Counted:
    """The month as known now; whoever asks in one transaction gets one answer."""

    def count() -> Counted:
        figures = reports.compute(tx, town, month, now)
        return Counted(
            now, figures, reports.adjustments(tx, town, month, now), reports.snapshot(tx, town, month, now)
        )

    return tx.once(("report", town, month, now), count)


# ------------------------------------------------------------------------------------------ what the forms ask
def opened(tx: Tx, key: Mapping[str, Any]) -> dict[str, Any]:
    """For the preparer's form: `{month}` of a case → `{nil, seal, as_of}` as counted now."""
    found = _of_case(tx, key)
    as_of = found.cutoff.astimezone(ZONE).isoformat()
    return {"nil": reports.nil(found.figures), "seal": found.seal, "as_of": as_of}


def changed(tx: Tx, key: Mapping[str, Any]) -> str | None:
    """In words what has changed since the preparer opened the page: `{month, seen, since}`; None where nothing has."""
    now, seen = _of_case(tx, key).parts, str(key.get("seen") or "").split(" ")
    if len(seen) != len(now) or not key.get("since"):
        return "没有核对过的数字，请重新打开本页，核对后再提交"
    lines = list(_lines(seen[-1], now[-1]))
    words = ["、".join(lines[:SHOWN]) + (f"等 {len(lines)} 项" if len(lines) > SHOWN else ""), *OTHERS]
    said = [word or WITHIN for word, was, is_ in zip(words, seen, now, strict=False) if was != is_]
    since = f"{instant(key['since']).astimezone(ZONE):%m-%d %H:%M}"
    return (
        f"您打开本页（{since}）后数字有变化：{'；'.join(said)}。请核对现在的数字，再次提交" if said else None
    )


WITHIN = "各村（居）或明细"
OTHERS = ("对以前月份的调整", "在册户数、空缺岗位或备用金")


def _lines(was: str, now: str) -> Iterator[str]:
    """Totals that differ: `走访户次 1 → 2`."""
    before, after = (
        dict(part.split("=", 1) for part in said.split(";") if "=" in part) for said in (was, now)
    )
    for column, label in reports.COLUMNS.items():
        old, new = before.get(column, "0"), after.get(column, "0")
        if old != new:
            yield f"{label} {_figure(old)} → {_figure(new)}"


def _figure(said: str) -> str:
    n, _, yuan = said.partition("/")
    return f"{n}（{yuan} 元）" if yuan else n


def submitted(tx: Tx, key: Mapping[str, Any]) -> dict[str, Any] | None:
    """For the reviewer's form: `{month}` of a case → `{digest, as_of}` of what the preparer has submitted."""
    row = prepared(tx, str(key["case_id"]))
    if row is None:
        return None
    return {"digest": row.digest[:12], "as_of": row.cutoff.astimezone(ZONE).isoformat()}


def _of_case(tx: Tx, key: Mapping[str, Any]) -> Counted:
    return counted(tx, _town(tx, key), _month(key), key["asked_at"])


def _town(tx: Tx, key: Mapping[str, Any]) -> str:
    return str(tx.run(select(cases.c.area).where(cases.c.id == key["case_id"])).scalar_one())


def _month(key: Mapping[str, Any]) -> date:
    return date.fromisoformat(str(key["month"])[:10])


# ------------------------------------------------------------------------------------------ the signature
def done(tx: Tx, step: StepDone, now: datetime) -> None:
    """The preparer's step is done: the month is cut off here and kept as it was signed."""
    if step.form != FORM:
        return
    c = cases.c
    variables = tx.run(select(c.variables).where(c.id == step.case_id)).scalar_one()
    found = counted(tx, step.area, _month(variables), now)
    if step.values.get("figures_seen", found.seal) != found.seal:
        raise Conflict(
            "数字刚刚又有变化，请核对后再提交。", "The figures have changed.", code="figures_changed"
        )
    prepare(
        tx, town=step.area, month=_month(variables), found=found, case_id=step.case_id, prepared_by=step.people[0],
        note=step.values.get("note"),
    )  # fmt: skip


def prepare(
    tx: Tx,
    *,
    town: str,
    month: date,
    found: Counted,
    case_id: str,
    prepared_by: str | None,
    note: str | None = None,
) -> str:
    """Keep the month as the preparer has signed it, as the next version, in place of what was prepared in this case before. Returns the number."""
    first = month.replace(day=1)
    tx.run(delete(table).where(R.case_id == case_id, ~SENT))
    count = select(func.count()).where(R.area == town, R.month == first)
    version = int(tx.run(count).scalar_one()) + 1
    figures, changed = found.figures, found.adjustments
    snap = {**found.snapshot, "note": note, "rules": report_late.rules()}
    number = f"{town.rpartition('/')[2]}-{first:%Y%m}-{version}"
    tx.run(
        insert(table),
        {
            "number": number,
            "area": town,
            "month": first,
            "version": version,
            "figures": figures,
            "adjustments": changed,
            "cutoff": found.cutoff,
            "snapshot": snap,
            "digest": reports.digest(figures, changed, snap),
            "prepared_by": prepared_by,
            "state": "prepared",
            "case_id": case_id,
        },
    )
    return number


def submit(tx: Tx, case_id: str, *, reviewed_by: str | None, now: datetime, job: str) -> str | None:
    """What was prepared in a case is reviewed: it is never changed again. The same job submits once. Returns the number; None: nothing is."""
    known = tx.run(select(R.number).where(R.job == job)).scalar_one_or_none()
    row = None if known is not None else prepared(tx, case_id)
    if row is not None:
        sent = {"state": "submitted", "reviewed_by": reviewed_by, "submitted_at": now, "job": job}
        tx.run(update(table).where(R.number == row.number).values(**sent))
        known = row.number
    return known


def freeze(
    tx: Tx,
    *,
    town: str,
    month: date,
    now: datetime,
    case_id: str,
    prepared_by: str | None,
    reviewed_by: str | None,
    job: str,
    note: str | None = None,
) -> str:
    """Submit the month: as it was prepared, or – in a case of an earlier drawing – as it is known now. Returns the number."""
    if (number := submit(tx, case_id, reviewed_by=reviewed_by, now=now, job=job)) is not None:
        return number
    found = counted(tx, town, month.replace(day=1), now)
    prepare(tx, town=town, month=month, found=found, case_id=case_id, prepared_by=prepared_by, note=note)
    number = submit(tx, case_id, reviewed_by=reviewed_by, now=now, job=job)
    assert number is not None
    return number


def prepared(tx: Tx, case_id: str) -> Any:
    """What the preparer has signed and nobody has reviewed yet, or None."""
    return tx.run(select(table).where(R.case_id == case_id, ~SENT)).one_or_none()


def standing(tx: Tx, case_id: str) -> Any:
    """The report of a case as it was signed last; None while it is being prepared, for the first time or anew."""
    t = user_tasks.c
    open_ = select(t.id).where(t.case_id == case_id, t.form == FORM, t.state == "open")
    if tx.run(open_.limit(1)).one_or_none() is not None:
        return None
    query = select(table).where(R.case_id == case_id, R.state != "returned").order_by(R.version.desc())
    return tx.run(query.limit(1)).one_or_none()
