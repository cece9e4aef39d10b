"""A file is read by who may read what it belongs to; until it belongs anywhere, by who sent it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from casework import seed, sensitive
from casework.tables import publicity
from tests.api.office import PEOPLE, Office, acknowledged, found, opened
from tests.api.test_kin_by_household import handed_over

MORNING = "2026-09-14T09:00:00+08:00"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, MORNING) as made:
        yield made


def sent(office: Office, who: str) -> str:
    key = {"Idempotency-Key": f"upload-{next(office.keys):06d}"}
    answer = office.client(who).post(
        "/api/files", files={"file": ("身份证.png", PNG, "image/png")}, headers=key
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def readers(office: Office, file: str, *people: str) -> list[str]:
    """Who of these gets the file."""
    codes = {who: office.client(who).get(f"/api/files/{file}").status_code for who in people}
    assert set(codes.values()) <= {200, 404}
    return [who for who, code in codes.items() if code == 200]


ALL = ("wangge", "lianluo", "minzheng1", "jiuzhu1", "linzhen1", "jiaoyu")


def test_before_it_belongs_anywhere_a_file_is_the_sender_s(office: Office) -> None:
    assert readers(office, sent(office, "wangge"), *ALL) == ["wangge"]
    assert readers(office, "0" * 32, *ALL) == []


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is no sensitive answer (those: `test_sensitive_reading`)."""
    monkeypatch.setattr(sensitive.Veil, "covers_file", lambda *_: False)


@pytest.mark.usefixtures("plain")
def test_a_file_of_a_case_is_read_by_who_reads_the_case(office: Office) -> None:
    file = sent(office, "wangge")
    found(office, photos=[file])
    assert readers(office, file, *ALL) == ["wangge", "lianluo", "minzheng1", "jiuzhu1"]


def test_naming_a_file_of_others_gives_nobody_a_sight_of_it(office: Office) -> None:
    file = sent(office, "wangge")
    found(office, photos=[file])
    found(office, "linzhen1", photos=[file], subject_name="钱某丁", place_area=seed.OTHER_TOWN)
    assert readers(office, file, "linzhen1") == []


def test_what_is_typed_ahead_is_handed_on_with_the_step(office: Office) -> None:
    found(office)
    file = sent(office, "wangge")
    row = office.task("wangge", "self_verify")
    path = f"/api/tasks/{row['id']}/draft"
    body = {"revision": row["revision"], "values": {"photos": [file]}}
    kept = office.client("wangge").put(path, json=body, headers={"Idempotency-Key": "draft-0001"})
    assert kept.status_code == 200, kept.text
    assert readers(office, file, "lianluo", "linzhen1") == ["lianluo"], "who goes on with it sees it"


@pytest.mark.usefixtures("plain")
def test_the_old_town_reads_what_was_there_and_not_what_comes(office: Office) -> None:
    before = sent(office, "wangge")
    lead = acknowledged(office, photos=[before])
    handed_over(office, lead["case_id"])
    assert readers(office, before, "minzheng1", "linzhen1") == ["minzheng1", "linzhen1"]
    after = sent(office, "linzhen1")
    row = office.task("linzhen1", "verify_on_site")
    body = {"revision": row["revision"], "values": {"photos": [after], "visitors": [PEOPLE["linzhen1"]]}}
    kept = office.client("linzhen1").put(
        f"/api/tasks/{row['id']}/draft", json=body, headers={"Idempotency-Key": "draft-0002"}
    )
    assert kept.status_code == 200, kept.text
    assert readers(office, after, "minzheng1", "linzhen1", "linzhen2") == ["linzhen1", "linzhen2"]


def test_a_photo_of_publicity_is_read_in_its_area(office: Office) -> None:
    file = sent(office, "lianluo")
    row = {
        "id": "x", "area": seed.VILLAGE, "held_on": office.runtime.now().date(), "place": "村口", "form": "talk", "people": 3,
        "topic": "政策", "photos": [file], "person": PEOPLE["lianluo"], "at": office.runtime.now(),
    }  # fmt: skip
    with office.runtime.db.transaction() as tx:
        tx.run(insert(publicity), row)
    assert readers(office, file, *ALL) == ["wangge", "lianluo", "minzheng1", "jiuzhu1"]
