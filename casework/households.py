"""户册: households with their members and the lists they stand on. One way in (`write`), for a form and for a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, exists, false, func, insert, or_, select, update

from casework import audit, focus, matching, members
from casework.tables import household_focus, household_members, households
from engine.calendar import ZONE
from engine.db import Tx, made, new_id
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound, StaleRevision
from engine.routing import Actor, sees

KEEPERS = frozenset(
    {
        "village_liaison",
        "village_committee",
        "village_lead_cadre",
        "town_civil_officer",
        "town_service_office",
        "district_assistance_office",
    }
)
"""Posts that keep the register of their area."""
Outcome = str  # "new", "changed", "same", "restored"


@dataclass(frozen=True, slots=True)
class Household:
    id: str
    area: str
    head: str
    size: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a household as entered. `sex`: GB/T 2261.1; health, disability and illness are sensitive (K3).

    `meant`: of those who left the household, who it is, or `matching.NEW`; None while nobody has decided.
    """

    name: str
    relation: str | None = None
    id_no: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    health: str | None = None
    disability: str | None = None
    illness: str | None = None
    labour: str | None = None
    work: str | None = None
    note: str | None = None
    meant: str | None = None


def _facts(one: Member) -> dict[str, Any]:
    """What the register keeps of a person."""
    return {key: value for key, value in asdict(one).items() if key != "meant"}


def _undecided() -> Conflict:
    said = "户册中有已注销的户或已离开的成员与此相同，须先确认是恢复还是新增。"
    return Conflict(said, "Somebody must decide who is meant.", code="undecided")


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a list: which, by whom it was given, since when."""

    category: str
    source: str
    since: date


@dataclass(frozen=True, slots=True)
class Entry:
    """A household as entered. What is None or empty leaves what the register knows.

    `meant`: the household it is – one that has ended, to stand again –, or `matching.NEW`; None while nobody has decided.
    """

    area: str
    head: str
    number: str | None = None
    phone: str | None = None
    address: str | None = None
    hukou_area: str | None = None
    housing: str | None = None
    account: str | None = None
    note: str | None = None
    members: tuple[Member, ...] = ()
    lists: tuple[Listed, ...] = ()
    programmes: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    meant: str | None = None


PLAIN = ("number", "phone", "address", "hukou_area", "housing", "account", "note")


def inside(places: Iterable[str]) -> ColumnElement[bool]:
    """Households of these areas and below."""
    h = households.c
    found = [or_(h.area == place, h.area.startswith(place + "/", autoescape=True)) for place in places]
    return or_(*found) if found else false()


def search(tx: Tx, q: str, places: Iterable[str], limit: int) -> list[Household]:
    """Households of these areas whose head's name matches."""
    h = households.c
    query = select(h.id, h.area, h.head, h.size).where(inside(places), h.ended_on.is_(None))
    if q:
        query = query.where(h.head.contains(q, autoescape=True))
    return [made(Household, row) for row in tx.run(query.order_by(h.area, h.id).limit(limit))]


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the register is wanted. `due`: `overdue`, or `soon` – within the days a visit is announced before."""

    places: tuple[str, ...]
    q: str = ""
    category: str = ""
    programme: str = ""
    due: str = ""
    ended: bool = False


def listing(tx: Tx, wanted: Filter, today: date, offset: int, limit: int) -> tuple[list[Any], int]:
    """Rows of the register and how many there are: those whose visit is due first, then by place."""
    where = _where(tx, wanted, today)
    h = households.c
    total = tx.run(select(func.count()).select_from(households).where(*where)).scalar_one()
    order = (h.next_due.is_(None), h.next_due, h.area, h.id) if wanted.due else (h.area, h.number, h.id)
    return list(tx.run(select(households).where(*where).order_by(*order).offset(offset).limit(limit))), int(
        total
    )


def _where(tx: Tx, wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    h, m, f = households.c, household_members.c, household_focus.c
    where = [inside(wanted.places), h.ended_on.is_not(None) if wanted.ended else h.ended_on.is_(None)]
    if wanted.q:
        hashed = members.number_hash(wanted.q)
        member = exists().where(
            m.household == h.id, or_(m.name.contains(wanted.q, autoescape=True), m.id_hash == hashed)
        )
        where.append(or_(h.head.contains(wanted.q, autoescape=True), h.number == wanted.q, member))
    if wanted.category:
        where.append(exists().where(f.household == h.id, f.category == wanted.category, f.ended_on.is_(None)))
    if wanted.programme:
        where.append(cast(h.programmes, Text).contains(f'"{wanted.programme}"', autoescape=True))
    if wanted.due == "overdue":
        where.append(h.next_due < today)
    elif wanted.due:
        where.append(h.next_due <= today + ahead(tx, today))
    return where


def ahead(tx: Tx, today: date) -> timedelta:
    """How long before its day a visit is announced."""
    return timedelta(days=int(tx.world.terms.parameter("visit.remind_days", today)))


def get(tx: Tx, household: str) -> Any:
    row = tx.run(select(households).where(households.c.id == household)).one_or_none()
    if row is None:
        raise NotFound("户册中没有这一户。", "There is no such household.")
    return row


def seen(tx: Tx, actor: Actor, household: str) -> Any:
    """The household, if it lies in the actor's areas; else as if it did not exist."""
    row = get(tx, household)
    if not sees(actor, row.area):
        raise NotFound("户册中没有这一户，或不在您的辖区。", "There is no such household.")
    return row


