"""What a running installation is made of: settings, world, database, clock. Built once by server, worker and command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from pydantic_settings import BaseSettings, SettingsConfigDict

import migrations
from casework import (
    attachments,
    ending,
    kin,
    known,
    ladder,
    nobody_left,
    referring,
    roster,
    standards,
    turns,
)
from engine import definitions, legal, starting, wallclock
from engine.bundle import read_bundle
from engine.calendar import ZONE, load_calendar
from engine.db import Database, Tx, connect
from engine.lint import load_posts
from engine.terms_file import load_terms
from engine.world import World
from tasks import projections, reminders, sweep

ROOT = Path(__file__).parents[1]


class Settings(BaseSettings):
    """Read from the environment, prefix `XUNZHEN_`. The defaults are the embedded installation."""

    model_config = SettingsConfigDict(env_prefix="XUNZHEN_", extra="ignore")

    data: Path = ROOT / "var"
    database: str = ""
    processes: Path = ROOT / "processes"
    web: Path = ROOT / "web" / "dist"
    broker: str = ""  # empty: the embedded worker thread
    simulated: bool = False  # a clock that stands still until it is moved
    demo: bool = False  # seed the demo district and show its accounts on the login page
    host: str = "127.0.0.1"
    port: int = 8000
    secure_cookie: bool = False  # true behind HTTPS
    address: str = ""  # https://… under which the public reaches this server; empty: no code on notices

    @property
    def public(self) -> str:
        """The address printed on notices; a demo shows its own."""
        own = f"http://{self.host}:{self.port}" if self.demo else ""
        return (self.address or own).rstrip("/")

    @property
    def url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'xunzhen.db'}"


@dataclass
class Runtime:
    """An open installation. `ring` is set by whoever runs the work (thread, Celery, or a test that drains itself)."""

    settings: Settings
    db: Database
    ring: Callable[[], None] = lambda: None
    extras: dict[str, Any] = field(default_factory=dict)

    def now(self, tx: Tx | None = None) -> datetime:
        """The instant: the wall clock, or the simulated one of this database."""
        if tx is not None or not self.settings.simulated:
            return _instant(self.settings, tx)
        with self.db.reading() as reader:
            return _instant(self.settings, reader)


def _instant(settings: Settings, tx: Tx | None) -> datetime:
    simulated = wallclock.now(tx) if settings.simulated and tx is not None else None
    return simulated or datetime.now(UTC)


def make_world(settings: Settings, bell: Callable[[], None]) -> World:
    """Calendar, terms and posts from `processes/`, answers about areas and kin from the casework."""
    return World(
        calendar=load_calendar(settings.processes / "calendars"),
        terms=load_terms(settings.processes / "terms.toml"),
        posts=load_posts(settings.processes / "posts.toml"),
        standard=standards.standard,
        related=kin.related,
        recused=kin.recused,
        held=ending.held,
        bound=ending.bound,
        register=known.register,
        on_clocks=reminders.tell_all,
        tell=reminders.tell_posts,
        rules=legal.Rules(),
        on_urgent=roster.alarm,
        on_opened=nobody_left.look,
        superior=nobody_left.superior,
        on_dropped=referring.released,
        on_cut=projections.cut,
        on_done=projections.done,
        on_retry=ladder.again,
        on_filed=attachments.keep,
        places=turns.sites,
        today=lambda tx: _instant(settings, tx).astimezone(ZONE).date(),
        bell=bell,
        known_jobs=sweep.known_jobs,
        data=settings.data,
        address=settings.public,
        simulated=settings.simulated,
    )


def plain_logs() -> None:
    """One line per event and traces without local variables: a log must not keep personal data. Called by every process once."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ]
    )


def open_runtime(settings: Settings | None = None) -> Runtime:
    """Connect; the database may still be empty."""
    settings = settings or Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    bells: list[Runtime] = []
    world = make_world(settings, lambda: bells[0].ring())  # noqa: PLW0108 - the runtime does not exist yet
    runtime = Runtime(settings, Database(connect(settings.url), world))
    bells.append(runtime)
    return runtime


def migrate(runtime: Runtime) -> None:
    migrations.upgrade(runtime.db.engine)


def bundle_folders(processes: Path) -> list[Path]:
    """Every folder of `processes/` that holds a model, a table or a form."""
    kinds = (".bpmn", ".dmn", ".form")
    return sorted(
        p for p in processes.iterdir() if p.is_dir() and any(f.suffix in kinds for f in p.iterdir())
    )


def deploy(tx: Tx, processes: Path, now: datetime, told: Callable[[str], None] = lambda _line: None) -> int:
    """Deploy the law and every bundle of a folder; what is unchanged stays. Returns how many bundle versions are new.

    Raises Invalid where `terms.toml` rewrites what has begun.
    """
    for line in legal.adopt_basis(tx, load_terms(processes / "terms.toml"), now):
        told(f"{line.key}：{line.before or '（新增）'} → {line.after}")
    before = definitions.versions(tx)
    new = 0
    for folder in bundle_folders(processes):
        made = definitions.deploy(tx, read_bundle(folder), now=now, note="随安装部署")
        if before.get(made.bundle) != made.version:
            new += 1
            told(f"{made.name} 第 {made.version} 版")
    starting.sync(tx, now)
    legal.adopt_files(tx, load_calendar(processes / "calendars"), now)
    return new
