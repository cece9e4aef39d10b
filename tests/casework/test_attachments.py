"""What a file belongs to, on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from casework import attachments, files, leads, seed, staff
from casework.tables import file_links, publicity
from engine.db import Tx
from tests.tasks.rig import NOW

PNG = b"\x89PNG of a door"


def actor(tx: Tx, who: str) -> Any:
    return staff.actor_of(tx, f"p_{who}", NOW)


def test_ids_are_found_wherever_they_stand() -> None:
    one, two = "a" * 32, "0123456789abcdef" * 2
    assert set(attachments.named({"x": [{"y": one}], "z": two, "n": 3, "text": f"见 {one}"})) == {one, two}


def test_a_file_belongs_to_the_case_that_names_it_and_to_the_record_it_shows(tx: Tx) -> None:
    sender, neighbour = actor(tx, "wangge"), actor(tx, "linzhen1")
    sent = files.store(tx, "门前.png", PNG, sender.id, NOW).id
    assert [attachments.may_read(tx, one, sent) for one in (sender, neighbour)] == [True, False]
    values = {
        "source": "01", "place_area": seed.VILLAGE, "main_cause": "22", "urgent_signs": [], "subject_name": "赵某", "residence_status": "1",
        "photos": [sent],
    }  # fmt: skip
    made = leads.report(tx, sender, values, NOW)
    links = tx.run(select(file_links.c.case_id, file_links.c.seq)).all()
    assert [tuple(link) for link in links] == [(made.case_id, 1)]
    town = actor(tx, "minzheng1")
    assert [attachments.may_read(tx, one, sent) for one in (sender, town, neighbour)] == [True, True, False]
    shown = files.store(tx, "村口.png", PNG, sender.id, NOW).id
    row = {
        "id": "x", "area": seed.OTHER_TOWN, "held_on": NOW.date(), "place": "村口", "form": "talk", "people": 3, "topic": "政策",
        "photos": [shown], "person": sender.id, "at": NOW,
    }  # fmt: skip
    tx.run(insert(publicity), row)
    assert [attachments.may_read(tx, one, shown) for one in (town, neighbour)] == [False, True]
