"""Spot checks anybody can draw again: a frozen frame with its digest, a seed entered afterwards, tickets in order of their hash.

Ticket of an item: SHA-256 of `seed|salt|id`. In each town and stratum the smallest tickets are drawn; who cannot be reached is replaced by the next
ticket, with the reason (after R. Rivest's consistent sampler). Sizes: policy.md C-51; emergencies nobody has settled and families
on the register of kin are looked at without exception. A town learns its sample when it has been visited,
and the seed when all have been, not before (K4).
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, or_, select, update

from casework import areas, corrections
from casework.tables import household_members, households, kinship, leads, spot_checks, spot_items
from engine.calendar import ZONE, midnight
from engine.db import Tx
from engine.errors import Conflict
from engine.hands import VOIDED
from engine.routing import at_tier, within
from engine.tables import cases

LEADS, UNSETTLED, KIN_LEADS = "leads", "unsettled", "kin_leads"
FOCUS, OTHERS, KIN_OTHERS = "focus", "others", "kin_others"
STRATA = {
    UNSETTLED: "未办结的急难线索（全查）",
    KIN_LEADS: "近亲属备案的线索（全查）",
    LEADS: "其他已报线索",
    KIN_OTHERS: "近亲属备案户，未报（全查）",
    FOCUS: "重点户（未报）",
    OTHERS: "其他户（未报）",
}
REPORTED = frozenset({LEADS, UNSETTLED, KIN_LEADS})
"""Looked at for wrong reports; the others for missed ones."""
WHOLE = frozenset({UNSETTLED, KIN_LEADS, KIN_OTHERS})
Item = dict[str, Any]
"""`{"id", "town", "stratum", "name", "area"}`."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many are drawn in each town: a share of its leads with a minimum, and fixed numbers of households without a lead."""

    lead_share: Decimal
    lead_min: int
    focus: int
    others: int

    def rules(self) -> dict[str, tuple[str, int]]:
        """Stratum → share and minimum; as printed on the sheet."""
        whole = {stratum: ("1", 0) for stratum in STRATA if stratum in WHOLE}
        return {
            **whole,
            LEADS: (str(self.lead_share), self.lead_min),
            FOCUS: ("0", self.focus),
            OTHERS: ("0", self.others),
        }

    def of(self, stratum: str, population: int) -> int:
        share, minimum = self.rules()[stratum]
        return min(population, max(minimum, math.ceil(population * Decimal(share))))


LOOK_BACK = 4
"""A year of checks: a lead none of their frames held stands in the next one."""


def framed_before(tx: Tx, root: str, number: str) -> tuple[datetime | None, set[str]]:
    """Since when a lead may stand in the frame of a check, and the leads the district's frames of that time held already.

    A frame is frozen before its quarter ends, and a lead may be entered late: what no frame held is never lost for the next. The first
    check of a district has nothing before it (None).
    """
    s, c = spot_checks.c, cases.c
    query = (
        select(s.frozen_at, s.frame).join(cases, c.id == s.case_id).where(c.area == root, s.number != number)
    )
    rows = list(tx.run(query.order_by(s.frozen_at.desc()).limit(LOOK_BACK)))
    if not rows:
        return None, set()
    first, _ = quarter_of(rows[-1].frozen_at.astimezone(ZONE).date())
    return midnight(first), {item["id"] for row in rows for item in row.frame if item["stratum"] in REPORTED}


