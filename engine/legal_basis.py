"""The legal basis as it was deployed: every version of every term and parameter, kept when its file is edited.

What applied on a day that has passed cannot be rewritten: a case accepted that day is dated by it to its end. A deployment
(`adopt`) compares the file with what is kept and refuses such an edit; a key the file no longer has is kept for what began under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Field, Invalid
from engine.tables import cases, clocks
from engine.tables_legal import legal_basis
from engine.terms import Parameter, Term, Terms, day_words, in_force_on, limits, nearest
from engine.terms_file import KINDS, parameter_of, term_of, written

B = legal_basis.c
DAY = timedelta(days=1)
OUTSIDE = {"key", "valid_from", "valid_to", "lawful_n", "chosen_from", "hours"}
"""Fields of a version that are no content of its entry."""
WORDS = {"name", "start_event", "citation", "confidence"}
"""What may be put right in a version that has begun: it moves no date."""

ATTRIBUTES = {
    "n": "期限", "unit": "单位", "name": "名称", "start": "起算方式", "start_event": "起算事件", "roll": "末日顺延", "kind": "至迟或至少",
    "pauses": "中止事由", "net_of": "扣除的时间", "extension": "延长", "bounds": "可选范围", "citation": "依据", "confidence": "可信程度",
    "expiry": "到期处理", "value": "值", "choices": "可选的值", "form": "写法", "whole": "整数",
}  # fmt: skip
"""What people call the attributes of an entry."""

NOTHING = "没有有效的规定"
"""What applies in a lapsed law."""

Version = Term | Parameter
Key = tuple[str, str]
"""Kind and key."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a deployment or a correction changed, in words."""

    key: str
    before: str | None
    after: str
    valid_from: date


# ------------------------------------------------------------------------------------------ rows
def stored(tx: Tx) -> Terms | None:
    """The basis as deployed, retired keys included; None where nothing was deployed yet."""
    kept = _kept(tx)
    if not kept:
        return None
    retired = {key: day for key, (_, day) in kept.items() if day is not None}
    terms = {key: versions for (kind, key), (versions, _) in kept.items() if kind == "term"}
    parameters = {key: versions for (kind, key), (versions, _) in kept.items() if kind == "parameter"}
    return Terms(terms, parameters, retired=retired)  # type: ignore[arg-type]  # each kind has its own


def _kept(tx: Tx) -> dict[Key, tuple[tuple[Version, ...], date | None]]:
    found: dict[Key, tuple[tuple[Version, ...], date | None]] = {}
    columns = (B.kind, B.key, B.valid_from, B.valid_to, B.content, B.retired_on)
    for row in tx.run(select(*columns).order_by(B.kind, B.key, B.valid_from)):
        version = _version(row.kind, row.key, row.valid_from, row.valid_to, row.content)
        before, _ = found.get((row.kind, row.key), ((), None))
        found[row.kind, row.key] = (*before, version), row.retired_on
    return found


def _version(kind: str, key: str, begins: date, ends: date | None, content: Mapping[str, Any]) -> Version:
    entry = {**_exact(content), "key": key, "valid_from": begins, "valid_to": ends}
    if kind == "term":
        return term_of(entry)
    return parameter_of({**entry, "choices": dict(entry.get("choices", ()))})


def _exact(value: Any) -> Any:
    """As the file's reader gives it: a number with a point is decimal."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {name: _exact(one) for name, one in value.items()}
    return [_exact(one) for one in value] if isinstance(value, list) else value


def _content(version: Version) -> dict[str, Any]:
    """What its entry says beyond the defaults. Choices as pairs: their order is the screen's, and JSON does not keep it."""
    found = {}
    for one in fields(version):
        value = getattr(version, one.name)
        if one.name not in OUTSIDE and (one.default is MISSING or value != one.default):
            found[one.name] = [list(pair) for pair in value.items()] if one.name == "choices" else value
    return found


def _write(tx: Tx, key: Key, versions: Sequence[Version], now: datetime) -> None:
    tx.run(delete(legal_basis).where(B.kind == key[0], B.key == key[1]))
    rows = [
        {
            "kind": key[0],
            "key": key[1],
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "content": _content(one),
            "adopted_at": now,
        }
        for one in versions
    ]
    tx.run(insert(legal_basis), rows)


