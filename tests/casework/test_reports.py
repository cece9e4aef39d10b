"""Monthly reports: whatever happens afterwards, a frozen month counted again is the same month; what came late is an adjustment, once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import (
    areas,
    books,
    corrections,
    decisions,
    leads,
    payouts,
    places,
    points,
    report_late,
    report_signing,
    reports,
    seed,
    visits,
)
from casework.tables import decisions as decisions_table
from casework.tables import households, publicity, recognition_changes, recognitions, service_points
from casework.tables import leads as leads_table
from casework.tables import payouts as payouts_table
from casework.tables import reports as reports_table
from engine import cases, definitions, locking, step
from engine.calendar import ZONE, instant, local
from engine.db import Tx
from tests.engine.models import bundle, flow, job
from tests.tasks.rig import a_case

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
CUTOFF = datetime(2026, 10, 3, 10, tzinfo=ZONE)
LINE = bundle("line", job("work", "line.work") + flow("start", "work", "end"))


@dataclass
class District:
    """A town in which things happen at random: some in time, some entered late, some moved elsewhere afterwards."""

    tx: Tx
    dice: random.Random
    made: int = 0
    open: list[tuple[str, str, str]] = field(default_factory=list)
    homes: list[tuple[str, str]] = field(default_factory=list)

    def number(self) -> str:
        self.made += 1
        return f"R{self.made}"

    def day(self) -> datetime:
        return datetime(2026, 8, 25, 9, tzinfo=ZONE) + timedelta(hours=self.dice.randrange(24 * 45))

    def happen(self, now: datetime) -> None:
        """One random event, entered at `now`; it bears any day up to then."""
        at = min(self.day(), now)
        what = self.dice.choice(
            [
                "lead",
                "lead",
                "close",
                "move",
                "visit",
                "decision",
                "payout",
                "referral",
                "fund",
                "look",
                "right",
                "fewer",
                "talk",
                "family",
            ]
        )
        area = self.dice.choice([seed.VILLAGE, seed.NEXT_VILLAGE])
        if what == "lead":
            self.lead(area, at, now)
        elif what == "visit":
            self.visit(area, at, now)
        elif what == "look":
            self.look(area, now)
        elif what == "talk":
            self.talk(area, at, now)
        elif what == "family":
            self.homes.append(self.home(area, at, now))
            self.leaves(at, now)
        elif what == "fund":
            amount = Decimal(self.dice.choice([-300, 1000]))
            books.book(self.tx, "reserve_fund", area=seed.TOWN, at=now, text="t", amount=amount)
        elif self.open:
            number, case_id, where = self.dice.choice(self.open)
            getattr(self, what)(number, case_id, where, at, now)

    def lead(self, area: str, at: datetime, now: datetime) -> None:
        number = self.number()
        case_id = cases.start(
            self.tx,
            LINE.key,
            now=now,
            area=area,
            number=number,
            title="赵某",
            urgent=self.dice.random() < 0.3,
        )
        row = {
            "number": number, "case_id": case_id, "area": area, "subject": "赵某", "cause": "11",
            "sources": [{"source": self.dice.choice(["01", "04"])}], "discovered_at": at,
        }  # fmt: skip
        self.tx.run(insert(leads_table), row)
        self.open.append((number, case_id, area))

    def visit(self, area: str, at: datetime, now: datetime) -> None:
        rows = [{"head": self.number(), "met": self.dice.choice(["self", None])}]
        visits.record(
            self.tx, case_id=a_case(self.tx, self.number(), made=LINE), area=area, period="2026Q3",
            kind="quarterly", person="p_lianluo", at=at, entered_at=now, rows=rows,
        )  # fmt: skip

    def right(
        self, number: str, case_id: str, area: str, at: datetime, now: datetime, name: str | None = None
    ) -> None:
        """The day a lead was found, or decided on, turns out to be another one."""
        name = name or self.dice.choice(["discovered_at", "decided_on"])
        k, d = leads_table.c, decisions_table.c
        query = select(k.discovered_at).where(k.case_id == case_id)
        if name == "decided_on":
            query = select(d.decided_on).where(d.case_id == case_id).limit(1)
        entered = self.tx.run(query).scalar_one_or_none()
        if entered is None:
            return
        old = corrections.known(self.tx, cases=[case_id]).right(case_id, name, entered)
        payload = {"names": [name], "old": local(instant(old)), "new": local(at)}
        if name == "decided_on":
            payload["new"] = local(instant(at.date()))
        locking.note(
            self.tx,
            step.lock(self.tx, case_id),
            step.Record("clock.corrected", None, None, now, payload),
            now,
        )

    def look(self, area: str, now: datetime) -> None:
        """A hotline is called or a board checked, and afterwards it may stand elsewhere."""
        kind, how = self.dice.choice([("hotline", "call"), ("policy_board", "check"), ("window", "fix")])
        point = points.add(self.tx, area, "village", kind, {"name": self.number(), "place": "村委会"}, now)
        ok = self.dice.random() < 0.7
        points.note_check(
            self.tx, point.id, how, ok=ok, finding=None if ok else "破损", person="p_lianluo", at=now
        )
        if self.dice.random() < 0.5:
            moved = update(service_points).where(service_points.c.id == point.id)
            self.tx.run(moved.values(area=f"{seed.OTHER_TOWN}/1"))

    def talk(self, area: str, at: datetime, now: datetime) -> None:
        row = {
            "id": self.number(), "area": area, "held_on": at.date(), "place": "广场", "form": "lecture", "people": 9, "topic": "救助政策",
            "photos": [], "person": "p_lianluo", "at": now,
        }  # fmt: skip
        self.tx.run(insert(publicity), row)

    def home(self, area: str, at: datetime, now: datetime) -> tuple[str, str]:
        """A household is visited."""
        home = self.number()
        row = {"id": home, "area": area, "head": home, "size": 1, "focus": [], "programmes": []}
        self.tx.run(insert(households), row)
        visit = {
            "kind": "daily", "area": area, "household": home, "head": home, "met": "self", "person": "p_lianluo", "at": at,
            "entered_at": now,
        }  # fmt: skip
        visits.enter(self.tx, visit)
        return home, area

    def leaves(self, at: datetime, now: datetime) -> None:
        """A household visited before turns out to live in the next village since a day."""
        home, area = self.homes.pop(self.dice.randrange(len(self.homes)))
        other = seed.NEXT_VILLAGE if area == seed.VILLAGE else seed.VILLAGE
        places.leave(self.tx, "household", [home], area, other, at.date(), "handed_over", now)
        self.tx.run(update(households).where(households.c.id == home).values(area=other))

    def fewer(self, number: str, case_id: str, area: str, at: datetime, now: datetime) -> None:
        """What a family receives is reduced or stopped."""
        application = f"{number}-F"
        known = select(recognitions.c.application_no).where(recognitions.c.application_no == application)
        if self.tx.run(known).first() is None:
            row = {
                "application_no": application, "programme": "DIBAO", "case_id": case_id, "area": area, "title": "赵某",
                "decided_on": date(2026, 8, 1), "persons": 2, "state": "active",
            }  # fmt: skip
            self.tx.run(insert(recognitions), row)
        self.made += 1
        changed = {
            "application_no": application, "number": self.made, "result": self.dice.choice(["stop", "reduce", "keep"]), "persons": 1,
            "persons_before": 2, "decided_on": at.date(), "from_month": date(2026, 10, 1), "hearing_ref": "听取意见", "case_id": case_id,
            "entered_at": now,
        }  # fmt: skip
        self.tx.run(insert(recognition_changes), changed)

    def close(self, number: str, case_id: str, area: str, at: datetime, now: datetime) -> None:
        self.open.remove((number, case_id, area))
        conclusion = self.dice.choice(["helped", "not_confirmed", "merged"] if self.open else ["helped"])
        main = self.dice.choice(self.open)[0] if conclusion == "merged" else None
        leads.close(self.tx, number, conclusion, now, main)
        books.book(self.tx, "lead", area=area, at=now, text="t", case_id=case_id, conclusion=conclusion)

    def move(self, number: str, case_id: str, area: str, at: datetime, now: datetime) -> None:
        self.open.remove((number, case_id, area))
        places.move_case(self.tx, case_id, seed.OTHER_TOWN, now, reason="不属本镇", why="handed_over")

    def decision(self, number: str, case_id: str, area: str, at: datetime, now: datetime) -> None:
        decisions.file(
            self.tx, case_id=case_id, application_no=number, area=area,
            programme=self.dice.choice(["DIBAO", "TEMP_EXPENDITURE"]), level="town",
            result=self.dice.choice(["approved", "refused"]), amount=Decimal(self.dice.randrange(100, 900)),
            decided_on=at.date(), path="", filed_at=now, now=now, persons=self.dice.randrange(1, 5),
        )  # fmt: skip

    def payout(self, number: str, case_id: str, area: str, at: datetime, now: datetime) -> None:
        order = payouts.Order(self.number(), case_id, number, area, Decimal("300"), "cash", "budget", "赵某")
        payouts.paid(self.tx, order, at, now)

    def returned(self, number: str, case_id: str, _area: str, _at: datetime, now: datetime) -> None:
        """What was booked had not arrived (payment_inquiries)."""
        p = payouts_table.c
        mine = (p.case_id == case_id) & (p.application_no == number)
        self.tx.run(update(payouts_table).where(mine).values(state="failed", returned_at=now))

    def referral(self, number: str, case_id: str, area: str, at: datetime, now: datetime) -> None:
        books.book(self.tx, "referral", area=area, at=now, text="t", case_id=case_id, to="education")


@pytest.mark.parametrize("seed_number", range(6))
def test_a_frozen_month_counted_again_gives_the_same_numbers(tx: Tx, seed_number: int) -> None:
    definitions.deploy(tx, LINE, now=datetime(2026, 8, 1, tzinfo=ZONE))
    district = District(tx, random.Random(seed_number))
    now = datetime(2026, 8, 25, 9, tzinfo=ZONE)
    while now < CUTOFF:
        district.happen(now)
        now += timedelta(hours=district.dice.randrange(4, 40))
    frozen = reports.compute(tx, seed.TOWN, SEPTEMBER, CUTOFF)
    for _ in range(30):  # late entries, moves and closings after the cut-off
        district.happen(CUTOFF + timedelta(minutes=1 + district.made))
    assert reports.compute(tx, seed.TOWN, SEPTEMBER, CUTOFF) == frozen
    later = reports.compute(tx, seed.TOWN, SEPTEMBER, CUTOFF + timedelta(days=5))
    assert later != frozen, "the late entries are in the month when it is counted later"
    for figures in (frozen, later):
        assert [check.name for check in reports.checks(figures, None, None) if not check.ok] == []


@pytest.mark.parametrize("seed_number", range(4))
def test_what_was_signed_is_frozen_and_the_next_month_tells_all_that_came_after(
    tx: Tx, seed_number: int
) -> None:
    """Anything happens between the preparer's signature and the reviewer's, the report comes back and is prepared anew: what is frozen is the
    month at its cut-off, and with the next month's adjustments it is the month as known then."""
    definitions.deploy(tx, LINE, now=datetime(2026, 8, 1, tzinfo=ZONE))
    case_id = a_case(tx, "M1", made=LINE)
    district = District(tx, random.Random(seed_number))
    now, dice = datetime(2026, 8, 25, 9, tzinfo=ZONE), random.Random(seed_number)

    def happens(until: datetime) -> None:
        nonlocal now
        while now < until:
            district.happen(now)
            now += timedelta(minutes=dice.randrange(20, 900))
        now = max(now, until)

    for turn in range(3):
        happens(CUTOFF + timedelta(days=turn))
        found, cutoff = report_signing.counted(tx, seed.TOWN, SEPTEMBER, now), now
        report_signing.prepare(
            tx, town=seed.TOWN, month=SEPTEMBER, found=found, case_id=case_id, prepared_by=None
        )
        happens(now + timedelta(hours=dice.randrange(1, 30)))
        if turn and dice.random() < 0.5:
            report_signing.submit(tx, case_id, reviewed_by=None, now=now, job=f"job-{turn}")
            reports.settle(tx, reports.latest(tx, seed.TOWN, SEPTEMBER).number, "returned")
    number = report_signing.submit(tx, case_id, reviewed_by=None, now=now, job="job")
    if number is None:  # the last one came back: it is prepared once more
        found, cutoff = report_signing.counted(tx, seed.TOWN, SEPTEMBER, now), now
        report_signing.prepare(
            tx, town=seed.TOWN, month=SEPTEMBER, found=found, case_id=case_id, prepared_by=None
        )
        number = report_signing.submit(tx, case_id, reviewed_by=None, now=now, job="job")
    row = reports.get(tx, number)
    assert (row.cutoff, row.figures) == (cutoff, found.figures)
    assert reports.compute(tx, seed.TOWN, SEPTEMBER, row.cutoff) == row.figures
    assert row.digest == reports.digest(row.figures, row.adjustments, row.snapshot)
    november = datetime(2026, 11, 3, 9, tzinfo=ZONE)
    told = {
        area: {column: cell["n"] for column, cell in cells.items()} for area, cells in row.figures.items()
    }
    for line in reports.adjustments(tx, seed.TOWN, OCTOBER, november):
        told.setdefault(line["area"], {})[line["column"]] = line["now"]
    known = reports.compute(tx, seed.TOWN, SEPTEMBER, november)
    for area in {*told, *known} - {"total"}:
        counted = {column: cell["n"] for column, cell in known.get(area, {}).items()}
        assert {column: n for column, n in told.get(area, {}).items() if n} == counted


