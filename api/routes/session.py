"""Login, logout, who am I."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from api import schemas
from api.deps import COOKIE, Read, Write, runtime
from api.errors import NotLoggedIn, TooMany, answer
from casework import areas, seed, sessions, staff
from engine.db import Tx
from engine.errors import Field, Forbidden
from engine.routing import Actor
from tasks.runtime import Runtime

router = APIRouter(prefix="/api", tags=["session"])
HOMES = (("design", "/designer"), ("watch", "/state"), ("work", "/tasks"), ("refer", "/referrals"))


class Session(BaseModel):
    me: schemas.Me | None


class DemoAccount(BaseModel):
    username: str
    password: str
    name: str
    post: str


def me(tx: Tx, actor: Actor) -> schemas.Me:
    rights = sorted(staff.rights(actor))
    every = (*actor.appointments, *actor.outside)
    names = areas.names(tx, {held.area for held in every})
    posts = [
        schemas.PostHeld(
            post=held.post,
            label=str(tx.world.posts.get(held.post, {}).get("label", held.post)),
            tier=held.tier,
            area=held.area,
            area_name=names.get(held.area, held.area),
            instead_of=held.instead_of_name,
        )
        for held in every
    ]
    home = next(
        (page for right, page in HOMES if right in rights and not (right == "watch" and "report" in rights)),
        "/tasks",
    )
    return schemas.Me(
        id=actor.id,
        username=staff.username(tx, actor.id),
        name=actor.name,
        posts=posts,
        rights=rights,
        stranger=actor.stranger,
        home=home,
    )


@router.post("/login")
def login(request: Request, response: Response, body: schemas.Login) -> schemas.Me:
    """Open a session. Ten failures lock the account for a quarter of an hour."""
    if request.headers.get("X-CSRF") != "1":
        raise Forbidden(
            "请求缺少防伪标记，请从本系统页面操作。", "The header X-CSRF: 1 is missing.", code="csrf"
        )
    running = runtime(request)
    with running.db.begin() as tx:
        now = running.now(tx)
        result = sessions.login(tx, body.username, body.password, now)
        tx.commit()  # a failed attempt is counted too
        if result.locked:
            raise TooMany(
                "连续输错次数过多，请 15 分钟后再试。", "Too many failures; try again in 15 minutes."
            )
        if result.token is None or result.person is None:
            raise NotLoggedIn("用户名或密码不对。", "Wrong user name or password.", code="wrong_password")
    with running.db.reading() as tx:
        known = me(tx, staff.actor_of(tx, result.person, now))
    response.set_cookie(
        COOKIE,
        result.token,
        httponly=True,
        samesite="lax",
        secure=running.settings.secure_cookie,
        max_age=12 * 3600,
    )
    return known


@router.post("/logout", status_code=204)
def logout(request: Request, response: Response, running: Annotated[Runtime, Depends(runtime)]) -> None:
    token = request.cookies.get(COOKIE)
    if token:
        with running.db.transaction() as tx:
            sessions.end(tx, token)
    response.delete_cookie(COOKIE)


@router.get("/session")
def session(request: Request, running: Annotated[Runtime, Depends(runtime)]) -> Session:
    """Who is logged in, if anybody: the question a page asks before it knows, so that "nobody" is an answer and no error."""
    with running.db.reading() as tx:
        now = running.now(tx)
        token = request.cookies.get(COOKIE)
        person = sessions.person_of(tx, token, now) if token else None
        return Session(me=me(tx, staff.actor_of(tx, person, now)) if person is not None else None)


@router.get("/me")
def who_am_i(at: Read) -> schemas.Me:
    return me(at.tx, at.actor)


@router.post("/me/password", response_model=schemas.Done)
def change_password(request: Request, at: Write, body: schemas.PasswordWrite) -> Response | schemas.Done:
    """修改本人密码: other sessions end. Nothing of it is kept under the idempotency key – a digest of passwords is no place for them."""
    token = request.cookies.get(COOKIE, "")
    changed = sessions.change_password(at.tx, at.actor.id, token, body.old, body.new, at.now)
    if changed is sessions.Changed.LOCKED:
        text, english = "连续输错次数过多，请 15 分钟后再试。", "Too many failures; try again in 15 minutes."
        return answer(429, "too_many_attempts", text, english)
    if changed is sessions.Changed.WRONG:
        fields = (Field("old", "原密码不对"),)
        return answer(422, "wrong_password", "原密码不对。", "The old password is wrong.", fields)
    return schemas.Done(message="密码已修改，其他设备上的登录已退出。")


@router.get("/demo-accounts")
def demo_accounts(request: Request) -> list[DemoAccount]:
    """The accounts of the demo district, for the login page of a demo server; none elsewhere."""
    if not runtime(request).settings.demo:
        return []
    return [
        DemoAccount(username=a.username, password=a.password, name=a.name, post=a.label)
        for a in seed.demo_accounts()
    ]
