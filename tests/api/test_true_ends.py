"""A limit ends at the act its form records, entered then or later; what went out meanwhile stays, with a word that the act was in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from casework import indicators, performance, timelines
from tasks import yearbook
from tests.api.office import Office, acknowledged, found, opened
from tests.api.office import verified as met
from tests.api.stories import receipts

PROMPT, LATE = "2026-09-15T10:40:00+08:00", "2026-09-15T20:00:00+08:00"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Any]]:
    """An emergency: the village went within the hour and wrote it down in the evening, when the town had been urged."""
    with opened(Path(tmp_path_factory.mktemp("ends")), "2026-09-15T10:00:00+08:00") as office:
        lead = found(
            office, main_cause="15", occurred_at="2026-09-15T09:30:00+08:00", urgent_signs=["no_shelter"]
        )
        office.advance(to="2026-09-15T15:00:00+08:00")
        task = office.task("wangge", "self_verify")
        assert office.post("jiuzhu1", f"tasks/{task['id']}/urge", {"text": "请尽快到场"}).status_code == 200
        office.advance(to=LATE)
        office.do("self_verify", "wangge", self_result="confirmed", seen_at=PROMPT)
        yield office, lead


def verified(office: Office, lead: Any) -> Any:
    (found,) = receipts(office, lead, "lead.self_verify.emergency")
    return found


def test_what_was_done_in_time_and_entered_late_is_in_time(story: tuple[Office, Any]) -> None:
    office, lead = story
    receipt = verified(office, lead)
    assert receipt["words"] == "按时办结（迟录），应于 9月15日 12:00前"
    assert receipt["text"].endswith("；办结于9月15日 10:40（9月15日 20:00 录入）")
    assert (receipt["ended_at"][:16], receipt["end_entered_at"][:16]) == (
        "2026-09-15T02:40",
        "2026-09-15T12:00",
    )


def test_what_went_out_meanwhile_stays_and_says_that_the_act_was_in_time(story: tuple[Office, Any]) -> None:
    office, lead = story
    sent = [r for r in office.get("jiuzhu1", f"cases/{lead['case_id']}/ladder") if r["kind"] != "reminder"]
    assert "urge" in {r["kind"] for r in sent}
    assert all("按时办结" in r["act"] and "才录入" in r["act"] for r in sent), sent


def test_every_figure_asks_the_act_as_far_as_it_was_known_then(story: tuple[Office, Any]) -> None:
    office, lead = story
    case, tiers = lead["case_id"], ("village", "grid")
    day, now = performance.Period(date(2026, 9, 15), date(2026, 9, 16)), office.runtime.now()
    with office.runtime.db.reading() as tx:
        (line,) = [c for c in yearbook.compliance(tx, now) if c.term == "lead.self_verify.emergency"]
        known = performance.terms_kept(tx, "120115", tiers, day, now)
        then = performance.terms_kept(
            tx, "120115", tiers, day, datetime.fromisoformat("2026-09-15T19:00:00+08:00")
        )
        network = indicators.figures(tx, "120115", "village", day.start, day.end)
        course = [m.what for m in timelines.rebuild(tx, case).moments]
    assert (line.on_time, line.late) == (1, 0)
    assert (known.kept, known.late) == ([case], [])
    assert (then.kept, then.late) == ([], [case])
    (village,) = [one.network for one in network.values() if one.network.due]
    assert (village.due, village.in_time) == (1, 1)
    assert not [what for what in course if what.startswith("时限届满：第一时间核实")]


def test_a_wrong_moment_is_refused_by_the_form(story: tuple[Office, Any]) -> None:
    office, _ = story
    found(office, subject_name="钱某丁")
    task = office.task("wangge", "self_verify")
    values = {
        **office.get("wangge", f"tasks/{task['id']}")["values"],
        "self_result": "confirmed",
        "means": "visit",
    }
    for moment, said in [
        ("2026-09-14T09:00:00+08:00", "不能早于发现时间"),
        ("2026-09-16T09:00:00+08:00", "不能晚于现在"),
    ]:
        body = {"revision": task["revision"], "values": {**values, "seen_at": moment}}
        refused = office.post("wangge", f"tasks/{task['id']}/complete", body)
        assert refused.status_code == 422
        assert any(said in field["message"] for field in refused.json()["fields"]), refused.text


def test_the_moment_put_right_is_judged_anew(story: tuple[Office, Any]) -> None:
    office, lead = story
    case = f"cases/{lead['case_id']}"
    receipt = verified(office, lead)
    body = {
        "revision": office.get("jiuzhu1", case)["revision"],
        "clock": receipt["id"],
        "date": "2026-09-15T13:10:00+08:00",
    }
    body["reason"] = "登记簿为 13:10 到场"
    assert office.post("wangge", f"{case}/end-dates", body).status_code == 403
    answer = office.post("fuwuban1", f"{case}/end-dates", body)
    assert answer.status_code == 200, answer.text
    assert verified(office, lead)["words"] == "超期办结，应于 9月15日 12:00前"
    (row,) = [e for e in office.get("jiuzhu1", case)["timeline"] if e["title"].startswith("更正办理时间")]
    assert "由按时改为超期" in row["text"]
    rungs = office.get("jiuzhu1", f"{case}/ladder")
    assert all(r["act"] is None for r in rungs)


def test_a_visit_on_site_in_time_and_entered_days_later_is_in_time(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-15T10:00:00+08:00") as office:
        lead = acknowledged(office)
        office.advance(to="2026-09-21T09:00:00+08:00")
        met(office, verified_at="2026-09-17T15:00:00+08:00")
        (receipt,) = receipts(office, lead, "verify.on_site.ordinary")
        assert receipt["words"] == "按时办结（迟录），应于 9月18日前"
