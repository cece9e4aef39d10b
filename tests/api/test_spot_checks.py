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


def drawn(office: Office, frame: int = 12) -> str:
    office.do("define_frame", "jiuzhu1")
    number = str(office.get("jiuzhu1", "spot-checks")[0]["number"])
    before = office.get("jiuzhu1", f"spot-checks/{number}")
    assert (before["seed"], before["salt"], before["items"], before["frame_size"]) == (
        None,
        None,
        [],
        frame,
    ), "frozen before the seed is known, and the salt shut up before it is made"
    with office.runtime.db.reading() as tx:
        salt = spot_checks.get(tx, number).salt
    assert salt not in office.client("jiuzhu1").get(f"/api/spot-checks/{number}.txt").text
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


def _words(printed: Any) -> str:
    pages = pypdf.PdfReader(io.BytesIO(printed.content)).pages
    return "".join("".join(p.extract_text() for p in pages).replace("\u200b", "").split())


def test_anybody_computes_the_same_sample_from_the_sheet(office: Office, tmp_path: Path) -> None:
    number = drawn(office)
    check = office.get("jiuzhu1", f"spot-checks/{number}")
    sheet = office.client("jiuzhu1").get(f"/api/spot-checks/{number}.txt").text
    sample = by_anybody(tmp_path, sheet)
    assert sorted(sample) == sorted((item["id"], item["ticket"][:12]) for item in check["items"])
    printed = office.client("jiuzhu1").get(f"/api/spot-checks/{number}.pdf")
    words = _words(printed)
    for line in sheet.split("\n\n")[1].split():
        assert line in words, "the paper has the whole frame"
    assert check["digest"] in words
    assert check["items"]
    for item in check["items"]:
        assert f"{item['name']}{item['place']}{''.join(item['ref'].split())}" in words, (
            "whom to visit is said as people know it"
        )
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


def looked_at(office: Office, number: str, town: str, wrong: str | None = None) -> list[Any]:
    """The district visits a town: everything as reported, one wrong if asked for. Returns the town's items."""
    items = [i for i in office.get("jiuzhu1", f"spot-checks/{number}")["items"] if i["town"] == town]
    child = f"{number}-{town.rpartition('/')[2]}"
    (row,) = [
        t for t in office.get("jiuzhu1", "tasks?size=100")["items"]
        if t["element"] == "check_items" and t["case_number"] == child
    ]  # fmt: skip
    checkers = [PEOPLE["jiuzhu1"], PEOPLE["baopian"]]
    values = {
        "items": [{"item": i["id"], "wrong": i["id"] == wrong} for i in items],
        "checkers": checkers,
        "checked_on": "2026-09-01",
    }
    for who in ("jiuzhu1", "baopian"):
        detail = office.get(who, f"tasks/{row['id']}")
        given = {
            key: value
            for key, value in {**detail["values"], **values}.items()
            if key in _keys(detail["form"])
        }
        body = {"revision": detail["task"]["revision"], "values": given}
        answer = office.post(who, f"tasks/{row['id']}/complete", body)
        assert answer.status_code == 200, answer.text
    office.advance(by="PT10M")
    return items


def _keys(form: Any) -> set[str]:
    return {part for one in form["components"] for part in (one.get("key"), one.get("path")) if part}


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
    wrong = next(
        i["id"] for i in office.get("jiuzhu1", f"spot-checks/{number}")["items"] if i["id"].startswith("L")
    )
    items = looked_at(office, number, seed.TOWN, wrong)
    after = office.get("fuwuban1", f"spot-checks/{number}")
    assert (after["sealed"], after["seed"], len(after["items"])) == (False, SEED, len(items))
    assert {item["result"] for item in after["items"]} == {"相符", "错报"}
    assert [(r["kind"], r["errors"]) for r in after["rates"]] == [("missed", 0), ("wrong", 1)]
    assert all(r["low"] <= r["errors"] / r["looked_at"] <= r["high"] for r in after["rates"])
    office.do("town_answer", "fuwuban1", accepted=True, answer="认可抽查结果")
    (town,) = office.get("fuwuban1", f"spot-checks/{number}")["towns"]
    assert town["receipts"][0]["due"] == "2026-09-15", "the clock of its rectification, with the days counted"


