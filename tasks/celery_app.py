"""Workers on any number of machines: Celery carries ids as a bell, the database holds the truth.

    celery -A tasks.celery_app worker --beat          (broker: XUNZHEN_BROKER, e.g. redis://…)

Messages may be lost or doubled: `sweep` runs every few seconds and finds what was missed; leases and row locks decide who
works. Nothing here is needed for the embedded installation.
"""

from __future__ import annotations

import time
from functools import lru_cache

from celery import Celery

from tasks import sweep
from tasks.runtime import Runtime, Settings, open_runtime, plain_logs

SWEEP_SECONDS = 5.0
SHIFT_SECONDS = 20.0
"""How long one message keeps a worker at work; the rest is asked for anew, so that a worker told to stop need not be killed."""

app = Celery("xunzhen", broker=Settings().broker or None)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=10,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    timezone="Asia/Shanghai",
    beat_schedule={
        "sweep": {
            "task": "xunzhen.sweep",
            "schedule": SWEEP_SECONDS,
            "options": {"expires": SWEEP_SECONDS},  # workers at work need no pile of messages that say so
        }
    },
)


@lru_cache(maxsize=1)
def installation() -> Runtime:
    """The worker's own connection, opened on first use; its work rings the bell for the next piece."""
    plain_logs()
    runtime = open_runtime()
    runtime.ring = ring
    return runtime


@app.task(name="xunzhen.sweep")
def run_sweep() -> int:
    """Do what is due, round after round as the embedded worker does: a flood does not wait for the beat between two rounds. After
    a while the rest is left to the next message. Idempotent: two at once share the work."""
    runtime = installation()
    total, end = 0, time.monotonic() + SHIFT_SECONDS
    while done := sweep.run_due(runtime.db, runtime.now()):
        total += done
        if time.monotonic() > end:
            ring()
            break
    return total


def ring() -> None:
    """Ask some worker to look now. A broker that is away must not fail anybody's request: the beat comes anyway."""
    try:
        run_sweep.apply_async(expires=60, retry=False)
    except app.connection().transport.connection_errors:
        sweep.log.warning("the broker is away; the next sweep will find the work")
