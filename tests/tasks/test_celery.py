"""Real Celery workers on a real Valkey and a real PostgreSQL: work is done elsewhere, and nothing is lost when a worker dies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import func, select

from casework import leads, seed, staff
from engine import jobs, wallclock
from engine.db import Tx
from engine.tables import history as history_table
from engine.tables import jobs as jobs_table
from engine.tables import user_tasks
from tasks.runtime import Runtime, Settings, deploy, migrate, open_runtime
from tests.conftest import PROCESSES
from tests.servers import Postgres, valkey

ROOT = PROCESSES.parent
BEGUN = datetime.fromisoformat("2026-09-25T20:30:00+08:00")
PATIENCE = 90.0


@dataclass
class House:
    """An installation whose work is done by workers elsewhere, on a simulated clock."""

    runtime: Runtime
    environment: dict[str, str]
    bell: Celery
    log: Path

    def report(self, name: str) -> str:
        with self.runtime.db.transaction() as tx:
            now = self.runtime.now(tx)
            values = {
                "source": "01",
                "place_area": seed.VILLAGE,
                "place_text": "村东头",
                "main_cause": "22",
                "urgent_signs": [],
                "subject_name": name,
                "residence_status": "1",
            }
            return leads.report(tx, staff.actor_of(tx, "p_wangge", now), values, now).case_id

    @contextmanager
    def worker(self, *, beat: bool = False) -> Iterator[subprocess.Popen[bytes]]:
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "tasks.celery_app",
            "worker",
            "-c",
            "2",
            "-l",
            "warning",
        ]
        command += ["-B", "-s", str(self.log.with_suffix(".beat"))] if beat else []
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)

    def until(self, holds: Callable[[Tx], bool], what: str) -> None:
        """Look at the database until it is so; a worker that never comes fails the test with its log."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with self.runtime.db.reading() as tx:
                if holds(tx):
                    return
        pytest.fail(f"{what}: {self.log.read_text()[-3000:]}")


def waits_at(case_id: str, element: str) -> Callable[[Tx], bool]:
    u = user_tasks.c
    query = select(u.id).where(u.case_id == case_id, u.element == element, u.state == "open")
    return lambda tx: tx.run(query).first() is not None


@pytest.fixture
def house(tmp_path: Path, postgres: Postgres) -> Iterator[House]:
    with valkey() as broker:
        url = postgres.database()
        environment = {
            **os.environ,
            "XUNZHEN_DATABASE": url,
            "XUNZHEN_BROKER": broker,
            "XUNZHEN_DATA": str(tmp_path),
            "XUNZHEN_SIMULATED": "1",
        }
        runtime = open_runtime(Settings(database=url, data=tmp_path, processes=PROCESSES, simulated=True))
        migrate(runtime)
        with runtime.db.transaction() as tx:
            wallclock.set_now(tx, BEGUN)
            seed.seed_demo(tx, BEGUN)
            deploy(tx, PROCESSES, BEGUN)
        bell = Celery("test", broker=broker)
        yield House(runtime, environment, bell, tmp_path / "worker.log")
        bell.close()
        runtime.db.engine.dispose()


@pytest.mark.postgres
def test_workers_elsewhere_do_the_work_and_their_death_loses_nothing(house: House) -> None:
    first = house.report("周某戊")
    with house.worker(beat=True) as process:
        house.until(waits_at(first, "self_verify"), "the lead was not matched by a worker")
        process.kill()
        process.wait(30)
    second = house.report("吴某己")
    with house.runtime.db.transaction() as tx:
        leased = jobs.lease_jobs(tx, house.runtime.now(tx))
        assert [job.case_id for job in leased] == [second], "a worker takes the job – and dies with it"
    with house.worker():
        house.bell.send_task("xunzhen.sweep")
        third = house.report("郑某庚")
        for _ in range(3):  # a bell rung three times is work done once
            house.bell.send_task("xunzhen.sweep")
        house.until(waits_at(third, "self_verify"), "the second worker did nothing")
        with house.runtime.db.reading() as tx:
            assert not waits_at(second, "self_verify")(tx), "what is leased is left alone"
        with house.runtime.db.transaction() as tx:
            wallclock.set_now(tx, BEGUN + jobs.LEASE + timedelta(minutes=1))
        house.bell.send_task("xunzhen.sweep")
        house.until(waits_at(second, "self_verify"), "the dead worker's job was not taken over")
        with house.runtime.db.transaction() as tx:
            wallclock.set_now(tx, BEGUN + timedelta(days=2))
        house.bell.send_task("xunzhen.sweep")
        late = select(func.count()).where(
            history_table.c.case_id == second, history_table.c.kind == "timer.fired"
        )
        house.until(lambda tx: tx.run(late).scalar_one() > 0, "no worker fired the timer")
    with house.runtime.db.reading() as tx:
        done = select(jobs_table.c.case_id, func.count()).where(
            jobs_table.c.type == "lead.match", jobs_table.c.state == "completed"
        )
        counted = {row[0]: row[1] for row in tx.run(done.group_by(jobs_table.c.case_id))}
    assert counted == {first: 1, second: 1, third: 1}
