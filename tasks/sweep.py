"""The worker's one loop: find what is due, do each thing in a transaction of its own, say how much was done.

In-process thread, Celery worker and simulated clock all run this. The database decides (leases, row locks);
a bell or a Celery message only says that looking is worthwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from datetime import datetime, time
from functools import partial
from typing import Any, NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from casework import ladder as urgings
from casework import reorganising
from engine import (
    cases,
    jobs,
    messages,
    reminders,
    reprojection,
    schedules,
    starting,
    step,
    subscriptions,
    undelivered,
)
from engine.calendar import ZONE
from engine.db import Database, Tx
from engine.errors import XunzhenError, named
from tasks import (
    assessments,
    campaigns,
    care,
    control,
    duties,
    ladder,
    leads,
    money,
    notices,
    owed,
    payments,
    points,
    recognitions,
    referrals,
    registry,
    remedies,
    reviews,
    watch,
)

HANDLERS = (
    assessments,
    control,
    campaigns,
    care,
    duties,
    ladder,
    leads,
    money,
    notices,
    owed,
    payments,
    points,
    recognitions,
    referrals,
    remedies,
    reviews,
)  # importing them registers the handlers
log = structlog.get_logger("worker")
IDLE = 5.0
"""Seconds between two looks when no bell rings."""


TIMERS = 5
"""Timers taken at once for each job: they are short and alike, and a flood of them is over sooner with fewer looks around."""


def known_jobs() -> Set[str]:
    """Job types with a handler: what a drawing may ask for."""
    return registry.HANDLERS.keys()


def run_due(db: Database, now: datetime, limit: int = 20) -> int:
    """Do what is due at `now`, at most about `limit` of each kind. Returns how many things were done.

    Each thing is done by itself: one that fails is noted and stops no other. A kind that cannot even be looked at stops no other
    kind; its error is raised when all have had their turn.
    """
    with db.reading() as tx:
        if not waiting(tx, now):
            return 0
    done, wrong = 0, list[Exception]()
    for kind in (relay, fetch, work, start_due, reorganise, watch.run_due, reproject_due, remind, go_further):
        try:
            done += kind(db, now, limit)
        except Exception as error:
            log.exception("a kind of work failed", kind=kind.__name__)
            wrong.append(error)
    if wrong:
        raise wrong[0]
    return done


def work(db: Database, now: datetime, limit: int) -> int:
    """Jobs and timers, leased to this worker."""
    with db.transaction() as tx:
        due_jobs, due_timers = jobs.lease_jobs(tx, now, limit), jobs.lease_timers(tx, now, limit * TIMERS)
    for leased in due_jobs:
        run_job(db, leased.id, now)
    for leased in due_timers:
        run_timer(db, leased.id, now)
    return len(due_jobs) + len(due_timers)


def waiting(tx: Tx, now: datetime) -> bool:
    """Is there anything to do? Looking takes no lock; doing nothing in a transaction for each kind would hold people up."""
    ahead = _ahead(tx)
    return (
        ahead.sent
        or not ahead.watched
        or (ahead.at is not None and ahead.at <= now)
        or bool(reprojection.waiting(tx, 1))
    )


def drain(db: Database, now: datetime, rounds: int = 2_000) -> int:
    """Go on until nothing is due at `now`."""
    total = 0
    for _ in range(rounds):
        done = run_due(db, now)
        total += done
        if not done:
            return total
    raise RuntimeError(f"still work to do after {rounds} rounds")


TRIES = 3
"""How often a thing is done at once that failed only because another was in its way (a deadlock, a lock not given)."""


def _alone(what: str, do: Callable[[], Any], note: Callable[[Exception], Any]) -> bool:
    """Do one thing; what goes wrong is noted. Whatever happens, the next thing has its turn. True: done, or noted."""
    try:
        _tried(do)
    except Exception as error:
        code, message = named(error)
        unexpected = not isinstance(error, XunzhenError | registry.BpmnError)
        log.warning("failed", what=what, code=code, message=message, exc_info=unexpected)
        try:
            _tried(partial(note, error))
        except Exception:
            log.exception("failed, and could not be noted: it comes again", what=what)
            return False
    return True


def _tried(do: Callable[[], Any]) -> None:
    for left in reversed(range(TRIES)):
        try:
            do()
        except OperationalError:
            if not left:
                raise
        else:
            return


def run_job(db: Database, job_id: str, now: datetime) -> None:
    """One job: handler and token in one transaction; a failure is counted in another."""

    def do() -> None:
        with db.transaction() as tx:
            _handle(tx, job_id, now)

    def note(error: Exception) -> None:
        if isinstance(error, registry.BpmnError):
            _job_error(db, job_id, error, now)
            return
        with db.transaction() as tx:
            cases.fail_job(tx, job_id, *named(error), now)

    _alone(f"job {job_id}", do, note)


def _handle(tx: Tx, job_id: str, now: datetime) -> None:
    known = jobs.job(tx, job_id)
    if known is None:
        return
    case = step.lock(tx, known.case_id)  # the case's lock first, as everywhere
    row = jobs.job(tx, job_id)  # read under the lock: whoever held it may have ended the job
    if row.state != "ready":
        return
    result = registry.run(tx, row, case, now)
    cases.finish_job(tx, job_id, result.variables, now, result.document)


def _job_error(db: Database, job_id: str, error: registry.BpmnError, now: datetime) -> None:
    try:
        with db.transaction() as tx:
            cases.throw_job_error(tx, job_id, error.code, str(error), now)
    except XunzhenError as uncaught:
        with db.transaction() as tx:
            cases.fail_job(tx, job_id, uncaught.code, f"{error.code}：{uncaught.message}", now)


def run_timer(db: Database, timer_id: str, now: datetime) -> None:
    def do() -> None:
        with db.transaction() as tx:
            cases.fire_timer(tx, timer_id, now)

    def note(error: Exception) -> None:
        with db.transaction() as tx:
            cases.fail_timer(tx, timer_id, *named(error), now)

    _alone(f"timer {timer_id}", do, note)


def reorganise(db: Database, now: datetime, _limit: int = 20) -> int:
    """Planned changes of the area tree whose day has come; one that cannot be carried out is kept with its reason."""

    def do(change: str) -> None:
        with db.transaction() as tx:
            reorganising.apply(tx, change, now)

    def note(change: str, error: Exception) -> None:
        with db.transaction() as tx:
            reorganising.failed(tx, change, named(error)[1], now)

    with db.reading() as tx:
        planned = reorganising.due(tx, now)
    return sum(_alone(f"area change {one}", partial(do, one), partial(note, one)) for one in planned)


def start_due(db: Database, now: datetime, _limit: int = 20) -> int:
    """Cases that the clock starts, one transaction each; a turn that fails is tried again and then shown to a person."""

    def note(schedule_id: str, error: Exception) -> None:
        with db.transaction() as tx:
            schedules.failed(tx, schedule_id, named(error)[1], now)

    with db.transaction() as tx:
        leased = schedules.lease(tx, now)
    for one in leased:
        _alone(f"turn {one}", partial(_turn, db, one, now), partial(note, one))
    return len(leased)


def _turn(db: Database, schedule_id: str, now: datetime) -> None:
    """A place that cannot begin holds up no other; the turn fails with its error and is tried again for what is missing."""
    with db.transaction() as tx:
        starting.sync(tx, now)  # a version may have come into force since
        row = schedules.get(tx, schedule_id)
        if row is None or row.state != "pending" or row.due_at > now:  # another worker has taken the turn
            return
        wanted = starting.places(tx, row, now)
    wrong: list[Exception] = []
    for place in wanted:
        try:
            with db.transaction() as tx:
                starting.begin(tx, row, place, now)
        except Exception as error:
            wrong.append(error)
    if wrong:
        raise wrong[0]
    with db.transaction() as tx:
        starting.turn_over(tx, schedule_id, row.due_at, now)


def relay(db: Database, now: datetime, limit: int = 20) -> int:
    """Deliver thrown messages, one transaction each; one that cannot be sent is shown to a person and holds up nothing."""

    def do(key: str) -> None:
        with db.transaction() as tx:
            message = subscriptions.sent(tx, key)
            if message is not None:
                messages.relay(tx, message, now)

    def note(key: str, error: Exception) -> None:
        with db.transaction() as tx:
            undelivered.unsent(tx, key, *named(error), getattr(error, "element", None), now)

    with db.reading() as tx:
        found = subscriptions.on_their_way(tx, limit * TIMERS)
    return sum(_alone(f"message {key}", partial(do, key), partial(note, key)) for key in found)


def fetch(db: Database, now: datetime, limit: int = 20) -> int:
    """Bring what lies in the buffer to the cases that have begun to wait for it, one transaction each."""

    def do(case_id: str) -> None:
        with db.transaction() as tx:
            messages.fetch(tx, case_id, now)

    def note(case_id: str, error: Exception) -> None:
        with db.transaction() as tx:
            undelivered.unfetched(tx, case_id, *named(error), getattr(error, "element", None), now)

    with db.reading() as tx:
        found = subscriptions.fetching(tx, limit * TIMERS)
    return sum(_alone(f"message for {one}", partial(do, one), partial(note, one)) for one in found)


REMINDERS = 200
"""Reminders told in one transaction: enough that a flood is over in minutes, few enough that a person waits tenths of a second."""


def remind(db: Database, now: datetime, _limit: int = 20, together: int = REMINDERS) -> int:
    """E1 and E3: tell people about clocks, many at once; where one of them cannot be told, each by itself."""
    try:
        return _remind(db, now, together)
    except Exception:
        log.warning("reminders failed together, now one by one", exc_info=True)

    def note(clock: str, error: Exception) -> None:
        with db.transaction() as tx:
            cases.fail_clock(tx, clock, *named(error), now)

    with db.reading() as tx:
        due = reminders.due(tx, now, together)
    return sum(
        _alone(f"reminder {one}", partial(_remind, db, now, 1, one), partial(note, one)) for one in due
    )


def _remind(db: Database, now: datetime, limit: int, only: str | None = None) -> int:
    with db.transaction() as tx:
        due = reminders.lease(tx, now, limit, only)
        if due:
            tx.world.on_clocks(tx, due, now)
    return len(due)


def go_further(db: Database, now: datetime, limit: int = 20) -> int:
    """What was urged and not answered goes one rung up."""

    def do(request: str) -> None:
        with db.transaction() as tx:
            urgings.go_further(tx, request, now)

    def note(request: str, error: Exception) -> None:
        with db.transaction() as tx:
            urgings.put_off(tx, request, *named(error), now)

    with db.reading() as tx:
        due = urgings.unanswered(tx, now, limit)
    return sum(_alone(f"urging {one}", partial(do, one), partial(note, one)) for one in due)


def reproject_due(db: Database, now: datetime, limit: int = 20) -> int:
    """Cases whose dates were computed under an earlier calendar, one transaction each."""

    def do(case_id: str) -> None:
        with db.transaction() as tx:
            reprojection.reproject(tx, case_id, now)

    def note(case_id: str, error: Exception) -> None:
        with db.transaction() as tx:
            cases.fail_dates(tx, case_id, *named(error), now)

    with db.reading() as tx:
        found = reprojection.waiting(tx, limit)
    return sum(_alone(f"dates of {one}", partial(do, one), partial(note, one)) for one in found)


class _Ahead(NamedTuple):
    """`at`: the next instant at which something is due; `sent`: a message is to be delivered; `watched`: the daily look has had its first turn."""

    at: datetime | None
    sent: bool
    watched: bool


_MOMENTS = (*jobs.NEXT_DUE, reminders.NEXT_DUE, schedules.NEXT_DUE, urgings.NEXT_DUE, watch.NEXT_DUE)
_MAIL = (subscriptions.SENT, subscriptions.FETCHING)
_AHEAD = select(*(each.scalar_subquery() for each in (*_MOMENTS, reorganising.NEXT_DAY, *_MAIL)))


def _ahead(tx: Tx) -> _Ahead:
    *moments, watched, day, sent, fetching = list[Any](tx.run(_AHEAD).one())
    begins = datetime.combine(day, time(), ZONE) if day is not None else None
    known = [at for at in (*moments, watched, begins) if at is not None]
    return _Ahead(min(known, default=None), bool(sent or fetching), watched is not None)


def next_due(tx: Tx) -> datetime | None:
    """The next instant at which something will be due, for a simulated clock."""
    return _ahead(tx).at


def advance(
    db: Database, start: datetime, to: datetime, moved: Callable[[datetime], None] = lambda _at: None
) -> int:
    """Move a simulated clock from `start` to `to`, stopping wherever something is due."""
    total, now = drain(db, start), start
    while True:
        with db.reading() as tx:
            due = next_due(tx)
        if due is None or due > to:
            break
        now = max(now, due)
        moved(now)
        total += drain(db, now)
    moved(to)
    return total + drain(db, to)


class Worker:
    """The embedded worker: a thread that sweeps when the bell rings and every few seconds."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self.db, self.now = db, now
        self._ring, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        self._ring.set()

    def stop(self) -> None:
        self._stop.set()
        self._ring.set()
        self._thread.join(10)

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._ring.clear()
            try:
                while run_due(self.db, self.now()) and not self._stop.is_set():
                    pass
            except Exception:
                # The thread must outlive a database that is away for a moment; leases bring the work back.
                log.exception("sweep failed")
            self._ring.wait(IDLE)
