"""Drafts of bundles: edited by one person, published by another, checked by the linter before that.

A draft is a whole bundle (all files as text). Publishing deploys it as a new version; new cases take it, open
cases keep theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import definitions, starting
from engine.bundle import Bundle
from engine.calendar import ZONE
from engine.db import Tx, made, new_id
from engine.difference import Change, Names
from engine.difference_parts import differences, form_title
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound, StaleRevision, XunzhenError
from engine.lint import Finding, lint_bundle, names_of, tables_of
from engine.publishing_files import Over, merged, neighbours, newest, readable
from engine.routing import Actor
from engine.tables import drafts


@dataclass(frozen=True, slots=True)
class Draft:
    """A row of `drafts`."""

    id: str
    bundle: str
    state: str
    revision: int
    author: str
    based_on: int | None
    note: str
    files: dict[str, str]
    created_at: datetime
    updated_at: datetime
    publisher: str | None
    deployment_id: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A draft against the newest version (`version`, None: the bundle is new). `seal` stands for exactly these two:
    whoever gives it back has been shown this comparison."""

    version: int | None
    changes: tuple[Change, ...]
    seal: str


_COLUMNS = [drafts.c[name] for name in Draft.__slots__]


def get(tx: Tx, draft_id: str, *, lock: bool = False) -> Draft:
    query = select(*_COLUMNS).where(drafts.c.id == draft_id)
    row = tx.run(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("没有这份草稿。", "No such draft.")
    return made(Draft, row)


def open_drafts(tx: Tx) -> dict[str, Draft]:
    """The unfinished draft of each bundle, if there is one."""
    query = select(*_COLUMNS).where(drafts.c.state.in_(["editing", "submitted"]))
    return {row.bundle: made(Draft, row) for row in tx.run(query)}


def begin(tx: Tx, actor: Actor, bundle: str, note: str, now: datetime) -> Draft:
    """Open a draft on the newest version. One unfinished draft per bundle, so that nobody overwrites anybody."""
    last = definitions.latest(tx, bundle)
    if last is None:
        raise NotFound(f"没有流程包 {bundle}。", f"There is no bundle {bundle}.")
    draft_id = new_id()
    values = {
        "id": draft_id,
        "bundle": bundle,
        "state": "editing",
        "revision": 1,
        "author": actor.id,
        "based_on": last.version,
        "note": note,
        "files": {name: content.decode() for name, content in definitions.files(tx, last.id).items()},
        "created_at": now,
        "updated_at": now,
    }
    try:
        tx.run(insert(drafts), values)
    except IntegrityError as error:
        raise Conflict("这个流程包已有未完成的草稿。", "The bundle has an unfinished draft.") from error
    return get(tx, draft_id)


def save(
    tx: Tx,
    actor: Actor,
    draft_id: str,
    revision: int,
    files: Over,
    note: str,
    now: datetime,
) -> Draft:
    """Keep edited files (others stay, None takes one away). Broken XML or JSON is refused: a draft can always be read."""
    draft = _editable(tx, actor, draft_id, revision)
    made = merged(draft.files, files)
    readable(draft.bundle, made)
    return _change(tx, draft, now, files=made, note=note or draft.note, state="editing")


def submit(tx: Tx, actor: Actor, draft_id: str, revision: int, now: datetime) -> Draft:
    """Hand the draft to a second person. Errors of the linter must be mended first."""
    draft = _editable(tx, actor, draft_id, revision)
    _sound(tx, draft, now)
    return _change(tx, draft, now, state="submitted")


def publish(
    tx: Tx,
    actor: Actor,
    draft_id: str,
    revision: int,
    seal: str,
    now: datetime,
    valid_from: datetime | None = None,
) -> Draft:
    """Deploy the draft as a new version – by another person than its author, who was shown what changes (`seal`)."""
    draft = get(tx, draft_id, lock=True)
    _unchanged(draft, revision)
    why = why_not_publish(draft, actor)
    if why:
        raise Forbidden(why, "A second person publishes a submitted draft.", code="second_person")
    if valid_from is not None and valid_from < now:
        raise Invalid(
            "生效时间不能早于现在。", "Not in the past.", fields=[Field("valid_from", "生效时间不能早于现在")]
        )
    if seal != compare(tx, draft, now).seal:
        raise Conflict(
            "发布前须先看过改动内容；内容已有变化时请重新查看。",
            "The publisher has not seen this comparison.",
            code="not_seen",
        )
    _sound(tx, draft, now)
    made = definitions.deploy(
        tx, readable(draft.bundle, draft.files), now=now, by=actor.id, valid_from=valid_from, note=draft.note
    )
    starting.sync(tx, now)
    return _change(tx, draft, now, state="published", publisher=actor.id, deployment_id=made.id)


def discard(tx: Tx, actor: Actor, draft_id: str, revision: int, now: datetime) -> Draft:
    """Give a draft up. It stays on record."""
    draft = get(tx, draft_id, lock=True)
    _unchanged(draft, revision)
    if draft.state not in ("editing", "submitted"):
        raise Conflict("草稿已经结束。", "The draft has ended.")
    if draft.state == "editing" and draft.author != actor.id:
        raise Forbidden("只有起草人可以作废自己的草稿。", "Only the author discards a draft in work.")
    return _change(tx, draft, now, state="discarded")


def why_not_publish(draft: Draft, actor: Actor) -> str | None:
    """Why this person may not publish this draft, in words."""
    if draft.state != "submitted":
        return "草稿尚未提交发布。"
    if draft.author == actor.id:
        return "起草人不能发布自己的草稿，须由另一人发布。"
    return None


def compare(tx: Tx, draft: Draft, now: datetime, files: Over | None = None) -> Comparison:
    """What the draft (with `files` over it, as on a screen) changes against the newest version, in words.

    Raises Invalid or ModelRefused for files that cannot be read.
    """
    after = readable(draft.bundle, merged(draft.files, files or {}))
    version, before = newest(tx, draft.bundle)
    seal = hashlib.sha256(f"{before.digest} {after.digest}".encode()).hexdigest()
    return Comparison(version, tuple(differences(before, after, _names(tx, before, after, now))), seal)


def findings(tx: Tx, bundle: str, files: Mapping[str, str], now: datetime) -> list[Finding]:
    """What the linter says of these files in the company of everything deployed. Unreadable files are findings too."""
    try:
        read = readable(bundle, files)
    except XunzhenError as error:
        where = error.fields or (Field("", error.message),)
        return [
            Finding(
                file=str(error.data.get("file") or field.path),
                element=field.path or None,
                name=None,
                line=error.data.get("line"),
                rule=error.code,
                severity="error",
                message=field.message,
                remedy="请改正后再保存",
            )
            for field in where
        ]
    around = neighbours(tx, bundle, now).values()
    return lint_bundle(
        read,
        terms=tx.world.terms,
        posts=tx.world.posts,
        known_processes={process for b in (*around, read) for process in b.processes},
        known_forms={form for b in around for form in b.forms},
        known_decisions={decision for b in around for decision in b.decisions},
        codes={key: value for b in [*around, read] for key, value in b.codes.items()},
        around={p.id: p for b in around for p in b.processes.values()},
        tables=tables_of(around),
        given=names_of(around),
        known_jobs=tx.world.known_jobs(),
        on=now.astimezone(ZONE).date(),
    )


# ------------------------------------------------------------------------------------------ private
def _names(tx: Tx, before: Bundle, after: Bundle, now: datetime) -> Names:
    """What posts, terms, forms and stages are called, the neighbours' forms and code lists included."""
    titles: dict[str, str] = {}
    stages: dict[str, str] = {}
    for bundle in (*neighbours(tx, after.key, now).values(), before, after):
        titles |= {key: form_title(raw, key) for key, raw in bundle.forms.items()}
        stages |= {str(o["value"]): str(o["label"]) for o in bundle.codes.get("stage", [])}
    terms, on = tx.world.terms, now.astimezone(ZONE).date()
    words = {key: terms.words(key, on) for key in terms.keys()}  # noqa: SIM118 - a method of ours, not a mapping's
    posts = {key: str(post["label"]) for key, post in tx.world.posts.items()}
    return Names(posts, words, titles, stages)


def _sound(tx: Tx, draft: Draft, now: datetime) -> None:
    errors = [f for f in findings(tx, draft.bundle, draft.files, now) if f.severity == "error"]
    if errors:
        listed = [Field(f.element or f.file, f"{f.message}（{f.remedy}）") for f in errors]
        raise Invalid(
            f"还有 {len(errors)} 处错误，改正后才能提交或发布。",
            "The linter found errors.",
            code="lint_errors",
            fields=listed,
        )


def _unchanged(draft: Draft, revision: int) -> None:
    if draft.revision != revision:
        raise StaleRevision("草稿已有更新，请刷新后再试；您的修改仍在本页。", "The draft has changed.")


def _editable(tx: Tx, actor: Actor, draft_id: str, revision: int) -> Draft:
    draft = get(tx, draft_id, lock=True)
    _unchanged(draft, revision)
    if draft.state not in ("editing", "submitted"):
        raise Conflict("草稿已经发布或作废。", "The draft has ended.")
    if draft.author != actor.id:
        raise Forbidden("只有起草人可以修改草稿。", "Only the author edits a draft.")
    return draft


def _change(tx: Tx, draft: Draft, now: datetime, **values: Any) -> Draft:
    tx.run(
        update(drafts)
        .where(drafts.c.id == draft.id)
        .values(**values, revision=draft.revision + 1, updated_at=now)
    )
    return get(tx, draft.id)