# ------------------------------------------------------------------------------------------ a deployment
def adopt(tx: Tx, given: Terms, now: datetime) -> list[Line]:
    """Keep what the file says now. → what applies differently from a day to come on.

    Raises Invalid where it says something else about a day that has passed, in a database with cases.
    """
    kept, file = _kept(tx), _of(given)
    today = now.astimezone(ZONE).date()
    if not kept:
        for key, versions in file.items():
            _write(tx, key, versions, now)
        return []
    changed = {key for key, versions in file.items() if kept.get(key) != (versions, None)}
    gone = {key for key, (_, retired) in kept.items() if key not in file and retired is None}
    if not changed and not gone:
        return []
    _refuse_what_has_begun(tx, {key: (kept[key][0], file[key]) for key in changed if key in kept}, today)
    lines = []
    for key in sorted(changed):
        known, retired = kept.get(key, ((), None))
        lines += _lines(key[1], known if retired is None else (), file[key], today)
        _write(tx, key, file[key], now)
    for place in sorted(gone):
        kind, name = place
        tx.run(update(legal_basis).where(B.kind == kind, B.key == name).values(retired_on=today))
        lines.append(Line(name, told(nearest(kept[place][0], today)), "停用", today))
    return lines


def _of(given: Terms) -> dict[Key, tuple[Version, ...]]:
    terms: Iterable[tuple[str, tuple[Version, ...]]] = given.terms.items()
    parameters: Iterable[tuple[str, tuple[Version, ...]]] = given.parameters.items()
    return {
        **{("term", key): versions for key, versions in terms},
        **{("parameter", key): versions for key, versions in parameters},
    }


def _refuse_what_has_begun(
    tx: Tx, changed: Mapping[Key, tuple[Sequence[Version], Sequence[Version]]], today: date
) -> None:
    last = _last_days(tx, today) if changed else None
    if last is None:
        return  # no case yet: an installation is being made ready
    refused, free = [], today
    for (kind, key), (old, new) in sorted(changed.items()):
        bound = last.get(key if kind == "term" else "", last[""])
        found = next((one for one in _differences(old, new) if one[0] <= bound), None)
        if found is not None:
            free = max(free, bound + DAY)
            refused.append(Field(key, f"{KINDS[kind]} {key}（{_since(found[1])}）：{_rewritten(*found[1:])}"))
    if refused:
        raise Invalid(
            "terms.toml 改写了已经开始的规定，未部署。"
            + "；".join(one.message for one in refused)
            + f"。法规改了的：旧条写 valid_to，另加新条写 valid_from = {free}（或以后的一天）；"
            + "只是名称、依据等文字写错的：改好后执行 xunzhen law correct 代码 --reason 理由。",
            "; ".join(f"{one.path} has begun and cannot be rewritten" for one in refused),
            fields=refused,
            code="law_rewritten",
        )


def _last_days(tx: Tx, today: date) -> dict[str, date] | None:
    """The last day that is settled, by term: the last one whose rules a case took over, at least yesterday.

    "": of what has no clock – there every case counts. None where there is no case.
    """
    opened = tx.run(select(func.max(cases.c.opened_at))).scalar_one()
    if opened is None:
        return None
    pinned = {
        row.term: row.day
        for row in tx.run(
            select(clocks.c.term, func.max(clocks.c.terms_on).label("day")).group_by(clocks.c.term)
        )
    }
    yesterday = today - DAY
    anything = max([opened.astimezone(ZONE).date(), yesterday, *pinned.values()])
    return {term: max(day, yesterday) for term, day in pinned.items()} | {"": anything}


def _differences(
    old: Sequence[Version], new: Sequence[Version]
) -> Iterator[tuple[date, Version, Version | None]]:
    """Days from which another version applies than before, oldest first. Where nothing applied, nothing is rewritten."""
    for day, before, after in _applying(old, new):
        if before is not None and (after is None or _timeless(before) != _timeless(after)):
            yield day, before, after


def _applying(
    old: Sequence[Version], new: Sequence[Version]
) -> Iterator[tuple[date, Version | None, Version | None]]:
    """Day by day on which either changes: what applied, what does."""
    days = {date.min, *(one.valid_from for one in (*old, *new))}
    days |= {one.valid_to for one in (*old, *new) if one.valid_to is not None}
    for day in sorted(days):
        yield day, in_force_on(old, day), in_force_on(new, day)