@pytest.fixture
def two_towns(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-08-31T09:00:00+08:00") as made:
        village = seed._village(seed.OTHER_TOWN, 0)
        for n in range(7):
            found(made, subject_name=f"某{n}")
            found(made, "linzhen1", source="07", place_area=village, subject_name=f"邻某{n}")
        made.advance(to="2026-09-01T09:10:00+08:00")
        yield made


def test_who_was_visited_first_learns_nothing_of_the_towns_to_come(two_towns: Office, tmp_path: Path) -> None:
    """K4: seed, salt and the others' lines are shut up until every town was visited; one's own part can be checked at once."""
    office = two_towns
    number = drawn(office, frame=17)
    known = office.get("jiuzhu1", f"spot-checks/{number}")
    salt, others = known["salt"], {i["id"] for i in known["items"] if i["town"] == seed.OTHER_TOWN}
    items = looked_at(office, number, seed.TOWN)
    mine = office.get("fuwuban1", f"spot-checks/{number}")
    assert (mine["sealed"], mine["opened"], mine["seeded"]) == (False, False, True)
    assert (mine["seed"], mine["salt"], mine["seed_source"], mine["case_id"]) == (None, None, None, None)
    assert {i["id"] for i in mine["items"]} == {i["id"] for i in items}
    assert (
        {s["town_name"] for s in mine["strata"]}
        == {t["name"] for t in mine["towns"]}
        == {items[0]["town_name"]}
    )
    text = office.client("fuwuban1").get(f"/api/spot-checks/{number}.txt").text
    paper = _words(office.client("fuwuban1").get(f"/api/spot-checks/{number}.pdf"))
    for given in (text, paper, str(mine)):
        assert not [secret for secret in (SEED, "".join(SEED.split()), salt, *others) if secret in given]
    sample = by_anybody(tmp_path, text)
    assert sorted(sample) == sorted((i["id"], i["ticket"][:12]) for i in items), (
        "the smallest of the town's own tickets"
    )
    assert f"digest={mine['digest']}" in text, (
        "and the script has made the digest of the whole frame from the parts"
    )
    with pytest.raises(subprocess.CalledProcessError):
        by_anybody(tmp_path, text.replace("Hh_w|", "Hh_v|"))
    theirs = office.get("linzhen2", f"spot-checks/{number}")
    assert (theirs["sealed"], theirs["items"]) == (True, [])
    looked_at(office, number, seed.OTHER_TOWN)
    for who in ("fuwuban1", "linzhen2"):
        whole = office.get(who, f"spot-checks/{number}")
        assert (whole["opened"], whole["seed"], whole["salt"]) == (True, SEED, salt)
        assert len({i["town"] for i in whole["items"]}) == 1, "names stay with the town"
        everything = by_anybody(tmp_path, office.client(who).get(f"/api/spot-checks/{number}.txt").text)
        assert {one for one, _ticket in everything} == {i["id"] for i in items} | others


def test_a_sheet_that_lacks_a_town_is_refused_by_the_script(two_towns: Office, tmp_path: Path) -> None:
    number = drawn(two_towns, frame=17)
    text = two_towns.client("jiuzhu1").get(f"/api/spot-checks/{number}.txt").text
    assert len(by_anybody(tmp_path, text)) == len(two_towns.get("jiuzhu1", f"spot-checks/{number}")["items"])
    body = "\n".join(one for one in text.splitlines() if f"|{seed.OTHER_TOWN}|" not in one) + "\n"
    with pytest.raises(subprocess.CalledProcessError):
        by_anybody(tmp_path, body)


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