def test_an_application_approved_again_after_it_was_reopened_is_new_once(tx: Tx) -> None:
    case_id = a_case(tx, "A1", made=LINE)
    day = datetime(2026, 9, 10, tzinfo=ZONE)

    def decided(at: datetime, result: str, number: str = "A1") -> None:
        decisions.file(
            tx, case_id=case_id, application_no=number, area=seed.VILLAGE, programme="DIBAO", level="district", result=result,
            amount=Decimal(700) if result == "approved" else None, decided_on=at.date(), path="", filed_at=None, now=at, persons=2,
        )  # fmt: skip

    def new(month: date) -> tuple[int, int | None, str | None, int]:
        total = reports.compute(tx, seed.TOWN, month, datetime(2027, 1, 1, tzinfo=ZONE))["total"]
        cell, refused = total.get("dibao", {}), total.get("refused", {})
        return cell.get("n", 0), cell.get("persons"), cell.get("yuan"), refused.get("n", 0)

    decided(day, "refused")
    decided(day + timedelta(days=5), "approved")
    assert new(SEPTEMBER) == (1, 2, "700.00", 1), "refused, reopened, approved: new when it was approved"
    october = datetime(2026, 10, 10, tzinfo=ZONE)
    decided(october, "approved")
    decided(october, "keep")
    decided(october + timedelta(days=5), "approved")
    decided(october, "approved", "A2")
    assert new(SEPTEMBER) == (1, 2, "700.00", 1)
    assert new(OCTOBER) == (1, 2, "700.00", 0), "approved again, twice: only the other application is new"
    decided(october + timedelta(days=6), "stop")
    decided(october + timedelta(days=7), "approved")
    assert new(OCTOBER) == (2, 4, "1400.00", 0), "what was stopped is given anew"


