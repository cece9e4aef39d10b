"""Years, and some weeks of May, lived by a small district."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine import wallclock
from engine.calendar import ZONE
from tasks import comparison, settling, simulation, yearbook
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime
from tests.conftest import PROCESSES

LEADS = 8


def begun(
    folder: Path, processes: Path, leads: int, year: int, seed: int, kind: type[simulation.Simulation]
) -> Any:
    runtime = open_runtime(Settings(data=folder, processes=processes, simulated=True, demo=True))
    migrate(runtime)
    return kind(runtime, replace(settling.sizes()["small"], leads=leads), year, seed)


def run(sim: simulation.Simulation, processes: Path) -> None:
    with sim.db.transaction() as tx:
        wallclock.set_now(tx, sim.begin)
        deploy(tx, processes, sim.begin)
    sim.run()


def lived(folder: Path, seed: int, processes: Path = PROCESSES) -> tuple[Runtime, simulation.Simulation]:
    """A whole year."""
    year = begun(folder, processes, LEADS, 2026, seed, simulation.Simulation)
    run(year, processes)
    return year.runtime, year


class Weeks(simulation.Simulation):
    """Some days of May in which all leads come at once; `habits` as the test says."""

    def begins(self, days: int, **habits: Any) -> None:
        self.begin = self.now = self.looked = datetime(self.begin.year, 5, 11, tzinfo=ZONE)
        self.end = self.begin + timedelta(days=days)
        self.habits = self.habits | habits

    def arrival(self, number: int) -> datetime:
        return self.begin + timedelta(hours=9, minutes=self.chance("arrival", number).randrange(60))


def weeks(
    folder: Path, days: int, year: int = 2026, processes: Path = PROCESSES, leads: int = 6, **habits: Any
) -> tuple[Weeks, dict[str, float], dict[str, comparison.Course], list[yearbook.Reserve]]:
    """→ the weeks as lived, how long the steps of each element waited in all, the course of every case, the towns' reserves."""
    lived: Weeks = begun(folder, processes, leads, year, 7, Weeks)
    lived.begins(days, **habits)
    run(lived, processes)
    with lived.db.reading() as tx:
        waited = {b.element: b.waited for b in yearbook.bottlenecks(tx)}
        courses = comparison.courses(tx, lived.result.numbers, lived.end)
        reserves = yearbook.reserves(tx, lived.end)
    lived.db.engine.dispose()
    return lived, waited, courses, reserves
