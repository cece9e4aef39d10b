"""What travels when people ask something of each other about a case: opinions, copies, urgings, moves, hand-overs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas import Model, RequestRow, TaskRow


class Ask(Model):
    """委派 (`opinion`) or 前加签 (`presign`): who is to speak before the task is done."""

    revision: int
    kind: Literal["opinion", "presign"]
    of: list[str] = Field(min_length=1, max_length=20)
    text: str = Field(default="", max_length=1000)


class Answering(Model):
    revision: int
    opinion: Literal["agree", "disagree"] | None = None  # for a signature before mine
    text: str = Field(default="", max_length=2000)


class Withdrawal(Model):
    revision: int
    reason: str = Field(default="", max_length=500)


class CopyWrite(Model):
    of: list[str] = Field(min_length=1, max_length=50)
    text: str = Field(default="", max_length=1000)


class UrgeWrite(Model):
    text: str = Field(default="", max_length=500)


class JumpWrite(Model):
    revision: int
    target: str
    reason: str = Field(min_length=2, max_length=500)


class JumpDecision(Model):
    revision: int
    approve: bool
    reason: str = Field(default="", max_length=500)


class HandOver(Model):
    person: str
    to: str | None = None  # none: back to the posts
    reason: str = Field(min_length=2, max_length=500)


class RequestList(Model):
    items: list[RequestRow]
    total: int
    page: int = 1
    size: int = 20
    waiting: dict[str, int]  # answer, copies, moves: how many wait for the reader


class Holder(Model):
    """Somebody who holds tasks; `gone` when the account is disabled or no post is held any more."""

    id: str
    name: str
    posts: str
    held: int
    gone: bool


class HeldTasks(Model):
    people: list[Holder]
    tasks: list[TaskRow]