def frozen(tx: Tx, case_id: str, month: date, now: datetime, town: str = seed.TOWN) -> Any:
    number = report_signing.freeze(
        tx,
        town=town,
        month=month,
        now=now,
        case_id=case_id,
        prepared_by=None,
        reviewed_by=None,
        job=f"{town[-3:]}{month}{now}",
    )
    return reports.get(tx, number)


def test_each_late_entry_is_an_adjustment_once_and_balances_carry_over(tx: Tx) -> None:
    district = District(tx, random.Random(7))
    definitions.deploy(tx, LINE, now=datetime(2026, 8, 1, tzinfo=ZONE))
    case_id = a_case(tx, "M1", made=LINE)
    in_september = datetime(2026, 9, 20, 9, tzinfo=ZONE)
    district.lead(seed.VILLAGE, in_september, in_september)
    september = frozen(tx, case_id, SEPTEMBER, CUTOFF)
    district.lead(seed.VILLAGE, in_september, CUTOFF + timedelta(days=2))
    november, december = datetime(2026, 11, 3, 9, tzinfo=ZONE), datetime(2026, 12, 2, 9, tzinfo=ZONE)
    october = frozen(tx, case_id, OCTOBER, november)
    assert {(c["month"], c["column"], c["was"], c["now"]) for c in october.adjustments} == {
        ("2026-09-01", "leads", 1, 2),
        ("2026-09-01", "in_hand_end", 1, 2),
    }
    checks = reports.checks(october.figures, october.snapshot, september, october.adjustments)
    assert {c.name: c.ok for c in checks} == dict.fromkeys((c.name for c in checks), True)
    assert any(c.name == "上月结转等于上月报表的结转下月" and "调整 1" in c.detail for c in checks)
    assert reports.adjustments(tx, seed.TOWN, date(2026, 11, 1), december) == [], "not a second time"


