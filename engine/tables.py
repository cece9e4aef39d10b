"""The engine's tables. Names are the ledgers' names; the database guards the invariants too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from engine import tables_legal
from engine.db import Id, Instant, Json, metadata

assert tables_legal is not None  # its table belongs to the one MetaData

KEY = String(200)  # element ids, process ids, term keys: names from files
INCIDENTS = ("job", "timer", "task", "message", "clock", "dates", "urging")


def one_of(column: str, *values: str) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def only(where: str) -> dict[str, Any]:
    """The condition of an index over a part of a table, for both databases."""
    return {"sqlite_where": text(where), "postgresql_where": text(where)}


# ------------------------------------------------------------------------------------------ definitions
deployments = Table(
    "deployments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bundle", KEY, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("deployed_at", Instant, nullable=False),
    Column("deployed_by", Id),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("note", Text, nullable=False, server_default=""),
    UniqueConstraint("bundle", "version"),
)
deployment_files = Table(
    "deployment_files",
    metadata,
    Column("deployment_id", Id, ForeignKey("deployments.id"), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
deployed_processes = Table(
    "deployed_processes",
    metadata,
    Column("deployment_id", Id, ForeignKey("deployments.id"), primary_key=True),
    Column("process", KEY, primary_key=True),
    Column("name", Text),
    Column("executable", Boolean, nullable=False),
    Column("start_messages", Json, nullable=False),  # {message name: start event id}
    Column("calls", Json, nullable=False),  # process ids called; {"process", "tag"} where a version tag binds
    Column("version_tag", Text),
    Column("start_signals", Json),  # {signal name: start event id}
)
pin_sets = Table(
    "pin_sets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("deployments", Json, nullable=False),  # {bundle: deployment id}
)
drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bundle", KEY, nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("author", Id, nullable=False),
    Column("based_on", Integer),
    Column("note", Text, nullable=False, server_default=""),
    Column("files", Json, nullable=False),  # {name: text}
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("publisher", Id),
    Column("deployment_id", Id, ForeignKey("deployments.id")),
    CheckConstraint(one_of("state", "editing", "submitted", "published", "discarded"), name="state"),
    CheckConstraint("publisher is null or publisher <> author", name="second_person"),
    Index(
        "uq_drafts_open",
        "bundle",
        unique=True,
        sqlite_where=text("state in ('editing', 'submitted')"),
        postgresql_where=text("state in ('editing', 'submitted')"),
    ),
)

# ------------------------------------------------------------------------------------------ cases
cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(64), nullable=False),
    Column("process", KEY, nullable=False),
    Column("pins", String(64), ForeignKey("pin_sets.digest"), nullable=False),
    Column("area", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("stage", KEY),
    Column("urgent", Boolean, nullable=False),
    Column("track", String(20)),
    Column("revision", Integer, nullable=False),
    Column("state", LargeBinary),
    Column("document", Json, nullable=False),  # {path: {section: …}}
    Column("variables", Json, nullable=False),
    Column("conclusion", KEY),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("opened_by", Id),
    Column("parent", Id, ForeignKey("cases.id")),
    Column("subject", Id),  # what it is about in the district's own records; asked about by `World.related`
    Column("seq", Integer, nullable=False),
    Column("head", String(64), nullable=False),
    CheckConstraint(one_of("status", "active", "completed", "cancelled"), name="status"),
    UniqueConstraint("process", "number"),
    Index("ix_cases_area_status", "area", "status"),
    Index("ix_cases_opened_by", "opened_by"),
    Index("ix_cases_number", "number"),
    Index("ix_cases_parent", "parent"),
    Index("ix_cases_subject", "subject"),
)

# ------------------------------------------------------------------------------------------ worklist
user_tasks = Table(
    "user_tasks",
    metadata,
    Column("id", Id, primary_key=True),  # the token's key
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("process", KEY, nullable=False),
    Column("element", KEY, nullable=False),
    Column("name", Text, nullable=False),
    Column("stage", KEY),
    Column("area", String(200), nullable=False),
    Column("tier", String(20)),
    Column(
        "posts", Text, nullable=False
    ),  # ",town_civil_officer,town_service_office," – matched at query time
    Column("assignee", Id),
    Column("form", KEY),
    Column("path", Text, nullable=False),
    Column("owners", Json, nullable=False),
    Column("together", Integer, nullable=False),
    Column("acted", Json, nullable=False),  # [{"person", "name", "at", "digest"}]
    Column("recuse", Text),
    Column("state", String(20), nullable=False),
    Column("holder", Id),
    Column("urgent", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("due_at", Instant),
    Column("due_term", KEY),
    Column("due_provisional", Boolean, nullable=False),
    Column("due_state", String(20)),  # paused, extended: what the limit is besides its date
    Column("follow_up", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Id),
    Column("returned_from", KEY),
    Column("came_from", Text),
    Column("draft", Json),
    Column("opened_by", Id),  # the task, job, timer or message whose step led to it
    Column("awaits", Integer, nullable=False, server_default="0"),  # opinions and signatures asked for
    Column("revision", Integer, nullable=False),
    CheckConstraint(one_of("state", "open", "completed", "cancelled"), name="state"),
    CheckConstraint("(state = 'open') = (ended_at is null)", name="ended"),
    Index("ix_user_tasks_case", "case_id", "state"),
    Index("ix_user_tasks_open", "state", "area"),
    Index("ix_user_tasks_holder", "holder", "state"),
    Index("ix_user_tasks_ended_by", "ended_by", "ended_at"),
    Index("ix_user_tasks_opened_by", "opened_by"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("task_id", Id),
    Column("element", KEY),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_of", Id),
    Column("text", Text, nullable=False),
    Column("target", KEY),
    Column("asked_at", Instant, nullable=False),
    Column("opinion", String(20)),
    Column("answer", Text),
    Column("answered_by", Id),
    Column("answered_at", Instant),
    Column("read_at", Instant),
    Column("day", Date),  # of an urging: once a day and task
    Column("revision", Integer, nullable=False),
    CheckConstraint(one_of("kind", "opinion", "presign", "copy", "urge", "jump"), name="kind"),
    CheckConstraint(one_of("state", "open", "answered", "read", "withdrawn", "refused"), name="state"),
    Index("ix_requests_case", "case_id", "state"),
    Index("ix_requests_asked_of", "asked_of", "state"),
    Index(
        "uq_requests_urge",
        "task_id",
        "day",
        unique=True,
        sqlite_where=text("kind = 'urge'"),
        postgresql_where=text("kind = 'urge'"),
    ),
)

# ------------------------------------------------------------------------------------------ jobs and timers
jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("process", KEY, nullable=False),
    Column("element", KEY, nullable=False),
    Column("type", KEY, nullable=False),
    Column("headers", Json, nullable=False),
    Column("variables", Json, nullable=False),
    Column("path", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("attempt", Integer, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("error", Text),
    Column("opened_by", Id),  # as of a user task
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint(one_of("state", "ready", "failed", "completed", "cancelled"), name="state"),
    Index("ix_jobs_due", "due_at", "id", **only("state = 'ready'")),
    Index("ix_jobs_case", "case_id", "state"),
    Index("ix_jobs_opened_by", "opened_by"),
)
timers = Table(
    "timers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("process", KEY, nullable=False),
    Column("element", KEY, nullable=False),
    Column("owners", Json, nullable=False),
    Column("path", Text, nullable=False, server_default=""),
    Column("due_at", Instant),  # null: suspended
    Column("basis", Json),
    Column("calendar", Integer),  # serial of the calendar the date was computed with; null: asked no calendar
    Column("moved_at", Instant),  # when the date was last changed
    Column("state", String(20), nullable=False),
    Column("lease_until", Instant),
    Column("attempt", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint(one_of("state", "pending", "fired", "cancelled", "failed"), name="state"),
    Index("ix_timers_due", "due_at", "id", **only("state = 'pending'")),
    Index("ix_timers_case", "case_id", "state"),
    Index("ix_timers_ended", "ended_at"),
    Index("ix_timers_calendar", "calendar", **only("state = 'pending'")),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deployment_id", Id, ForeignKey("deployments.id"), nullable=False),
    Column("process", KEY, nullable=False),
    Column("element", KEY, nullable=False),  # the timer start event
    Column("expression", Text, nullable=False),
    Column("per", String(20)),  # one case for each area of this tier
    Column("due_at", Instant, nullable=False),
    Column("armed", Json, nullable=False),  # due, left, period
    Column("state", String(20), nullable=False),
    Column("lease_until", Instant),
    Column("attempt", Integer, nullable=False),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint(one_of("state", "pending", "failed", "ended"), name="state"),
    Index(
        "uq_schedules_live",
        "process",
        "element",
        unique=True,
        sqlite_where=text("state <> 'ended'"),
        postgresql_where=text("state <> 'ended'"),
    ),
    Index("ix_schedules_due", "state", "due_at"),
)

# ------------------------------------------------------------------------------------------ subscriptions
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("process", KEY, nullable=False),
    Column("element", KEY, nullable=False),
    Column("path", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", KEY, nullable=False),
    Column("correlation", KEY),
    Column("state", String(20), nullable=False),
    Column(
        "fetches", Boolean, nullable=False, server_default=false()
    ),  # a message in the buffer may be for it
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint(one_of("kind", "message", "signal"), name="kind"),
    CheckConstraint(one_of("state", "open", "closed"), name="state"),
    Index("ix_subscriptions_name", "name", "correlation", "state"),
    Index("ix_subscriptions_case", "case_id", "state"),
    Index("ix_subscriptions_fetches", "created_at", "id", **only("fetches and state = 'open'")),
)
messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", KEY, nullable=False),
    Column("correlation", KEY),
    Column("variables", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("sender", Id),  # the case that threw it
    CheckConstraint(one_of("kind", "message", "signal"), name="kind"),
    CheckConstraint(one_of("state", "sent", "waiting", "delivered", "expired"), name="state"),
    Index("ix_messages_waiting", "name", "correlation", **only("state = 'waiting'")),
    Index("ix_messages_state", "state"),
)

# ------------------------------------------------------------------------------------------ legal clocks
clocks = Table(
    "clocks",
    metadata,
    Column("id", String(300), primary_key=True),  # token key + ":" + term key
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("token", Id, nullable=False),
    Column("path", Text, nullable=False, server_default=""),  # of the token: whose document it belongs to
    Column("process", KEY, nullable=False),
    Column("element", KEY, nullable=False),
    Column("term", KEY, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("terms_on", Date, nullable=False),  # the version of the term in force that day is the pinned one
    Column("started_at", Instant, nullable=False),  # the lawful event
    Column("entered_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("due", Date, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("stopped_at", Instant),  # when the step that ended it was entered
    Column("ended_at", Instant),  # the act the limit asks for, which may be earlier
    Column("ended_by", Text),  # the expression of the drawing that told it; none: the step itself is the act
    Column("pauses", Json, nullable=False),
    Column("extension", Json),
    Column("asked", Json),  # an extension somebody asked for: n, reason, by, by_name, at
    Column(
        "corrections", Json, nullable=False, server_default="[]"
    ),  # of the lawful date: from, to, reason, by …
    Column("area", String(200), nullable=False, server_default=""),  # whose calendar counts
    Column("calendar", Integer, nullable=False, server_default="0"),  # as of a timer
    Column("next_at", Instant),
    Column("next_kind", String(20)),
    CheckConstraint(one_of("state", "running", "paused", "stopped", "cancelled"), name="state"),
    Index(
        "ix_clocks_calendar",
        "calendar",
        sqlite_where=text("state in ('running', 'paused')"),
        postgresql_where=text("state in ('running', 'paused')"),
    ),
    Index("ix_clocks_case", "case_id", "state"),
    Index("ix_clocks_next", "next_at", "id"),
    Index("ix_clocks_element", "case_id", "element", "term", "started_at"),
)

# ------------------------------------------------------------------------------------------ incidents, history
incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("process", KEY, nullable=False),
    Column("element", KEY, nullable=False),
    Column("kind", String(20), nullable=False),  # what a retry repeats
    Column("ref", Id, nullable=False),  # the job, timer, task, message or urging; clock, dates: the case
    Column("code", KEY, nullable=False),
    Column("message", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_by", Id),
    CheckConstraint(one_of("kind", *INCIDENTS), name="kind"),
    CheckConstraint(one_of("state", "open", "resolved"), name="state"),
    Index("ix_incidents_state", "state", "created_at"),
    Index("ix_incidents_case", "case_id", "state"),
    Index(
        "uq_incidents_open",
        "kind",
        "ref",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
history = Table(
    "history",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),  # when it happened
    Column("entered_at", Instant, nullable=False),  # when it was recorded
    Column("kind", KEY, nullable=False),
    Column("actor", Id),
    Column("payload", Json),  # lies beside the chain; lawful deletion empties it
    Column("command", LargeBinary),  # exactly what the engine was told, for replaying; goes with the payload
    Column("salt", String(32), nullable=False),
    Column("digest", String(64), nullable=False),  # of salt and payload
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(
        "ix_history_completed",
        "at",
        sqlite_where=text("kind = 'task.completed'"),
        postgresql_where=text("kind = 'task.completed'"),
    ),
    Index(
        "ix_history_received",
        "at",
        sqlite_where=text("kind = 'message.received'"),
        postgresql_where=text("kind = 'message.received'"),
    ),
    Index(
        "ix_history_moved",
        "entered_at",
        sqlite_where=text("kind = 'case.moved'"),
        postgresql_where=text("kind = 'case.moved'"),
    ),
    Index(
        "ix_history_corrected",
        "entered_at",
        sqlite_where=text("kind = 'clock.corrected'"),
        postgresql_where=text("kind = 'clock.corrected'"),
    ),
)
anchors = Table(
    "anchors",
    metadata,
    Column("day", Date, primary_key=True),
    Column("heads", BigInteger, nullable=False),  # how many cases had moved since the anchor before
    Column("digest", String(64), nullable=False),  # of the anchor before, the day and these heads
    Column("previous", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)
anchor_heads = Table(
    "anchor_heads",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("day", Date, ForeignKey("anchors.day"), nullable=False),
    Index("ix_anchor_heads_day", "day"),
)
idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("person", Id, nullable=False),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
)
clock_setting = Table(
    "clock_setting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("now", Instant, nullable=False),
)
