"""Designing over HTTP: the words a drawing may name, the difference in words, publishing by somebody who saw it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.hosting import HOST_FUNCTIONS
from tasks.registry import HANDLERS
from tests.api.office import Office, opened
from tests.conftest import PROCESSES

MODEL = "active_discovery.bpmn"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-25T20:30:00+08:00") as made:
        yield made


def begun(office: Office) -> Any:
    answer = office.post("sheji", "drafts", {"bundle": "active_discovery", "note": "试"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def saved(office: Office, draft: Any, old: str, new: str) -> Any:
    text = next(file["text"] for file in draft["files"] if file["name"] == MODEL)
    assert old in text
    body = {"revision": draft["revision"], "files": [{"name": MODEL, "text": text.replace(old, new)}]}
    answer = office.client("sheji").put(
        f"/api/drafts/{draft['id']}", json=body, headers={"Idempotency-Key": f"put-{draft['id']}"}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def difference(office: Office, who: str, draft: Any) -> Any:
    answer = office.post(who, f"drafts/{draft['id']}/difference", {"revision": draft["revision"]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_vocabulary_has_everything_the_drawings_name(office: Office) -> None:
    words = office.get("sheji", "designer/vocabulary")
    values = {kind: {word["value"] for word in listed} for kind, listed in words.items()}
    assert values["tiers"] == {"grid", "village", "town", "district"}
    assert values["jobs"] == set(HANDLERS)
    assert values["functions"] == set(HOST_FUNCTIONS)
    assert {"active_discovery", "aid_item", "first_aid"} <= values["processes"]
    assert {"lead_urgency", "programme_route"} <= values["decisions"]
    assert {"lead_report", "self_verify", "survey"} <= values["forms"]
    assert {"discovery", "payout"} <= values["stages"]
    assert {path.stem for path in PROCESSES.glob("*/*.bpmn")} <= values["processes"]
    assert all(len(values[kind]) == len(words[kind]) for kind in words), "nothing is listed twice"
    forms = {word["value"]: word["label"] for word in words["forms"]}
    assert forms["self_verify"] == "第一时间核实"
    terms = {word["value"]: word for word in words["terms"]}
    assert terms["lead.town_ack"]["label"] == "镇（街）签收 4个工作小时，急难 1小时"
    assert "社会救助法" in terms["lead.report"]["hint"]
    posts = {word["value"]: word for word in words["posts"]}
    assert posts["town_civil_officer"] == {
        "value": "town_civil_officer",
        "label": "镇（街）民政干部",
        "hint": "",
        "tiers": ["town"],
    }
    assert next(job for job in words["jobs"] if job["value"] == "lead.match")["label"] == "查重比对"


def test_only_designers_are_told_the_vocabulary(office: Office) -> None:
    assert office.client("wangge").get("/api/designer/vocabulary").status_code == 403


@pytest.mark.parametrize(
    ("text", "ok", "part"),
    [
        ('=urgency <= 2 and now() > deadline("lead.report")', True, ""),
        ("=urgency <=", False, "表达式有误"),
        ("=wurgency(3)", False, "没有函数 wurgency"),
    ],
)
def test_an_expression_is_checked_as_the_engine_reads_it(
    office: Office, text: str, ok: bool, part: str
) -> None:
    answer = office.post("sheji", "designer/expression", {"text": text}).json()
    assert answer["ok"] is ok
    assert part in answer["message"]


def test_the_publisher_sees_what_changes_in_words(office: Office) -> None:
    draft = begun(office)
    assert difference(office, "sheji", draft)["changes"] == []
    draft = saved(
        office,
        draft,
        '<zeebe:property name="term" value="lead.gap"/>',
        '<zeebe:property name="term" value="verify.on_site"/>',
    )
    draft = office.post("sheji", f"drafts/{draft['id']}/submit", {"revision": draft["revision"]}).json()
    shown = difference(office, "fabu", draft)
    assert shown["version"] == 1
    assert [change["text"] for change in shown["changes"]] == [
        f"「评估困难是否缓解」的时限由 {term(office, 'lead.gap')} 改为 实地核查 3个工作日，急难 24小时。"
    ]
    path = f"drafts/{draft['id']}/publish"
    unseen = office.post("fabu", path, {"revision": draft["revision"], "seal": "0" * 64})
    assert (unseen.status_code, unseen.json()["code"]) == (409, "not_seen")
    own = office.post("sheji", path, {"revision": draft["revision"], "seal": shown["seal"]})
    assert own.status_code == 403
    done = office.post("fabu", path, {"revision": draft["revision"], "seal": shown["seal"]})
    assert (done.status_code, done.json()["version"]) == (200, 2)


def term(office: Office, key: str) -> str:
    listed = office.get("sheji", "designer/vocabulary")["terms"]
    return str(next(word["label"] for word in listed if word["value"] == key))


def test_a_seal_of_an_older_state_of_the_draft_is_not_enough(office: Office) -> None:
    draft = begun(office)
    early = difference(office, "fabu", draft)
    draft = saved(office, draft, 'name="评估困难是否缓解"', 'name="看困难是否缓解"')
    draft = office.post("sheji", f"drafts/{draft['id']}/submit", {"revision": draft["revision"]}).json()
    late = office.post(
        "fabu", f"drafts/{draft['id']}/publish", {"revision": draft["revision"], "seal": early["seal"]}
    )
    assert late.status_code == 409