LATE = (
    "lead",
    "visit",
    "talk",
    "family",
    "decision",
    "payout",
    "returned",
    "fewer",
    "discovered_at",
    "decided_on",
)
"""What changes a month that was told, entered afterwards."""


@pytest.mark.parametrize("what", LATE)
def test_counting_only_what_was_entered_late_tells_the_same_as_counting_every_month(
    tx: Tx, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """One thing entered late, by itself, after three months were told: the adjustments are those of counting everything anew."""
    definitions.deploy(tx, LINE, now=datetime(2026, 6, 1, tzinfo=ZONE))
    case_id = a_case(tx, "M1", made=LINE)
    district, july, late = (
        District(tx, random.Random(1)),
        *(datetime(2026, m, 9, 9, tzinfo=ZONE) for m in (7, 10)),
    )
    district.lead(seed.VILLAGE, july, july)
    mine = district.open[0]
    district.decision(*mine, july, july)
    district.payout(*mine, july, july)
    district.homes = [district.home(seed.VILLAGE, july, july)]
    for month in (7, 8, 9):
        frozen(tx, case_id, date(2026, month, 1), datetime(2026, month + 1, 3, 10, tzinfo=ZONE))
    august, november = datetime(2026, 8, 20, 9, tzinfo=ZONE), datetime(2026, 11, 3, 9, tzinfo=ZONE)
    if what in ("lead", "visit", "talk"):
        getattr(district, what)(seed.VILLAGE, august, late)
    elif what == "family":
        district.leaves(july, late)
    elif what in ("discovered_at", "decided_on"):
        district.right(*mine, august, late, what)
    else:
        getattr(district, what)(*mine, august, late)
    quick = reports.adjustments(tx, seed.TOWN, OCTOBER, november)
    monkeypatch.setattr(report_late, "months", lambda _tx, _town, told, _since: set(told))
    assert quick == reports.adjustments(tx, seed.TOWN, OCTOBER, november)
    assert quick


def test_a_month_nothing_was_entered_for_is_not_counted_again(
    tx: Tx, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = District(tx, random.Random(3))
    definitions.deploy(tx, LINE, now=datetime(2026, 8, 1, tzinfo=ZONE))
    case_id = a_case(tx, "M1", made=LINE)
    months = [date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1), SEPTEMBER]
    for month in months:
        frozen(tx, case_id, month, datetime(2026, month.month + 1, 3, 10, tzinfo=ZONE))
    counted: list[date] = []
    compute = reports.compute

    def noted(tx: Tx, town: str, month: date, cutoff: datetime) -> reports.Figures:
        counted.append(month)
        return compute(tx, town, month, cutoff)

    monkeypatch.setattr(reports, "compute", noted)
    october, november = datetime(2026, 10, 9, 9, tzinfo=ZONE), datetime(2026, 11, 3, 9, tzinfo=ZONE)
    district.decision("R1", case_id, seed.VILLAGE, october, october)
    assert reports.adjustments(tx, seed.TOWN, OCTOBER, november) == []
    assert counted == []
    district.decision("R2", case_id, seed.VILLAGE, datetime(2026, 7, 9, tzinfo=ZONE), october)
    (line,) = reports.adjustments(tx, seed.TOWN, OCTOBER, november)
    assert (line["month"], line["now"]) == ("2026-07-01", 1)
    assert counted == [date(2026, 7, 1)]
    counted.clear()
    r = reports_table.c
    for row in tx.run(select(r.number, r.snapshot)).all():
        tx.run(
            update(reports_table)
            .where(r.number == row.number)
            .values(snapshot={**row.snapshot, "rules": "older"})
        )
    assert len(reports.adjustments(tx, seed.TOWN, OCTOBER, november)) == 1
    assert counted == months, "another way of counting: every month"


def test_a_sum_that_does_not_come_out_is_named(tx: Tx) -> None:
    figures = {"total": {"leads": {"n": 3}}, seed.VILLAGE: {"leads": {"n": 2}}}
    wrong = {c.name: c.detail for c in reports.checks(figures, None, None) if not c.ok}
    assert wrong["各村（居）之和等于全镇（街）合计"] == "新增线索"
    assert "0 + 3 − 0 = 0" in wrong["上月结转 + 新增 − 办结 = 结转下月"]


def test_the_snapshot_has_what_cannot_be_counted_again(tx: Tx) -> None:
    snap = reports.snapshot(tx, seed.TOWN, SEPTEMBER, CUTOFF)
    total = snap["rows"]["total"]
    assert (total["households"], total["focus"], total["focus_visited"]) == (3, 2, 0)
    assert total["vacant"] == len(areas.children(tx, seed.TOWN, CUTOFF)) - 1, "one liaison in one village"
    assert [total[f"no_{kind}"] for kind in points.KINDS] == [total["vacant"] + 2] * 3, (
        "every village and the town itself"
    )
    assert snap["reserve"] == {"begin": "0.00", "in": "50000.00", "out": "0.00", "end": "50000.00"}


def test_two_versions_of_a_month_are_told_apart(tx: Tx) -> None:
    definitions.deploy(tx, LINE, now=datetime(2026, 8, 1, tzinfo=ZONE))
    case_id = a_case(tx, "M1", made=LINE)
    first = frozen(tx, case_id, SEPTEMBER, CUTOFF)
    district = District(tx, random.Random(1))
    district.payout(
        "A1", case_id, seed.VILLAGE, datetime(2026, 9, 9, 9, tzinfo=ZONE), CUTOFF + timedelta(days=1)
    )
    second = frozen(tx, case_id, SEPTEMBER, CUTOFF + timedelta(days=2))
    (line,) = reports.differences(first.figures, second.figures)
    assert line == {
        "area": seed.VILLAGE, "column": "paid", "was": 0, "now": 1, "yuan_was": None, "yuan_now": "300.00",
    }  # fmt: skip
    tx.run(update(reports_table).where(reports_table.c.number == first.number).values(state="returned"))
    assert [row.version for row in reports.versions(tx, seed.TOWN, SEPTEMBER)] == [1, 2]
    (newest,) = reports.of_district(tx, seed.DISTRICT, SEPTEMBER)
    assert newest.number == second.number
    assert reports.added([newest.figures])["paid"] | {"cases": None} == newest.figures["total"]["paid"] | {
        "cases": None
    }
