"""The demo district as it is first opened: some weeks lived, everything real, and the clock running on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from casework import files, seed
from casework.tables import file_links, leads, persons, rosters
from cli.serve import prepare
from engine import wallclock
from engine.calendar import ZONE
from engine.tables import cases, incidents, user_tasks
from tasks.runtime import Runtime, Settings, open_runtime
from tasks.simulation import Simulation
from tests.conftest import PROCESSES

NOW = datetime(2026, 10, 21, 15, 20, tzinfo=ZONE)
WEEKS = 4


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    settings = Settings(data=tmp_path_factory.mktemp("demo"), processes=PROCESSES, simulated=False, demo=True)
    runtime = open_runtime(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runtime, "now", lambda _self, _tx=None: NOW)
        prepare(runtime, WEEKS)
    return runtime


def test_the_weeks_end_now_and_leave_work_to_do(opened: Runtime) -> None:
    with opened.db.reading() as tx:
        found = list(tx.run(select(leads.c.discovered_at).order_by(leads.c.discovered_at)).scalars())
        assert len(found) == WEEKS * 4
        assert NOW - timedelta(weeks=WEEKS, days=1) < found[0] < found[-1] < NOW
        assert tx.run(select(func.count()).where(user_tasks.c.state == "open")).scalar_one() > 0
        assert tx.run(select(func.count()).select_from(incidents)).scalar_one() == 0
        running = tx.run(select(func.count()).where(cases.c.status == "active")).scalar_one()
        assert running > 0
        assert wallclock.now(tx) is None, "from here on the time is the real one"


def test_every_photo_is_a_picture_that_belongs_to_its_case(opened: Runtime) -> None:
    with opened.db.reading() as tx:
        query = select(file_links.c.file).distinct()
        kinds = [files.read(tx, one) for one in tx.run(query).scalars()]
        pictures = [content for kept, content in kinds if kept.type == "image/png"]
        assert pictures
        assert all(content.startswith(b"\x89PNG") for content in pictures)


def test_somebody_is_on_duty_now(opened: Runtime) -> None:
    d = rosters.c
    with opened.db.reading() as tx:
        now = tx.run(select(d.person).where(d.area == seed.TOWN, d.begins <= NOW, d.ends > NOW)).scalars()
        assert len(list(now)) == 1


def test_who_opens_it_again_finds_it_as_it_was(opened: Runtime) -> None:
    with opened.db.reading() as tx:
        before = tx.run(select(func.count()).select_from(persons)).scalar_one()
    prepare(opened, WEEKS)
    with opened.db.reading() as tx:
        assert tx.run(select(func.count()).select_from(persons)).scalar_one() == before
        assert len(list(tx.run(select(leads.c.number)))) == WEEKS * 4


def test_without_weeks_the_books_begin_empty(tmp_path: Path) -> None:
    runtime = open_runtime(Settings(data=tmp_path, processes=PROCESSES, simulated=True, demo=True))
    prepare(runtime)
    with runtime.db.reading() as tx:
        assert list(tx.run(select(leads.c.number))) == []
        assert wallclock.now(tx) is not None


def test_weeks_broken_off_leave_the_real_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_self: object, _what: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Simulation, "_report", stop)
    runtime = open_runtime(Settings(data=tmp_path, processes=PROCESSES, simulated=False, demo=True))
    with pytest.raises(KeyboardInterrupt):
        prepare(runtime, 1)
    with runtime.db.reading() as tx:
        assert not seed.unsettled(tx)
        assert wallclock.now(tx) is None