def people(tx: Tx, household: str) -> list[Any]:
    """Members, the head first, who left last."""
    m = household_members.c
    query = select(household_members).where(m.household == household)
    return sorted(
        tx.run(query.order_by(m.id)), key=lambda r: (r.left_on is not None, r.relation != members.HEAD)
    )


def living(tx: Tx, ids: Sequence[str]) -> dict[str, list[Any]]:
    """Who lives in each of these households, the head first."""
    m = household_members.c
    query = select(household_members).where(m.household.in_(list(ids)), m.left_on.is_(None)).order_by(m.id)
    found: dict[str, list[Any]] = {}
    for row in sorted(tx.run(query), key=lambda r: r.relation != members.HEAD):
        found.setdefault(row.household, []).append(row)
    return found


def lists(tx: Tx, household: str) -> list[Any]:
    """The lists it stands or stood on, with source and dates."""
    f = household_focus.c
    query = select(household_focus).where(f.household == household)
    return list(tx.run(query.order_by(f.ended_on.is_not(None), f.since, f.category)))


def must_keep(actor: Actor, area: str) -> None:
    """Raises Forbidden unless one of the actor's posts keeps the register of that area."""
    if not any(
        p.post in KEEPERS and (area == p.area or area.startswith(p.area + "/")) for p in actor.appointments
    ):
        raise Forbidden(
            "您的岗位不维护该辖区的户册。",
            "Your posts do not keep the register of that area.",
            code="not_keeper",
        )


def kept(tx: Tx, actor: Actor, household: str, revision: int | None = None, *, ended: bool = False) -> Any:
    """The household, held for a change by its keeper. Raises StaleRevision when it is no longer what was on the screen,
    Conflict unless it stands (`ended`: unless it has ended)."""
    row = seen(tx, actor, household)
    must_keep(actor, row.area)
    row = tx.run(select(households).where(households.c.id == household).with_for_update()).one()
    if revision is not None and row.revision != revision:
        raise StaleRevision("户册已有更新，请载入最新内容后再改。", "The household has changed.")
    if (row.ended_on is not None) != ended:
        said = "该户没有迁出或注销。" if ended else "该户已迁出或注销；须先恢复本户才能修改。"
        raise Conflict(said, "The household has ended, or has not.", code="household_ended")
    return row


