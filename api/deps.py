"""What a route gets: a transaction, the person acting, the instant. `commit` of the API stands here and only here.

The transaction is committed before the response leaves (function-scoped dependency): a failed commit is
never answered with success.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from api.errors import NotLoggedIn, Replayed
from casework import reveals, sessions, staff
from casework.reading import Listed, View
from casework.reading import listed as in_a_list
from engine.db import Database, Tx
from engine.errors import Conflict, Forbidden, Invalid
from engine.routing import Actor
from engine.tables import idempotency
from tasks.runtime import Runtime

COOKIE = "xz_session"
M = TypeVar("M", bound=BaseModel)


def runtime(request: Request) -> Runtime:
    return cast(Runtime, request.app.state.runtime)


def database(request: Request) -> Database:
    return runtime(request).db


@dataclass
class Reader:
    """A reading request by somebody who is logged in. `readings`: of sensitive answers, put on record before the answer leaves."""

    tx: Tx
    actor: Actor
    now: datetime
    runtime: Runtime
    readings: list[reveals.Reading] = field(default_factory=list, kw_only=True)
    lists: list[tuple[Listed, str]] = field(default_factory=list, kw_only=True)

    @property
    def rights(self) -> frozenset[str]:
        return staff.rights(self.actor)

    @property
    def home(self) -> str:
        """The area of the first post. Raises Forbidden for who holds none."""
        if not self.actor.appointments:
            raise Forbidden("您目前没有任职，请联系管理员。", "You hold no post.", code="no_post")
        return self.actor.appointments[0].area

    def shown(self, view: View, doing: str | None = None) -> None:
        """A case was shown like this: if anything sensitive was in clear, it is to be recorded. `doing`: what was printed."""
        self.readings += view.readings(self.actor, self.now, doing)

    def listed(self, cases: Iterable[str], doing: str) -> Listed:
        """How sensitive answers of a list of cases lie before the reader; what is shown of them goes on record."""
        found = in_a_list(self.tx, self.actor, cases, self.now)
        self.lists.append((found, doing))
        return found

    def require(self, *rights: str) -> None:
        """One of the rights is enough. Raises Forbidden."""
        if self.rights.isdisjoint(rights):
            raise Forbidden("您没有这项权限。", f"The right {' or '.join(rights)} is missing.")


@dataclass
class Writer(Reader):
    """A writing request. `done` stores the answer under the request's idempotency key."""

    key: str | None
    digest: str

    def done(self, answer: M) -> M:
        if self.key is not None:
            row = {
                "key": self.key,
                "person": self.actor.id,
                "request": self.digest,
                "status": 200,
                "answer": answer.model_dump(mode="json"),
                "created_at": self.now,
            }
            self.tx.write(insert(idempotency), row)
        return answer


OPEN_TO_STRANGERS = ("areas", "clock", "files", "me", "notifications", "referrals", "requests", "tasks")
"""What people of outside bodies reach; whatever is built later is closed to them until it is named here."""


def _person(tx: Tx, request: Request, now: datetime) -> Actor:
    token = request.cookies.get(COOKIE)
    person = sessions.person_of(tx, token, now) if token else None
    if person is None:
        raise NotLoggedIn("请先登录。", "Please log in.")
    actor = staff.actor_of(tx, person, now)
    if actor.stranger and request.url.path.split("/")[2] not in OPEN_TO_STRANGERS:
        raise Forbidden(
            "您的岗位只办理送达本单位的事项，不能查看其他内容。",
            "People of outside bodies get what is addressed to them and nothing else.",
            code="addressed_only",
        )
    return actor


def reading(request: Request) -> Iterator[Reader]:
    """Whoever reads sensitive answers is on record before having them: in a short transaction of its own, the first time of the day."""
    running = runtime(request)
    with running.db.reading() as tx:
        now = running.now(tx)
        reader = Reader(tx, _person(tx, request, now), now, running)
        yield reader
        of_lists = [one for found, doing in reader.lists for one in found.readings(reader.actor, now, doing)]
        new = reveals.unwritten(tx, [*reader.readings, *of_lists])
    if new:
        with running.db.transaction() as tx:
            reveals.write(tx, new)


async def _body(request: Request) -> bytes:
    """The raw body, for its digest. An upload is read as a stream by its route and has none here."""
    return b"" if _is_upload(request) else await request.body()


def _is_upload(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/")


def writing(request: Request, body: Annotated[bytes, Depends(_body)]) -> Iterator[Writer]:
    running = runtime(request)
    if request.headers.get("X-CSRF") != "1":
        raise Forbidden(
            "请求缺少防伪标记，请从本系统页面操作。", "The header X-CSRF: 1 is missing.", code="csrf"
        )
    key = request.headers.get("Idempotency-Key")
    if key is None or not 8 <= len(key) <= 80:
        raise Invalid(
            "请求缺少幂等键。",
            "The header Idempotency-Key (8 to 80 characters) is missing.",
            code="no_idempotency_key",
        )
    with running.db.begin() as tx:
        now = running.now(tx)
        actor = _person(tx, request, now)
        stored, digest = f"{actor.id}:{key}", _digest(request, body)
        if (
            tx.together
        ):  # the same request at once: the second waits for the first one's answer; SQLite has one writer
            tx.run(_ALONE, {"key": stored})
        _replay(tx, stored, digest)
        yield Writer(tx, actor, now, running, stored, digest)
        try:
            tx.commit()
        except IntegrityError:
            tx.rollback()
            _replay(tx, stored, digest)
            raise


_ALONE = text("select pg_advisory_xact_lock(hashtextextended('answer ' || cast(:key as text), 0))")


def _digest(request: Request, body: bytes) -> str:
    seen = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    seen.update(body)
    return seen.hexdigest()


def _replay(tx: Tx, key: str, digest: str) -> None:
    known: Any = tx.run(select(idempotency).where(idempotency.c.key == key)).one_or_none()
    if known is None:
        return
    if known.request != digest:
        raise Conflict(
            "同一幂等键已用于另一请求。",
            "The idempotency key was used for another request.",
            code="key_reused",
        )
    raise Replayed(known.status, known.answer)


Read = Annotated[Reader, Depends(reading, scope="function")]
Write = Annotated[Writer, Depends(writing, scope="function")]


# ------------------------------------------------------------------------------------------ without a login
@dataclass
class Passer:
    """A request by somebody nobody knows. `address`: the network address it comes from (behind a proxy: as the proxy tells it)."""

    tx: Tx
    now: datetime
    address: str


def _passer(tx: Tx, request: Request) -> Passer:
    return Passer(tx, runtime(request).now(tx), request.client.host if request.client else "")


def _passing(request: Request) -> Iterator[Passer]:
    with runtime(request).db.reading() as tx:
        yield _passer(tx, request)


def _sending(request: Request) -> Iterator[Passer]:
    with runtime(request).db.transaction() as tx:
        yield _passer(tx, request)


Passing = Annotated[Passer, Depends(_passing, scope="function")]
Sending = Annotated[Passer, Depends(_sending, scope="function")]