def frame(
    tx: Tx, root: str, begins: datetime, ends: datetime, framed: Container[str] = frozenset()
) -> list[Item]:
    """Leads discovered in [begins, ends) that are not `framed`, emergencies still open, and households of the register nobody has reported, by id.

    Reported is a household with a lead of that time, or with one that is open still, whenever it was found: what was reported and
    closed before says nothing about today. A lead stopped as void reports nobody.
    """
    k, h = leads.c, households.c
    found: list[Item] = []
    below = or_(h.area == root, h.area.startswith(root + "/", autoescape=True))
    register = list(tx.run(select(h.id, h.area, h.head, h.focus).where(below, h.ended_on.is_(None))))
    related = set(tx.run(select(kinship.c.household).where(kinship.c.ended_on.is_(None))).scalars())
    home_of = _homes(tx, register)
    reported: set[str] = set()
    inside = (k.area == root) | k.area.startswith(root + "/", autoescape=True)
    found_at = corrections.known(tx).column(k.case_id, k.discovered_at, "discovered_at")
    query = select(
        k.number, k.area, k.subject, k.household, k.closed_at, found_at.label("discovered_at"),
        cases.c.urgent, cases.c.status, cases.c.conclusion,
    )  # fmt: skip
    for row in tx.run(query.join(cases, cases.c.id == k.case_id).where(inside, found_at < ends)):
        open_ = row.closed_at is None and row.status == "active"
        new = row.discovered_at >= begins and f"L{row.number}" not in framed
        if not new and not open_:
            continue
        home = home_of(row)
        if home is not None and row.conclusion != VOIDED:
            reported.add(home)
        unsettled = row.urgent and open_
        if new or unsettled:
            stratum = UNSETTLED if unsettled else KIN_LEADS if home in related else LEADS
            found.append(_item(f"L{row.number}", row.area, stratum, row.subject or "匿名"))
    for row in register:
        if row.id not in reported:
            stratum = KIN_OTHERS if row.id in related else FOCUS if row.focus else OTHERS
            found.append(_item(f"H{row.id}", row.area, stratum, row.head))
    return sorted(found, key=lambda item: item["id"])


def _homes(tx: Tx, register: Sequence[Any]) -> Callable[[Any], str | None]:
    """Which household of the register a lead is about: the one it is linked to; else the only one of its village, under its present
    path, that a person of that name heads, or lives in. Of several namesakes none: nobody is left unlooked at for another."""
    m, heirs = household_members.c, areas.heirs(tx)
    places = {row.id: row.area for row in register}
    heads: dict[str, list[str]] = defaultdict(list)
    living: dict[str, list[str]] = defaultdict(list)
    for row in register:
        heads[row.head].append(row.id)
    named = select(leads.c.subject).where(leads.c.household.is_(None))
    for row in tx.run(select(m.household, m.name).where(m.name.in_(named), m.left_on.is_(None))):
        if row.household in places:
            living[row.name].append(row.household)

    def home(lead: Any) -> str | None:
        if lead.household is not None:
            return str(lead.household)
        village = areas.follow(lead.area, heirs)
        for people in (heads, living):
            there = {one for one in people.get(lead.subject, ()) if within(places[one], village)}
            if there:
                return there.pop() if len(there) == 1 else None
        return None

    return home


def _item(key: str, area: str, stratum: str, name: str) -> Item:
    return {"id": key, "town": at_tier(area, "town"), "stratum": stratum, "name": name, "area": area}


def line(item: Mapping[str, Any]) -> str:
    """A line of the frame: `id|town|stratum`."""
    return f"{item['id']}|{item['town']}|{item['stratum']}"


def parts(items: Iterable[Mapping[str, Any]], salt: str) -> dict[str, str]:
    """SHA-256 of each town's lines, in the order of the frame, and of the salt: with the parts of the others a town checks its own."""
    texts: dict[str, str] = {"salt": salt}
    for item in items:
        texts[item["town"]] = texts.get(item["town"], "") + line(item) + "\n"
    return {key: _sha(text) for key, text in sorted(texts.items())}


def digest(items: Sequence[Mapping[str, Any]], salt: str | None) -> str:
    """SHA-256 over the lines `part|digest`. A frame frozen before there was a salt has the digest of its lines."""
    if salt is None:
        return _sha("\n".join(line(item) for item in items))
    return _sha("".join(f"{key}|{value}\n" for key, value in parts(items, salt).items()))


def sheet(row: Any, towns: Container[str] | None = None) -> str:
    """What checks the draw, as text: `key=value` lines, an empty line, the frame. docs/spot-check.md reads it.

    `towns`: only their lines, with tickets instead of the seed and the salt that would give everybody's (None: the whole).
    """
    open_ = towns is None and row.seed is not None
    head = [f"check={row.number}", f"digest={row.digest}", f"seed={row.seed if open_ else ''}"]
    head += [f"salt={row.salt or '' if open_ else ''}"]
    head += [f"part.{key}={value}" for key, value in (parts(row.frame, row.salt).items() if row.salt else ())]
    rules = row.sizes or {}
    head += [f"size.{stratum}={share} {minimum}" for stratum, (share, minimum) in sorted(rules.items())]
    return "\n".join([*head, "", *lines(row, towns)]) + "\n"


