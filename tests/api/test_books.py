"""Ledgers as views of cases, their way out of the house, the reserve fund, and what can be printed – over HTTP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest
from sqlalchemy import insert, select

from casework import seed
from casework.tables import exports, standards
from tests.api.office import Office, acknowledged, found, granted_quickly, opened, verified
from tests.api.test_expenditure import THURSDAY, delivered, posted, to_application, visited_by_the_bureau
from tests.api.test_programmes import routed
from tests.api.test_review import TOWN_AMOUNT, judged

NIGHT = "2026-09-25T20:30:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT) as made:
        yield made


def cells(content: bytes) -> str:
    """Every text of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/sharedStrings.xml").decode()


def text(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def fetched(office: Office, who: str, path: str) -> Any:
    return office.client(who).get(f"/api/{path}")


# ------------------------------------------------------------------------------------------ ledgers
def test_every_row_of_the_emergency_ledger_opens_its_case(office: Office) -> None:
    urgent = found(office, main_cause="15", urgent_signs=["no_shelter"], subject_name="李某甲")
    found(office, subject_name="钱某丁")
    names = [one["key"] for one in office.get("fuwuban1", "ledgers")]
    assert names[:2] == ["emergency", "discovery"]
    assert "objections" not in [one["key"] for one in office.get("wangge", "ledgers")], (
        "kept from the village (K4)"
    )
    assert office.client("wangge").get("/api/ledgers/objections").status_code == 404
    book = office.get("fuwuban1", "ledgers/emergency")
    assert [row["number"] for row in book["items"]] == [urgent["number"]]
    assert (book["items"][0]["case_id"], book["items"][0]["name"]) == (urgent["case_id"], "李**")
    assert office.get("fuwuban1", "ledgers/discovery")["total"] == 2
    assert office.get("linzhen1", "ledgers/discovery")["total"] == 0, "another town's"
    assert office.get("fuwuban1", "ledgers/discovery?from=2026-10-01")["total"] == 0


def test_households_and_referrals_have_ledgers_of_their_own(office: Office) -> None:
    focus = office.get("minzheng1", "ledgers/focus")
    assert {(row["head"], row["focus"], row["visited_at"]) for row in focus["items"]} == {
        ("王**", "重病患者", "未走访"),
        ("田**", "独居老人、残疾人", "未走访"),
    }
    lead = acknowledged(office)
    verified(office)
    routed(office, "EDUCATION")
    office.do(
        "prepare_referral",
        "jiuzhu1",
        to_dept="education",
        programme="EDUCATION",
        channel="paper",
        consent=True,
    )
    (row,) = office.get("fuwuban1", "ledgers/referrals")["items"]
    assert (row["number"], row["programme"], row["department"]) == (lead["number"], "教育救助", "区教育局")
    assert row["case_id"] == lead["case_id"]


# ------------------------------------------------------------------------------------------ exports
def test_a_masked_export_is_a_right_and_is_kept(office: Office) -> None:
    found(office, subject_name="李某甲")
    refused = office.post("wangge", "ledgers/discovery/exports", {})
    assert refused.status_code == 403
    made = office.post("fuwuban1", "ledgers/discovery/exports", {"area": seed.TOWN}).json()
    assert (made["state"], made["rows"], made["mine"]) == ("ready", 1, True)
    book, place, person, moment = made["name"].removesuffix(".xlsx").split("_")
    assert (book, person, moment) == ("主动发现救助台账", "庚服务", "20260925-2031")
    assert place
    file = fetched(office, "fuwuban1", f"exports/{made['id']}.xlsx")
    assert file.status_code == 200
    assert "李**" in cells(file.content)
    assert "李某甲" not in cells(file.content)
    assert fetched(office, "jiuzhu1", f"exports/{made['id']}.xlsx").status_code == 404, (
        "only who asked for it"
    )
    assert [one["id"] for one in office.get("jiuzhu1", "exports")] == [made["id"]], (
        "the bureau sees who took out what"
    )
    office.advance(by="P2D")
    assert fetched(office, "fuwuban1", f"exports/{made['id']}.xlsx").json()["code"] == "export_gone"
    office.post("fuwuban1", "ledgers/discovery/exports", {})
    with office.runtime.db.reading() as tx:
        kept = tx.run(select(exports.c.content).where(exports.c.id == made["id"])).scalar_one()
    assert kept is None, "the content is emptied, the record stays"


def test_names_leave_the_house_only_by_two_persons(office: Office) -> None:
    found(office, subject_name="李某甲")
    without = office.post("fuwuban1", "ledgers/discovery/exports", {"unmasked": True})
    assert without.json()["fields"][0]["path"] == "purpose"
    body = {"unmasked": True, "purpose": "年度审计核对"}
    asked = office.post("fuwuban1", "ledgers/discovery/exports", body).json()
    assert asked["state"] == "asked"
    assert fetched(office, "fuwuban1", f"exports/{asked['id']}.xlsx").status_code == 409
    alone = office.post("fuwuban1", f"exports/{asked['id']}/answer", {"revision": 1, "agreed": True})
    assert alone.json()["code"] == "second_person"
    assert (
        office.post("linzhen2", f"exports/{asked['id']}/answer", {"revision": 1, "agreed": True}).status_code
        == 404
    )
    (seen,) = [one for one in office.get("jiuzhu1", "exports") if one["to_answer"]]
    answered = office.post("jiuzhu1", f"exports/{seen['id']}/answer", {"revision": 1, "agreed": True}).json()
    assert (answered["state"], answered["answered_by"]) == ("ready", "癸救助")
    assert "李某甲" in cells(fetched(office, "fuwuban1", f"exports/{asked['id']}.xlsx").content)
    again = office.post("jiuzhu1", f"exports/{asked['id']}/answer", {"revision": 1, "agreed": False})
    assert again.status_code == 409


# ------------------------------------------------------------------------------------------ reserve fund
def test_the_reserve_has_its_book_its_alarm_and_its_entries(office: Office) -> None:
    with office.runtime.db.transaction() as tx:
        row = {
            "area": seed.TOWN, "key": "registered_residents", "valid_from": date(2026, 1, 1),
            "amount": Decimal(300_000), "source": "演示",
        }  # fmt: skip
        tx.run(insert(standards), row)
    fund = next(f for f in office.get("fuwuban1", "reserve")["items"] if f["town"] == seed.TOWN)
    assert (fund["quota"], fund["threshold"], fund["state"]) == ("300000.00", "60000.00", "low")
    acknowledged(office, main_cause="15")
    verified(office)
    granted_quickly(office)
    told = [n["title"] for n in office.get("jiuzhu1", "notifications")["items"]]
    assert "备用金余额不足" in told
    entry = {"amount": "20000", "reason": "第三季度补充", "document_no": "31号", "on": "2026-09-25"}
    assert office.post("fuwuban1", f"reserve/{seed.TOWN}/entries", entry).status_code == 403, (
        "the bureau's entry"
    )
    done = office.post("jiuzhu1", f"reserve/{seed.TOWN}/entries", entry, key="top-up-once").json()
    again = office.post("jiuzhu1", f"reserve/{seed.TOWN}/entries", entry, key="top-up-once").json()
    assert done == again
    assert done["balance"] == "69200.00"
    too_much = {**entry, "amount": "-100000", "reason": "更正"}
    assert (
        office.post("jiuzhu1", f"reserve/{seed.TOWN}/entries", too_much).json()["code"] == "reserve_negative"
    )
    lines = office.get("fuwuban1", "ledgers/reserve")["items"]
    assert [(one["in"], one["out"], one["balance"]) for one in lines] == [
        ("50000.00", "", "50000.00"),
        ("", "800.00", "49200.00"),
        ("20000.00", "", "69200.00"),
    ]
    assert lines[1]["case_id"] is not None
    assert lines[2]["document_no"] == "31号"


# ------------------------------------------------------------------------------------------ printing
def test_the_case_page_says_what_can_be_printed(tmp_path: Path) -> None:
    with opened(tmp_path, THURSDAY) as office:
        lead = to_application(office)
        names = [p["name"] for p in office.get("minzheng1", f"cases/{lead['case_id']}/papers")]
        assert names == ["实地核查表"]
        judged(office)
        posted(office)
        office.do("close_notice", "fuwuban1", notice_result="cleared")
        visited_by_the_bureau(office)
        office.do("town_decide", "fuwuban2", result="approved", amount=TOWN_AMOUNT)
        delivered(office, "minzheng1")
        papers = office.get("minzheng1", f"cases/{lead['case_id']}/papers")
        assert [p["name"] for p in papers] == ["实地核查表", "受理回执", "公示", "社会救助确认决定书"]
        printed = {p["name"]: fetched(office, "minzheng1", p["url"].removeprefix("/")) for p in papers}
        assert {r.status_code for r in printed.values()} == {200}
        said = {name: text(r.content) for name, r in printed.items()}
        assert "实地核查" in said["实地核查表"]
        assert "次日起算" in said["受理回执"], "dates carry how they were counted"
        for limit in ("调查核对", "支出型救助全程"):
            assert limit in said["受理回执"], (
                "the limits that run from acceptance are what the person may hold the office to"
            )
        assert "张贴，次日起7日" in said["公示"]
        other = office.client("linzhen1").get(f"/api/cases/{lead['case_id']}/papers")
        assert other.status_code == 404
        nothing = fetched(office, "minzheng1", f"cases/{lead['case_id']}/papers/appraisal-9.pdf")
        assert nothing.status_code == 404
