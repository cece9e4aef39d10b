"""The words a designer may use: what exists to be named in a drawing."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Read
from engine import definitions, forms
from engine.calendar import ZONE
from engine.hosting import HOST_FUNCTIONS
from engine.model import Tier
from tasks.registry import HANDLERS

router = APIRouter(prefix="/api/designer", tags=["designer"])
TIERS = {Tier.VILLAGE: "村（居）", Tier.TOWN: "镇（街）", Tier.DISTRICT: "区", Tier.GRID: "网格"}
UNITS = {"wd": "个工作日", "cd": "日", "wh": "个工时", "h": "小时", "m": "个月"}


class Word(BaseModel):
    value: str
    label: str
    hint: str = ""


class Post(Word):
    tiers: list[str]


class Vocabulary(BaseModel):
    """`forms` and `processes` of every bundle in force; `terms` with their length in words and their source."""

    tiers: list[Word]
    posts: list[Post]
    forms: list[Word]
    terms: list[Word]
    stages: list[Word]
    jobs: list[Word]
    processes: list[Word]
    functions: list[str]


@router.get("/vocabulary")
def vocabulary(at: Read) -> Vocabulary:
    at.require("design")
    world, on = at.tx.world, at.now.astimezone(ZONE).date()
    found_forms: dict[str, Word] = {}
    found_processes: dict[str, Word] = {}
    codes = {}
    for deployed in definitions.in_force(at.tx, at.now).values():
        for name, content in definitions.files(at.tx, deployed.id).items():
            if name.endswith(".form"):
                form = forms.load(content)
                found_forms[form.id] = Word(value=form.id, label=form.title, hint=deployed.name)
        found_processes[deployed.bundle] = Word(value=deployed.bundle, label=deployed.name)
        codes = codes or definitions.pinned(at.tx, definitions.pin(at.tx, "active_discovery", at.now)).codes
    return Vocabulary(
        tiers=[Word(value=tier, label=label) for tier, label in TIERS.items()],
        posts=[
            Post(value=key, label=post["label"], tiers=list(post["tiers"]))
            for key, post in world.posts.items()
        ],
        forms=sorted(found_forms.values(), key=lambda word: (word.hint, word.label)),
        terms=[
            Word(value=term.key, label=f"{term.name}（{term.n}{UNITS[term.unit]}）", hint=term.citation or "")
            for term in (world.terms.get(key, on) for key in sorted(world.terms.terms))
        ],
        stages=[Word(value=str(o["value"]), label=str(o["label"])) for o in codes.get("stage", [])],
        jobs=[Word(value=kind, label=kind) for kind in sorted(HANDLERS)],
        processes=sorted(found_processes.values(), key=lambda word: word.label),
        functions=sorted(HOST_FUNCTIONS),
    )