def lines(row: Any, towns: Container[str] | None = None) -> list[str]:
    """The lines of the frame; those of some towns alone with their tickets."""
    if towns is None:
        return [line(item) for item in row.frame]
    mine = [item for item in row.frame if item["town"] in towns]
    return [f"{line(item)}|{ticket(key_of(row), item['id'])}" for item in mine]


def key_of(row: Any) -> str:
    """What tickets are made with: the seed of the two officials and the salt nobody knew when they made it."""
    return str(row.seed) if row.salt is None else f"{row.seed}|{row.salt}"


def ticket(key: str, item_id: str) -> str:
    return _sha(f"{key}|{item_id}")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def draw(items: Sequence[Mapping[str, Any]], key: str, sizes: Sizes) -> list[Item]:
    """The sample: per town and stratum the smallest tickets. Pure; docs/spot-check.md holds the same in thirty lines."""
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item["town"], item["stratum"]].append({**item, "ticket": ticket(key, item["id"])})
    drawn: list[Item] = []
    for (_town, stratum), members in sorted(groups.items()):
        members.sort(key=lambda item: item["ticket"])
        drawn += members[: sizes.of(stratum, len(members))]
    return drawn


def freeze(tx: Tx, number: str, quarter: str, items: Sequence[Item], case_id: str, now: datetime) -> str:
    """Write the frame down before anybody knows the seed; returns its digest. Said again, it stays as it is.

    The salt is drawn now and kept shut up till the end: a seed of a few throws could be guessed from one's own tickets, and the
    officials could try out seeds until they like the sample. The digest binds it.
    """
    known = tx.run(select(spot_checks.c.digest).where(spot_checks.c.number == number)).scalar_one_or_none()
    if known is not None:
        return str(known)
    salt = secrets.token_hex(16)
    made = digest(items, salt)
    row = {
        "number": number, "quarter": quarter, "frame": list(items), "salt": salt, "digest": made, "frozen_at": now,
        "seed": None, "seeded_by": [], "case_id": case_id,
    }  # fmt: skip
    tx.run(insert(spot_checks), row)
    return made


def seeded(
    tx: Tx, number: str, seed: str, by: Sequence[str], sizes: Sizes, source: str | None = None
) -> list[Item]:
    """Enter the seed – once – and draw. `source`: how it was made. Returns the sample."""
    row = get(tx, number)
    if row.seed not in (None, seed):
        raise Conflict("本次抽查的种子已经录入，不能更换。", "The seed has been entered.", code="seed_known")
    if digest(row.frame, row.salt) != row.digest:
        raise Conflict("抽样框与冻结时的摘要不符。", "The frame was changed.", code="frame_changed")
    drawn = draw(row.frame, seed if row.salt is None else f"{seed}|{row.salt}", sizes)
    if row.seed is None:
        rules = {stratum: list(rule) for stratum, rule in sizes.rules().items()}
        values = {"seed": seed, "seeded_by": list(by), "seed_source": source, "sizes": rules}
        tx.run(update(spot_checks).where(spot_checks.c.number == number).values(**values))
        if drawn:
            columns = ("id", "ticket", "town", "stratum", "name", "area")
            tx.run(insert(spot_items), [{"check_no": number, **{c: i[c] for c in columns}} for i in drawn])
    return drawn


def replacement(tx: Tx, number: str, item_id: str, reason: str) -> Item | None:
    """The next ticket of the same town and stratum takes an item's place; None when there is no other."""
    row, s = get(tx, number), spot_items.c
    taken = {r.id: r for r in tx.run(select(spot_items).where(s.check_no == number))}
    gone = taken[item_id]
    tx.run(update(spot_items).where(s.check_no == number, s.id == item_id).values(replaced=reason))
    rest = [
        {**item, "ticket": ticket(key_of(row), item["id"])}
        for item in row.frame
        if item["town"] == gone.town and item["stratum"] == gone.stratum and item["id"] not in taken
    ]
    if not rest:
        return None
    following = min(rest, key=lambda item: item["ticket"])
    columns = ("id", "ticket", "town", "stratum", "name", "area")
    tx.run(insert(spot_items), {"check_no": number, **{c: following[c] for c in columns}})
    return following


def found(tx: Tx, number: str, item_id: str, **values: Any) -> None:
    """Write down what was found at an item: missed, wrong, in_hardship, note, lead_no."""
    s = spot_items.c
    tx.run(update(spot_items).where(s.check_no == number, s.id == item_id).values(**values))


def get(tx: Tx, number: str) -> Any:
    return tx.run(select(spot_checks).where(spot_checks.c.number == number)).one()


