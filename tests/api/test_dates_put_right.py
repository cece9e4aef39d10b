"""A wrongly typed date put right in a case: ledgers say both, the frozen month stays, the next report adjusts, nobody types twice."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from casework import corrections, reports, seed
from casework.tables import decisions, leads
from engine.calendar import ZONE
from tests.api.office import Office, found, opened


def put_right(office: Office, who: str, case_id: str, term: str, date: str) -> Any:
    page = office.get(who, f"cases/{case_id}")
    receipt = next(one for one in page["receipts"] if one["term"] == term)
    body = {"revision": page["revision"], "clock": receipt["id"], "date": date, "reason": "电话上报在前一日"}
    answer = office.post(who, f"cases/{case_id}/start-dates", body)
    assert answer.status_code == 200, answer.text
    office.advance(by="PT1M")


def leads_of(office: Office, month: str) -> int:
    draft = office.get("minzheng1", f"reports/draft?area={seed.TOWN}&month={month}")
    return int(draft["figures"]["total"].get("leads", {"n": 0})["n"])


def test_a_lead_found_the_day_before_counts_there_as_an_adjustment(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-30T18:00:00+08:00") as office:
        office.advance(to="2026-10-01T09:00:00+08:00")
        found(office, subject_name="李某甲")
        lead = found(office)
        office.do("prepare_report", "minzheng1", nil_confirmed=True, note="")
        office.do("review_report", "fuwuban1", ok=True)
        before = datetime(2026, 10, 2, tzinfo=ZONE)
        with office.runtime.db.reading() as tx:
            (frozen,) = reports.of_district(tx, seed.DISTRICT, datetime(2026, 9, 1, tzinfo=ZONE).date())
        assert (leads_of(office, "2026-09"), leads_of(office, "2026-10")) == (0, 2)
        office.advance(to="2026-10-02T09:00:00+08:00")
        put_right(
            office, "fuwuban1", lead["case_id"], "lead.self_verify.ordinary", "2026-09-30T20:00:00+08:00"
        )
        assert (leads_of(office, "2026-09"), leads_of(office, "2026-10")) == (1, 1)
        with office.runtime.db.reading() as tx:
            k = leads.c
            kept = tx.run(select(k.discovered_at).where(k.number == lead["number"])).scalar_one()
            again = reports.compute(tx, seed.TOWN, before.date().replace(month=9), frozen.cutoff)
            changed = reports.adjustments(tx, seed.TOWN, before.date(), office.runtime.now())
        assert kept.astimezone(ZONE).date().isoformat() == "2026-10-01", "what was entered stays"
        assert again == frozen.figures, "the frozen month counted again is the same"
        assert ("leads", 0, 1) in {(line["column"], line["was"], line["now"]) for line in changed}
        september = "from=2026-09-01&to=2026-09-30"
        (line,) = office.get("fuwuban1", f"ledgers/discovery?{september}")["items"]
        assert line["discovered_at"] == "2026-09-30 20:00（更正，原 2026-10-01 09:01）"
        (other,) = office.get("fuwuban1", "ledgers/discovery?from=2026-10-01&to=2026-10-31")["items"]
        assert "更正" not in other["discovered_at"]


def test_a_chain_of_corrections_ends_at_the_last_and_leaves_other_dates_alone() -> None:
    days = [datetime(2026, 9, day, tzinfo=ZONE) for day in (10, 8, 9)]
    made = tuple(
        corrections.Correction("c", frozenset({"decided_on"}), old, new)
        for old, new in ((days[0], days[1]), (days[1], days[2]))
    )
    known = corrections.Corrections.of(made)
    assert known.right("c", "decided_on", days[0].date()) == days[2].date()
    assert known.right("c", "accepted_on", days[0].date()) == days[0].date()
    assert known.right("other", "decided_on", days[0].date()) == days[0].date()
    assert known.was("c", "decided_on", "2026-09-09") == "2026-09-10"
    assert known.was("c", "decided_on", "2026-09-11") is None
    d = decisions.c
    shown = known.column(d.case_id, d.decided_on, "decided_on").compile(
        compile_kwargs={"literal_binds": True}
    )
    assert "2026-09-10" in str(shown)
    assert "2026-09-09" in str(shown)
    assert known.column(d.case_id, d.decided_on, "delivered_on") is d.decided_on
