"""What a designer may name in a drawing, and whether an expression can be run."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter

from api.deps import Read
from api.schemas import designer as schemas
from engine import definitions, feel
from engine.bundle import Bundle, bundle_of
from engine.calendar import ZONE
from engine.difference_parts import form_title
from engine.dmn import reader
from engine.errors import XunzhenError
from engine.hosting import HOST_FUNCTIONS
from engine.model import Tier
from tasks import registry

router = APIRouter(prefix="/api/designer", tags=["designer"])
TIERS = {Tier.GRID: "网格", Tier.VILLAGE: "村（居）", Tier.TOWN: "镇（街）", Tier.DISTRICT: "区"}
FUNCTIONS = {
    "deadline": ("deadline(时限, 起算时间)", "时限到期的时刻；不写起算时间则自环节开始起算"),
    "remind": ("remind(时限, 比例, 起算时间)", "时限过了几成的时刻，如 0.5"),
    "now": ("now()", "现在的时刻"),
    "today": ("today()", "今天"),
    "parameter": ("parameter(参数)", "参数表里当日有效的值"),
    "standard": ("standard(标准)", "本地当日有效的金额标准，如低保标准"),
    "actors": ("actors(环节, …)", "办过这些环节的人，用于回避"),
    "register": ("register(簿册, 编号)", "簿册里现在的记录"),
}
"""What the surroundings lend to expressions (`engine.hosting`), with parameters and meaning."""


def _bundles(at: Read) -> list[Bundle]:
    force = definitions.in_force(at.tx, at.now)
    return [bundle_of(key, definitions.files(at.tx, found.id)) for key, found in sorted(force.items())]


@router.get("/vocabulary")
def vocabulary(at: Read) -> schemas.Vocabulary:
    """Tiers, posts, forms, terms, stages, job types, decisions, processes and functions a drawing may name."""
    at.require("design")
    world, on, bundles = at.tx.world, at.now.astimezone(ZONE).date(), _bundles(at)
    terms = world.terms
    return schemas.Vocabulary(
        tiers=[schemas.Word(value=tier, label=label) for tier, label in TIERS.items()],
        posts=[
            schemas.PostWord(value=key, label=post["label"], tiers=list(post["tiers"]))
            for key, post in world.posts.items()
        ],
        forms=_forms(bundles),
        terms=[
            schemas.Word(value=key, label=terms.words(key, on), hint=terms.get(key, on).citation or "")
            for key in sorted(terms.keys())
            if terms.stands(key, on)
        ],
        stages=[
            schemas.Word(value=str(option["value"]), label=str(option["label"]))
            for bundle in bundles
            for option in bundle.codes.get("stage", [])
        ],
        jobs=_jobs(bundles),
        decisions=[
            schemas.Word(value=key, label=node.name, hint=bundle.name)
            for bundle in bundles
            for file in sorted(set(bundle.decisions.values()))
            for key, node in reader.read(bundle.files[file]).decisions.items()
        ],
        processes=[
            schemas.Word(value=key, label=process.name or key, hint=bundle.name)
            for bundle in bundles
            for key, process in bundle.processes.items()
        ],
        functions=[
            schemas.Word(value=name, label=FUNCTIONS[name][0], hint=FUNCTIONS[name][1])
            for name in sorted(HOST_FUNCTIONS)
        ],
    )


def _forms(bundles: Iterable[Bundle]) -> list[schemas.Word]:
    found = [
        schemas.Word(value=key, label=form_title(raw, key), hint=bundle.name)
        for bundle in bundles
        for key, raw in bundle.forms.items()
    ]
    return sorted(found, key=lambda word: (word.hint, word.label))


def _jobs(bundles: Iterable[Bundle]) -> list[schemas.Word]:
    """Every registered handler (`api.app` imports the worker), called after the steps that use it."""
    used: dict[str, dict[str, None]] = {}
    for bundle in bundles:
        for process in bundle.processes.values():
            for node in process.nodes.values():
                if node.job_type:
                    used.setdefault(node.job_type, {})[node.name or node.id] = None
    return [
        schemas.Word(
            value=kind, label=next(iter(used.get(kind, {})), kind), hint="、".join(used.get(kind, {}))
        )
        for kind in sorted(registry.HANDLERS)
    ]


@router.post("/expression")
def expression(at: Read, body: schemas.ExpressionWrite) -> schemas.ExpressionCheck:
    """Would the engine compile this FEEL text, and does it know the functions called?"""
    at.require("design")
    try:
        unknown = feel.compile(body.text).unknown_functions(HOST_FUNCTIONS)
    except feel.FeelSyntaxError as error:
        return schemas.ExpressionCheck(ok=False, message=error.message, start=error.start)
    except XunzhenError as error:
        return schemas.ExpressionCheck(ok=False, message=error.message)
    if unknown:
        return schemas.ExpressionCheck(ok=False, message=f"没有函数 {'、'.join(unknown)}，请检查写法。")
    return schemas.ExpressionCheck(ok=True)