def items(tx: Tx, number: str, town: str | None = None) -> list[Any]:
    """The sample, by ticket."""
    s = spot_items.c
    where = [s.check_no == number] + ([s.town == town] if town else [])
    return list(tx.run(select(spot_items).where(*where).order_by(s.town, s.stratum, s.ticket)))


@dataclass(frozen=True, slots=True)
class Rate:
    """Errors of a town: how many of those looked at, with the 95 % interval after Wilson (shares from 0 to 1)."""

    town: str
    name: str
    kind: str  # missed, wrong
    looked_at: int
    errors: int
    low: float
    high: float


def rates(tx: Tx, number: str) -> list[Rate]:
    """Per town: missed reports among households without lead, wrong ones among leads."""
    rows = [row for row in items(tx, number) if row.replaced is None]
    names = areas.names(tx, {row.town for row in rows})
    made = []
    for town in sorted({row.town for row in rows}):
        mine = [row for row in rows if row.town == town]
        leads_seen = [r.wrong is True for r in mine if r.stratum in REPORTED and r.wrong is not None]
        others = [r.missed is True for r in mine if r.stratum not in REPORTED and r.missed is not None]
        for kind, seen in (("wrong", leads_seen), ("missed", others)):
            low, high = wilson(sum(seen), len(seen))
            made.append(Rate(town, names[town], kind, len(seen), sum(seen), low, high))
    return made


def above(found: Iterable[Rate], share: Decimal, least: int) -> dict[str, list[Rate]]:
    """Towns with at least `least` errors of a kind that are more than `share` of what was looked at, each with those rates."""
    towns: dict[str, list[Rate]] = {}
    for rate in found:
        if rate.errors >= least and rate.errors > share * rate.looked_at:
            towns.setdefault(rate.town, []).append(rate)
    return towns


@dataclass(frozen=True, slots=True)
class Behind:
    """What the errors of a town are about: cases of leads reported wrong or opened for the missed, and the households missed."""

    cases: list[str]
    homes: list[str]


def behind(tx: Tx, number: str, town: str) -> Behind:
    """The cases and households whose course shows how the errors of a town came about."""
    wrong = [row for row in items(tx, number, town) if row.replaced is None and (row.missed or row.wrong)]
    numbers = [row.id[1:] if row.stratum in REPORTED else row.lead_no for row in wrong]
    homes = [row.id[1:] for row in wrong if row.stratum not in REPORTED]
    k = leads.c
    known = tx.run(
        select(k.case_id).where(or_(k.number.in_([n for n in numbers if n]), k.household.in_(homes)))
    )
    return Behind(sorted(set(known.scalars())), homes)


def wilson(errors: int, looked_at: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share; (0, 1) when nothing was looked at."""
    if not looked_at:
        return 0.0, 1.0
    share, z2 = errors / looked_at, z * z
    middle = (share + z2 / (2 * looked_at)) / (1 + z2 / looked_at)
    half = z / (1 + z2 / looked_at) * math.sqrt(share * (1 - share) / looked_at + z2 / (4 * looked_at**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def quarter_of(day: date) -> tuple[date, date]:
    """First day of the quarter and of the next."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return first, date(day.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)


def visited(rows: Iterable[Any]) -> bool:
    """Every item was looked at or replaced: only then is a sample shown to its town."""
    return all(r.missed is not None or r.wrong is not None or r.replaced is not None for r in rows)


def visited_towns(rows: Iterable[Any]) -> set[str]:
    """Towns whose sample was drawn and looked at."""
    of: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        of[row.town].append(row)
    return {town for town, mine in of.items() if visited(mine)}


def opened(row: Any, rows: Iterable[Any]) -> bool:
    """Every town of the draw has been visited: seed, salt and the whole frame are for all."""
    return row.seed is not None and visited(rows)


def listed(tx: Tx, root: str) -> list[Any]:
    """Checks whose frame reaches into `root` or lies above it, newest first, without their frames."""
    s, c = spot_checks.c, cases.c
    columns = [column for column in s if column.name != "frame"]
    above = ["/".join(root.split("/")[: n + 1]) for n in range(root.count("/") + 1)]
    inside = or_(c.area.in_(above), c.area.startswith(root + "/", autoescape=True))
    query = select(*columns).join(cases, c.id == s.case_id).where(inside)
    return list(tx.run(query.order_by(s.frozen_at.desc(), s.number)))