def _timeless(version: Version) -> Version:
    return replace(version, valid_from=date.min, valid_to=None)


def _rewritten(old: Version, new: Version | None) -> str:
    if new is None:
        return "被删去，或 valid_to 写在已过的日期"
    return "，".join(
        f"{_attribute(name)} {written(getattr(old, name))} → {written(getattr(new, name))}"
        for name in _unequal(old, new)
    )


def _attribute(name: str) -> str:
    return "counts" if name == "net_of" else name


def _unequal(old: Version, new: Version) -> list[str]:
    names = [one.name for one in fields(old) if one.name not in OUTSIDE]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _since(version: Version) -> str:
    return "最早的一条" if version.valid_from == date.min else f"{day_words(version.valid_from)}起的一条"


def _lines(key: str, old: Sequence[Version], new: Sequence[Version], today: date) -> list[Line]:
    """Every change on its day; of a key that was not there, what applies from today on."""
    found: dict[date, Line] = {}
    last: tuple[Version | None, ...] = ()
    for day, before, after in _applying(old, new):
        here = tuple(one and _timeless(one) for one in (before, after))
        if here[0] == here[1] or here == last:
            continue
        last = here
        was = told(before) if before is not None else NOTHING if old else None
        now = NOTHING if after is None else told(after) if before is None else _now(before, after)
        since = today if day == date.min or (not old and day < today) else day
        found[since] = Line(key, was, now, since)
    return list(found.values())


def _now(before: Version, after: Version) -> str:
    """What applies then, and what else of it is new."""
    names = [ATTRIBUTES[name] for name in _unequal(before, after) if name not in ("n", "unit", "value")]
    return told(after) + (f"（{'、'.join(names)}有变）" if names else "")


def told(version: Version) -> str:
    """A version's number or value as people read it."""
    if isinstance(version, Term):
        return version.words
    listed = version.value if isinstance(version.value, list) else [version.value]
    words = {True: "是", False: "否"}
    return "、".join(
        words[one] if isinstance(one, bool) else version.choices.get(one, str(one)) for one in listed
    )


# ------------------------------------------------------------------------------------------ words put right
def correct(tx: Tx, given: Terms, keys: Sequence[str], now: datetime) -> list[Line]:
    """Take over from the file the words of versions that have begun: name, start event, citation, confidence.

    Raises Invalid for anything that would move a date or a bound, and where there is nothing to put right.
    """
    kept, file = _kept(tx), _of(given)
    today = now.astimezone(ZONE).date()
    lines = []
    for key in keys:
        place = next((p for p in (("term", key), ("parameter", key)) if p in kept and p in file), None)
        if place is None:
            raise Invalid(f"{key} 没有部署过，或文件里没有。", f"{key} is not known", code="unknown_term")
        versions = kept[place][0]
        said = {one.valid_from: one for one in file[place]}
        begun = [n == 0 or one.valid_from <= today for n, one in enumerate(versions)]
        put_right = [
            _put_right(one, said.get(one.valid_from) if old else None)
            for one, old in zip(versions, begun, strict=True)
        ]
        found = [
            Line(key, _words_of(old, new), _words_of(new, old), today)
            for old, new in zip(versions, put_right, strict=True)
            if new != old
        ]
        if not found:
            raise Invalid(
                f"{key} 已经开始的各条与文件的文字相同，没有要更正的。", f"{key}: nothing", code="nothing"
            )
        _write(tx, place, put_right, now)
        lines += found
    return lines


def _put_right(old: Version, new: Version | None) -> Version:
    if new is None:
        return old
    changed = _unequal(old, new)
    more = [name for name in changed if name not in WORDS]
    if (
        isinstance(old, Term)
        and isinstance(new, Term)
        and "confidence" in changed
        and limits(old) != limits(new)
    ):
        more.append("confidence")  # whether the number is the district's own decides what it may choose
    if more:
        raise Invalid(
            f"{old.key}：{'、'.join(_attribute(name) for name in more)} 不是文字，不能更正已经开始的一条。"
            "旧条写 valid_to，另加新条写 valid_from。",
            f"{old.key}: {more} cannot be corrected",
            code="law_rewritten",
        )
    return replace(old, **{name: getattr(new, name) for name in changed})


def _words_of(one: Version, other: Version) -> str:
    return "；".join(str(getattr(one, name) or "（无）") for name in _unequal(one, other))