# ------------------------------------------------------------------------------------------ writing
class Register:
    """The register of some villages, read once, written at the end of a transaction: one pass for one household or thousands.

    `hold`: nobody else changes these households until the end of the transaction. `returned`: household and member of who came back;
    `renumbered`: ended households whose number went to another.
    """

    def __init__(
        self, tx: Tx, areas: Iterable[str], by: str | None, now: datetime, *, hold: bool = False
    ) -> None:
        self.tx, self.by, self.now = tx, by, now
        self.returned: list[tuple[str, str]] = []
        self.renumbered: list[str] = []
        self.today = now.astimezone(ZONE).date()
        wanted = sorted(set(areas))
        h, m, f = households.c, household_members.c, household_focus.c
        query = select(households).where(h.area.in_(wanted)).order_by(h.id)
        rows = [r._asdict() for r in tx.run(query.with_for_update() if hold else query)]
        self.rows: dict[str, dict[str, Any]] = {r["id"]: r for r in rows}
        self.villages: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            self.villages.setdefault(row["area"], []).append(row)
        self.people: dict[str, list[dict[str, Any]]] = {r["id"]: [] for r in rows}
        self.lists: dict[str, list[dict[str, Any]]] = {r["id"]: [] for r in rows}
        mine = select(h.id).where(h.area.in_(wanted))
        for one in tx.run(select(household_members).where(m.household.in_(mine))):
            self.people[one.household].append(one._asdict())
        for one in tx.run(select(household_focus).where(f.household.in_(mine))):
            self.lists[one.household].append(one._asdict())
        self.monthly = list(tx.world.terms.parameter("visit.monthly", self.today))

    def write(self, entry: Entry) -> tuple[Outcome, str]:
        """Enter a household or bring it up to date; members not named stay as they are.

        Raises Conflict where one that has ended, or a member who left, may be meant and nobody has decided, and for a number that is taken.
        """
        found = entry.meant or matching.living(self, entry)
        if found is None and matching.ended(self, entry):
            raise _undecided()
        known = found if found not in (None, matching.NEW) else None
        self._free_number(entry, known)
        if known is None:
            return "new", self.enter(entry)
        row = self.rows[known]
        again = row["ended_on"] is not None
        if again:
            self.stand_again(known)
        given = {key: value for key in PLAIN if (value := getattr(entry, key)) and value != row[key]}
        if entry.programmes and list(entry.programmes) != row["programmes"]:
            given["programmes"] = list(entry.programmes)
        if row["head"] != entry.head:
            given["head"] = entry.head
        changed = self._members(known, entry.members)
        changed = self._lists(known, entry.lists) or changed
        if not (given or changed or again):
            return "same", known
        row.update(given)
        self._store(known)
        return "restored" if again else "changed", known

    def stand_again(self, household: str) -> None:
        """That it ended was a mistake, or the family is back. Its day of the next visit follows with what is stored next."""
        back = {"ended_on": None, "ended_why": None}
        self.rows[household].update(back)
        self.tx.run(update(households).where(households.c.id == household).values(**back))

    def _free_number(self, entry: Entry, household: str | None) -> None:
        """A number an ended household bears goes to who bears it now; the other keeps it marked as the old one."""
        bears = matching.numbered(self, entry)
        if bears is None or bears == household:
            return
        if self.rows[bears]["ended_on"] is None:
            raise Conflict(f"户编号 {entry.number} 已属另一户。", "The number is taken.", code="number_taken")
        taken = {row["number"] for row in self.villages[entry.area]}
        marks = (f"旧{n or ''}-{entry.number}" for n in (0, *range(2, len(taken) + 3)))
        self.rows[bears]["number"] = next(mark for mark in marks if mark not in taken)
        values = {"number": self.rows[bears]["number"], "revision": households.c.revision + 1}
        self.tx.run(update(households).where(households.c.id == bears).values(**values))
        self.renumbered.append(bears)

    def enter(self, entry: Entry) -> str:
        """A household the register does not have."""
        row = {key: getattr(entry, key) for key in PLAIN}
        row |= {
            "id": new_id(), "area": entry.area, "head": entry.head, "size": max(1, len(entry.members)), "focus": [],
            "programmes": list(entry.programmes), "ended_on": None, "last_visit_at": None, "next_asked": None,
            "next_due": None,
        }  # fmt: skip
        self.rows[row["id"]], self.people[row["id"]], self.lists[row["id"]] = row, [], []
        self.villages.setdefault(entry.area, []).append(row)
        self.tx.run(insert(households), {**row, "updated_at": self.now, "updated_by": self.by})
        self._members(row["id"], entry.members)
        self._lists(row["id"], entry.lists)
        self._store(row["id"])
        return str(row["id"])

    def _members(self, household: str, given: Sequence[Member]) -> bool:
        known, changed = self.people[household], False
        for one in given:
            values = {k: v for k, v in _facts(one).items() if v is not None}
            if hashed := members.number_hash(one.id_no):
                values["id_hash"] = hashed
            same = self._same(known, one)
            if same is not None and same["left_on"] is not None:
                values |= self._back(household, same, values)
            if same is None:
                self.join(household, one)
                changed = True
            elif any(same[k] != v for k, v in values.items()):
                same.update(values)
                m = household_members.c
                self.tx.run(update(household_members).where(m.id == same["id"]).values(**values))
                changed = True
        return changed

    def _same(self, known: Sequence[dict[str, Any]], one: Member) -> dict[str, Any] | None:
        """Who of the household is meant: as decided, else who lives there."""
        if one.meant is not None:
            return next((p for p in known if p["id"] == one.meant), None)
        same, gone = matching.member(known, one)
        if gone:
            raise _undecided()
        return same

    def _back(self, household: str, person: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """回到本户: what changes for who left; no second head by what the person was before."""
        self.rows[household]["size"] += 1
        self.returned.append((household, str(person["id"])))
        back: dict[str, Any] = {"left_on": None, "left_why": None, "left_note": None}
        headed = any(p["relation"] == members.HEAD and p["left_on"] is None for p in self.people[household])
        if headed and person["relation"] == members.HEAD and "relation" not in values:
            back["relation"] = None
        return back

    def join(self, household: str, one: Member) -> str:
        """Somebody more in a household."""
        gone = {"left_on": None, "left_why": None, "left_note": None}
        row = {
            "id": new_id(),
            "household": household,
            "id_hash": members.number_hash(one.id_no),
            **gone,
            **_facts(one),
        }
        self.tx.run(insert(household_members), row)
        self.people[household].append(row)
        return str(row["id"])

    def _lists(self, household: str, given: Sequence[Listed]) -> bool:
        known, changed = self.lists[household], False
        for one in given:
            if any(f["category"] == one.category and f["ended_on"] is None for f in known):
                continue
            row = {
                "household": household,
                **asdict(one),
                "ended_on": None,
                "entered_at": self.now,
                "entered_by": self.by,
            }
            again = next((f for f in known if (f["category"], f["since"]) == (one.category, one.since)), None)
            if again is not None:
                row["since"] = (
                    self.today
                )  # struck and entered again under the old date: a new entry from today
            self.tx.run(insert(household_focus), row)
            known.append(row)
            changed = True
        return changed

    def add_list(self, household: str, listed: Listed) -> None:
        """Put it on a list; on it already, nothing changes."""
        if self._lists(household, (listed,)):
            self._store(household)

    def end_list(self, household: str, category: str, on: date) -> None:
        """Strike it off a list; the entry stays with its end."""
        f = household_focus.c
        where = (f.household == household, f.category == category, f.ended_on.is_(None))
        self.tx.run(update(household_focus).where(*where).values(ended_on=on))
        for one in self.lists[household]:
            if one["category"] == category and one["ended_on"] is None:
                one["ended_on"] = on
        self._store(household)

    def _store(self, household: str) -> None:
        """Write the household's own row with what follows from its members and lists."""
        row = self.rows[household]
        live = [f for f in self.lists[household] if f["ended_on"] is None]
        here = [p for p in self.people[household] if p["left_on"] is None]
        row["focus"] = sorted({f["category"] for f in live})
        row["size"] = max(row["size"], len(here))  # members may be known only in part
        row["next_due"] = self._next_due(row, live)
        keep = ("head", "size", "focus", "programmes", "next_due", *PLAIN)
        values = {key: row[key] for key in keep} | {"updated_at": self.now, "updated_by": self.by}
        values["revision"] = households.c.revision + 1
        self.tx.run(update(households).where(households.c.id == household).values(**values))

    def _next_due(self, row: Mapping[str, Any], live: Sequence[Mapping[str, Any]]) -> date | None:
        term = focus.term_of(row["focus"], row["programmes"], self.monthly)
        since = min((f["since"] for f in live), default=self.today)
        world = self.tx.world
        by_cadence = focus.due(term, since, row["last_visit_at"], world.terms, world.calendar.of(row["area"]))
        return focus.next_day(by_cadence, row["next_asked"])

    def refresh(self, household: str) -> None:
        """Work out anew what follows from lists, members and visits – after a term was changed."""
        self._store(household)

    def visited(self, household: str, at: datetime, asked: date | None) -> None:
        """A visit at which somebody was met moves the next one on; one entered late never moves it back."""
        row = self.rows[household]
        if row["last_visit_at"] is not None and at < row["last_visit_at"]:
            return
        row |= {"last_visit_at": at, "next_asked": asked}
        row["next_due"] = self._next_due(row, [f for f in self.lists[household] if f["ended_on"] is None])
        values = {key: row[key] for key in ("last_visit_at", "next_asked", "next_due")}
        self.tx.run(update(households).where(households.c.id == household).values(**values))


def end(tx: Tx, actor: Actor, household: str, on: date, why: str, now: datetime) -> None:
    """迁出、并户、注销: the household leaves the rounds; its record stays."""
    row = kept(tx, actor, household)
    if not why.strip():
        raise Invalid("请写明原因。", "A reason is needed.", fields=[Field("why", "请写明原因")])
    values = {
        "ended_on": on,
        "ended_why": why.strip(),
        "next_due": None,
        "updated_at": now,
        "updated_by": actor.id,
        "revision": households.c.revision + 1,
    }
    tx.run(update(households).where(households.c.id == household).values(**values))
    note(tx, actor, row, "home_ended", now)


def note(tx: Tx, actor: Actor, row: Any, kind: str, now: datetime, *, what: str = "", **details: Any) -> None:
    """A line of 变更记录 about a household: which fields, never whose name nor what they hold."""
    called = f"第 {row.number} 户" if row.number else "未编号户"
    text = f"{called}：{audit.KINDS[kind]}" + (f"（{what}）" if what else "")
    audit.record(tx, actor.id, kind, text, now, area=row.area, household=row.id, what=what, **details)


def of_person(tx: Tx, area: str, name: str) -> str | None:
    """The one household of the area that person heads or lives in; None when there is none, or more than one."""
    if not name:
        return None
    h, m = households.c, household_members.c
    member = exists().where(m.household == h.id, m.name == name, m.left_on.is_(None))
    query = select(h.id, h.head).where(inside([area]), h.ended_on.is_(None), or_(h.head == name, member))
    found = list(tx.run(query.limit(3)))
    heads = [row.id for row in found if row.head == name]
    if len(heads) == 1:
        return str(heads[0])
    return str(found[0].id) if len(found) == 1 else None


def named(tx: Tx, area: str, head: str) -> list[str]:
    """The households of a village whose head bears a name."""
    h = households.c
    query = select(h.id).where(h.area == area, h.head == head, h.ended_on.is_(None))
    return list(tx.run(query.order_by(h.id)).scalars())
