"""The words and the light of a date follow the days off of the area it belongs to."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

from api.views import due
from engine.calendar import ZONE, Year
from engine.world import World


def test_days_off_of_a_jurisdiction_count_in_words_and_lights(world: World) -> None:
    closed = Year(
        2026,
        "本区停办公告",
        "区政府",
        {date(2026, 9, 15): "停办", date(2026, 9, 16): "停办"},
        frozenset(),
        "120115",
    )
    calendar = world.calendar.with_([closed], 1)
    here = world.with_(calendar=calendar)
    now = datetime(2026, 9, 14, 10, tzinfo=ZONE)
    row = SimpleNamespace(due_at=datetime(2026, 9, 19, tzinfo=ZONE), due_term=None, area="120115/001")
    shown = due.of_task(here, row, now)
    assert (shown.text, shown.light) == ("剩 2 个工作日 · 9月18日前", "soon")
    row.area = "120116/001"
    assert due.of_task(here, row, now).text == "剩 4 个工作日 · 9月18日前"
