"""terms.toml edited under open cases: what has begun stays, a new version comes beside it, a key given up stays readable."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from engine.errors import Invalid
from tasks.runtime import Settings, deploy, open_runtime
from tests.api.office import PEOPLE, Office, acknowledged, found, opened
from tests.conftest import PROCESSES

KEY = "verify.on_site.ordinary"
HEAD = f'key = "{KEY}"\nname = "实地核查"\nn = 3\n'


class Installation:
    """An office whose terms.toml can be edited and deployed again."""

    def __init__(self, folder: Path, office: Office) -> None:
        self.folder, self.office = folder, office
        self.toml = folder / "processes" / "terms.toml"
        self.text = self.toml.read_text("utf-8")

    def edit(self, *changes: tuple[str, str]) -> None:
        for old, new in changes:
            assert self.text.count(old) == 1, old
            self.text = self.text.replace(old, new)
        self.toml.write_text(self.text, "utf-8")

    def restart(self, *, deploys: bool = True) -> list[str]:
        """The server starts again with the files as they are. → what the deployment told"""
        office, told = self.office, list[str]()
        settings = office.runtime.settings
        runtime = open_runtime(Settings(**settings.model_dump()))
        try:
            if deploys:
                with runtime.db.transaction() as tx:
                    deploy(tx, settings.processes, runtime.now(tx), told.append)
        except Invalid:
            runtime.db.engine.dispose()
            raise
        office.runtime.db.engine.dispose()
        fresh = Office(runtime)
        fresh.keys = office.keys
        office.__dict__.update(fresh.__dict__)
        return told

    def refused(self) -> str:
        with pytest.raises(Invalid) as caught:
            self.restart()
        assert caught.value.code == "law_rewritten"
        return caught.value.message

    def rule(self, lead: Any) -> tuple[str, str, str]:
        receipts = self.office.get("fuwuban1", f"cases/{lead['case_id']}")["receipts"]
        one = next(r for r in receipts if r["term"] == KEY)
        return one["rule"].split("：")[1], one["due"], one["citation"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    shutil.copytree(PROCESSES, tmp_path / "processes")
    with opened(tmp_path / "data", "2026-11-24T09:00:00+08:00", processes=tmp_path / "processes") as office:
        yield Installation(tmp_path, office)


def test_a_version_that_has_begun_is_not_rewritten_and_its_cases_keep_it(place: Installation) -> None:
    office, first = place.office, acknowledged(place.office)
    before = place.rule(first)
    assert before[:2] == ("3个工作日", "2026-11-27")
    place.edit((HEAD, HEAD.replace("n = 3", "n = 2")))
    said = place.refused()
    assert f"时限 {KEY}（最早的一条）：n 3 → 2" in said
    assert "旧条写 valid_to，另加新条写 valid_from = 2026-11-25" in said
    # A process that only starts (a worker) reads what was deployed, not the edited file.
    place.restart(deploys=False)
    assert place.rule(first) == before
    # The whole way round: the old entry ends, a new one follows.
    entry = place.text[place.text.index(f'[[term]]\nkey = "{KEY}"') :].split("\n\n")[0]
    place.edit(
        (
            entry,
            entry.replace("n = 2", "n = 3")
            + "\nvalid_to = 2026-11-25\n\n"
            + entry
            + "\nvalid_from = 2026-11-25",
        )
    )
    assert f"{KEY}：3个工作日 → 2个工作日" in place.restart()
    journal = office.get("guanli", "terms/changes")
    assert [(j["kind"], j["name"], j["before"], j["value"], j["valid_from"]) for j in journal] == [
        ("basis", "实地核查", "3个工作日", "2个工作日", "2026-11-25")
    ]
    office.advance(to="2026-11-25T09:00:00+08:00")
    second = acknowledged(office, subject_name="钱某乙", place_text="村西头")
    assert (place.rule(first)[:2], place.rule(second)[:2]) == (
        before[:2],
        ("2个工作日", "2026-11-27"),
    )
    # A value is told in words.
    switch = place.text[place.text.index('key = "appraisal.DIBAO"\n') :].split("\n\n")[0]
    later = switch.replace('value = "as_needed"', 'value = "always"') + "\nvalid_from = 2026-11-26"
    place.edit(
        (switch, f"{switch}\nvalid_to = 2026-11-26\n\n[[parameter]]\n{later.replace('民发', '依民发')}")
    )
    place.restart()
    line = office.get("guanli", "terms/changes")[0]
    assert (line["name"], line["before"], line["value"]) == (
        "低保民主评议",
        "视情况组织",
        "一律组织（依据有变）",
    )
    # The new version has begun, too.
    place.edit(("\nvalid_from = 2026-11-25", "\nvalid_from = 2026-11-24"), ("\nvalid_to = 2026-11-25", "\nvalid_to = 2026-11-24"))  # fmt: skip
    assert "n 3 → 2" in place.refused()
    # What a switch of the day before allows is refused as well: an end in the past.
    place.edit(("\nvalid_from = 2026-11-24", ""), ("\nvalid_to = 2026-11-24\n", "\n"))
    place.text = place.text.replace(f"{entry}\n\n", "", 1)
    place.edit((entry.replace("n = 2", "n = 3"), entry.replace("n = 2", "n = 3") + "\nvalid_to = 2026-11-24"))
    assert "被删去，或 valid_to 写在已过的日期" in place.refused()


def test_a_slip_in_the_words_is_put_right_on_purpose_and_on_record(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = acknowledged(place.office)
    entry = place.text[place.text.index(HEAD) :].split("\n\n")[0]
    place.edit((entry, entry.replace("长塘镇做法", "长塘镇2024年做法")))
    assert "citation " in place.refused()
    settings = place.office.runtime.settings
    monkeypatch.setenv("XUNZHEN_DATA", str(settings.data))
    monkeypatch.setenv("XUNZHEN_PROCESSES", str(settings.processes))
    monkeypatch.setenv("XUNZHEN_SIMULATED", "1")
    tried = CliRunner().invoke(app, ["law", "check"])
    assert (tried.exit_code, "xunzhen law correct" in tried.output) == (1, True)
    done = CliRunner().invoke(app, ["law", "correct", KEY, "--reason", "补写年份"])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["law", "check"]).exit_code == 0
    place.restart()
    number, _, citation = place.rule(first)
    assert (number, "长塘镇2024年做法" in citation) == ("3个工作日", True)
    line = place.office.get("guanli", "terms/changes")[0]
    assert (line["kind"], line["reason"]) == ("basis", "更正文字：补写年份")
    assert "长塘镇2024年做法" in line["value"]
    # A number is no word.
    place.edit((HEAD, HEAD.replace("n = 3", "n = 2")))
    wrong = CliRunner().invoke(app, ["law", "correct", KEY, "--reason", "补写年份"])
    assert (wrong.exit_code, "n 不是文字" in wrong.output) == (1, True)


def test_a_key_given_up_stays_readable_for_what_began_under_it(place: Installation) -> None:
    office, first = place.office, acknowledged(place.office)
    before = place.rule(first)
    place.edit(
        (f'key = "{KEY}"', 'key = "verify.on_sit.ordinary"'), ('key = "lead.gap"', 'key = "lead.gapp"')
    )
    told = place.restart()
    assert f"{KEY}：3个工作日 → 停用" in told
    assert office.task("minzheng1", "verify_on_site")["due"]["due"] == "2026-11-27"
    assert place.rule(first) == before
    table = {item["key"] for item in office.get("guanli", "terms")["items"]}
    assert "verify.on_sit.ordinary" in table
    assert not {KEY, "lead.gap"} & table
    words = {one["value"] for one in office.get("sheji", "designer/vocabulary")["terms"]}
    assert not {KEY, "lead.gap"} & words
    refused = office.post("guanli", "terms/changes", {"kind": "term", "key": KEY, "value": 2, "valid_from": "2026-12-01", "reason": "纪要"})  # fmt: skip
    assert refused.status_code == 404
    # The drawings of open cases go on under it, and it may come back as it was – not as something else.
    found(office, subject_name="钱某乙", place_text="村西头")
    place.edit(('key = "verify.on_sit.ordinary"', f'key = "{KEY}"'), (HEAD, HEAD.replace("n = 3", "n = 1")))
    assert "n 3 → 1" in place.refused()
    place.edit((HEAD.replace("n = 3", "n = 1"), HEAD))
    place.restart()
    assert KEY in {item["key"] for item in office.get("guanli", "terms")["items"]}


def test_before_the_first_case_the_file_may_be_edited_and_three_must_go_where_the_table_says_three(
    place: Installation,
) -> None:
    place.edit(
        (HEAD, HEAD.replace("n = 3", "n = 2")),
        ('key = "repeat_rule"\nvalue = 1', 'key = "repeat_rule"\nvalue = 2'),
        ('key = "verify.min_staff"\nvalue = 2', 'key = "verify.min_staff"\nvalue = 3'),
    )
    place.restart()
    first = acknowledged(place.office)
    assert place.rule(first)[:2] == ("2个工作日", "2026-11-26")
    place.edit(('key = "repeat_rule"\nvalue = 2', 'key = "repeat_rule"\nvalue = 3'))
    assert "参数 repeat_rule（最早的一条）：value 2 → 3" in place.refused()
    office = place.office
    row = office.task("minzheng1", "verify_on_site")
    assert row["together"] == 3
    visit = {
        "verify_result": "confirmed",
        "residence_status": "1",
        "has_support_here": True,
        "persons": 2,
        "policy_explained": True,
    }
    visit |= {"immediate_need": False, "est_amount": 800, "able_to_apply": True, "asks_station": False}
    two = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
    with pytest.raises(AssertionError, match="核查须有 3 名以上人员，现为 2 名"):
        office.do("verify_on_site", "minzheng1", **visit, visitors=two)
    office.do("verify_on_site", "minzheng1", "minzheng2", **visit, visitors=[*two, PEOPLE["fuwuban1"]])
    assert "verify_on_site" in office.open("fuwuban1"), "two have signed, a third must"
    office.do("verify_on_site", "fuwuban1")
    assert "verify_on_site" not in office.open("fuwuban1")


def test_a_term_that_becomes_a_pair_and_a_pair_that_becomes_one_leave_each_case_its_own(
    place: Installation,
) -> None:
    """Who was found under the pair is verified by it; who is found after it gave way, by what took its place."""
    office, first = place.office, found(place.office)
    office.advance(to="2026-11-25T09:00:00+08:00")
    plain, urgent = (_entry(place, f"verify.on_site.{track}") for track in ("ordinary", "emergency"))
    alone = plain.replace(KEY, "verify.on_site").replace("n = 3", "n = 5")
    place.edit((plain, alone), (f"{urgent}\n\n", ""))
    place.restart()
    _acknowledge(office)
    second = acknowledged(office, subject_name="钱某乙", place_text="村西头")
    assert (_verify(office, first), _verify(office, second)) == ("3个工作日", "5个工作日")
    third = found(office, subject_name="孙某丁", place_text="村北头")
    office.advance(to="2026-11-26T09:00:00+08:00")
    place.edit((alone, f"{plain}\n\n{urgent}"))
    place.restart()
    _acknowledge(office)
    fourth = acknowledged(office, subject_name="李某戊", place_text="村南头")
    assert (_verify(office, third), _verify(office, fourth)) == ("5个工作日", "3个工作日")


def test_every_change_to_come_is_told_and_every_process_follows_it(place: Installation) -> None:
    """A law that lapses and one that comes after it, too: a process that was already running then knows it."""
    office = place.office
    acknowledged(office)
    running = open_runtime(Settings(**office.runtime.settings.model_dump()))
    plain, gap = _entry(place, KEY), _entry(place, "lead.gap")
    later = f"valid_from = 2027-01-01\nvalid_to = 2027-06-01\n\n{plain.replace('n = 3', 'n = 1')}\nvalid_from = 2027-06-01"
    place.edit(
        (plain, f"{plain}\nvalid_to = 2027-01-01\n\n{plain.replace('n = 3', 'n = 2')}\n{later}"),
        (gap, f"{gap}\nvalid_to = 2026-11-26"),
    )
    assert place.restart() == [
        "lead.gap：1个工作日 → 没有有效的规定",
        f"{KEY}：3个工作日 → 2个工作日",
        f"{KEY}：3个工作日 → 1个工作日",
    ]
    told = [(j["value"], j["valid_from"]) for j in office.get("guanli", "terms/changes")]
    assert sorted(told, key=lambda one: one[1]) == [
        ("没有有效的规定", "2026-11-26"),
        ("2个工作日", "2027-01-01"),
        ("1个工作日", "2027-06-01"),
    ]
    office.advance(to="2026-11-27T09:00:00+08:00")
    # Whoever compares drawings reads of a lapsed term, and is not stopped by it.
    draft = office.post("sheji", "drafts", {"bundle": "active_discovery", "note": "试"}).json()
    compared = office.post("sheji", f"drafts/{draft['id']}/difference", {"revision": draft["revision"]})
    assert compared.status_code == 200, compared.text

    def stands() -> bool:
        with running.db.reading() as tx:
            return tx.world.terms.stands("lead.gap", running.now(tx).date())

    assert not stands()
    place.edit(
        (f"{gap}\nvalid_to = 2026-11-26", f"{gap}\nvalid_to = 2026-11-26\n\n{gap}\nvalid_from = 2026-11-26")
    )
    assert place.restart() == ["lead.gap：没有有效的规定 → 1个工作日"]
    assert stands()
    running.db.engine.dispose()


def _entry(place: Installation, key: str) -> str:
    return place.text[place.text.index(f'[[term]]\nkey = "{key}"') :].split("\n\n")[0]


def _acknowledge(office: Office) -> None:
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])


def _verify(office: Office, lead: Any) -> str:
    """The number by which a lead is verified on site."""
    receipts = office.get("fuwuban1", f"cases/{lead['case_id']}")["receipts"]
    return str(next(r["rule"] for r in receipts if r["term"].startswith("verify.on_site")).split("：")[1])


def test_an_article_of_a_day_to_come_is_not_cited_before(place: Installation) -> None:
    office = place.office
    entry = place.text[place.text.index('[[parameter]]\nkey = "recusal.kin"') :].split("\n\n")[0]
    later = entry.replace("第七十六条", "第七十七条") + "\nvalid_from = 2027-01-01"
    place.edit((entry, f"{entry}\nvalid_to = 2027-01-01\n\n{later}"))
    place.restart()
    household = {"household": "h_w", "relation": "兄弟姐妹"}
    acknowledged(office, subject_name="王某乙")
    assert office.post("minzheng1", "kinship", household).status_code == 200
    assert "第七十六条" in _withdraws(office)
    office.advance(to="2027-01-01T09:00:00+08:00")
    assert "第七十七条" in _withdraws(office)


def _withdraws(office: Office) -> str:
    """Why a relative may not take up the visit."""
    task = office.task("minzheng2", "verify_on_site")
    answer = office.post("minzheng1", f"tasks/{task['id']}/claim", {"revision": task["revision"]})
    assert answer.status_code == 403, answer.text
    return str(answer.json()["message"])
