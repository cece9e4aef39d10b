"""The spot check's sheet, and that anybody computes the same sample from it; what a town may know, and when (K4)."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest

from casework import seed, spot_checks
from tests.api.office import PEOPLE, Office, found, opened

DOC = Path(__file__).parents[2] / "docs" / "spot-check.md"
SEED = "六 三 五 = 二"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-08-31T09:00:00+08:00") as made:
        found(made, subject_name="急某", urgent_signs=["no_food"])
        for number in range(8):
            found(made, subject_name=f"某{number}")
        made.advance(to="2026-09-01T09:10:00+08:00")
        yield made


def drawn(office: Office) -> str:
    office.do("define_frame", "jiuzhu1")
    number = str(office.get("jiuzhu1", "spot-checks")[0]["number"])
    before = office.get("jiuzhu1", f"spot-checks/{number}")
    assert (before["seed"], before["items"], before["frame_size"]) == (None, [], 12), (
        "frozen before the seed is known"
    )
    office.do("enter_seed", "jiuzhu1", "baopian", seed=SEED, seed_source="掷骰")
    return number


def by_anybody(tmp_path: Path, sheet: str) -> list[tuple[str, str]]:
    """The sample by the script that stands in the documentation, word for word."""
    (script,) = re.findall(r"```python\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    assert len(script.strip().splitlines()) <= 30
    (tmp_path / "draw.py").write_text(script, "utf-8")
    (tmp_path / "sheet.txt").write_text(sheet, "utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "draw.py"), str(tmp_path / "sheet.txt")],
        capture_output=True, check=True, encoding="utf-8", env={"PYTHONUTF8": "1"},
    )  # fmt: skip
    return [(line.split()[-1], line.split()[-2]) for line in done.stdout.splitlines()]


def test_anybody_computes_the_same_sample_from_the_sheet(office: Office, tmp_path: Path) -> None:
    number = drawn(office)
    check = office.get("jiuzhu1", f"spot-checks/{number}")
    sheet = office.client("jiuzhu1").get(f"/api/spot-checks/{number}.txt").text
    sample = by_anybody(tmp_path, sheet)
    assert sorted(sample) == sorted((item["id"], item["ticket"][:12]) for item in check["items"])
    printed = office.client("jiuzhu1").get(f"/api/spot-checks/{number}.pdf")
    words = "".join(
        "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(printed.content)).pages).split()
    )
    for line in sheet.split("\n\n")[1].split():
        assert line in words, "the paper has the whole frame"
    assert check["digest"] in words
    strata = {(s["stratum"], s["rule"], s["population"], s["drawn"]) for s in check["strata"]}
    assert ("未办结的急难线索（全查）", "全部", 1, 1) in strata
    assert ("近亲属备案户，未报（全查）", "全部", 1, 1) in strata
    assert ("其他已报线索", "10%，不少于 5", 8, 5) in strata


def test_a_sheet_with_one_id_changed_is_refused_by_the_script(office: Office, tmp_path: Path) -> None:
    number = drawn(office)
    sheet = office.client("jiuzhu1").get(f"/api/spot-checks/{number}.txt").text
    with pytest.raises(subprocess.CalledProcessError) as refused:
        by_anybody(tmp_path, sheet.replace("Hh_w|", "Hh_v|"))
    assert "not the one that was frozen" in refused.value.stderr


def test_a_town_learns_its_sample_when_it_has_been_visited(office: Office) -> None:
    number = drawn(office)
    (listed,) = office.get("fuwuban1", "spot-checks")
    assert listed["digest"] == office.get("jiuzhu1", f"spot-checks/{number}")["digest"], (
        "the digest is public"
    )
    sealed = office.get("fuwuban1", f"spot-checks/{number}")
    assert (sealed["sealed"], sealed["seed"], sealed["items"], sealed["strata"]) == (True, None, [], [])
    for kind in ("txt", "pdf"):
        assert office.client("fuwuban1").get(f"/api/spot-checks/{number}.{kind}").json()["code"] == "sealed"
    assert office.get("fuwuban1", "cases?process=town_check")["items"] == [], (
        "the case is the district's until then"
    )
    assert "check_items" not in office.open("fuwuban1")
    assert office.client("wangge").get("/api/spot-checks").status_code == 403
    items = [
        item for item in office.get("jiuzhu1", f"spot-checks/{number}")["items"] if item["town"] == seed.TOWN
    ]
    wrong = next(item["id"] for item in items if item["id"].startswith("L"))
    rows = [{"item": item["id"], "wrong": item["id"] == wrong} for item in items]
    checkers = [PEOPLE["jiuzhu1"], PEOPLE["baopian"]]
    office.do("check_items", "jiuzhu1", "baopian", items=rows, checkers=checkers)
    after = office.get("fuwuban1", f"spot-checks/{number}")
    assert (after["sealed"], after["seed"], len(after["items"])) == (False, SEED, len(items))
    assert {item["result"] for item in after["items"]} == {"相符", "错报"}
    assert [(r["kind"], r["errors"]) for r in after["rates"]] == [("missed", 0), ("wrong", 1)]
    assert all(r["low"] <= r["errors"] / r["looked_at"] <= r["high"] for r in after["rates"])
    office.do("town_answer", "fuwuban1", accepted=True, answer="认可抽查结果")
    (town,) = office.get("fuwuban1", f"spot-checks/{number}")["towns"]
    assert town["receipts"][0]["due"] == "2026-09-15", "the clock of its rectification, with the days counted"


def test_sizes_are_exact() -> None:
    sizes = spot_checks.Sizes(Decimal("0.1"), 5, 10, 5)
    assert [sizes.of("leads", n) for n in (3, 50, 70, 71)] == [3, 5, 7, 8]
    assert [sizes.of(s, 40) for s in ("unsettled", "kin_leads", "kin_others", "focus", "others")] == [
        40,
        40,
        40,
        10,
        5,
    ]


def test_who_is_on_the_register_of_kin_is_always_looked_at(office: Office) -> None:
    kin: list[dict[str, Any]] = [{"id": f"H{n}", "town": "t", "stratum": "kin_others"} for n in range(20)]
    rest = [{"id": f"H{n}", "town": "t", "stratum": "others"} for n in range(20, 60)]
    sample = spot_checks.draw(kin + rest, SEED, spot_checks.Sizes(Decimal("0.1"), 5, 10, 5))
    assert {item["id"] for item in kin} <= {item["id"] for item in sample}
    assert len(sample) == 25
