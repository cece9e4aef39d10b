"""Which household and which member an entry means: those who are there. Who has ended or left and appears again is for a person to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from casework import members

if TYPE_CHECKING:
    from casework.households import Entry, Member, Register

NEW = "new"
"""Decided: another one than any the register has had."""
Person = Mapping[str, Any]


def living(register: Register, entry: Entry) -> str | None:
    """The household that is meant and stands: by number if anybody there is the same, by the head's identity number, by the head's
    name if only one bears it."""
    here = [r for r in register.villages.get(entry.area, ()) if r["ended_on"] is None]
    bears = numbered(register, entry)
    if bears is not None and register.rows[bears]["ended_on"] is None:
        return bears if _akin(register, bears, entry) else None
    hashed = _head_hash(entry)
    if hashed:
        for row in here:
            if any(p["id_hash"] == hashed and p["left_on"] is None for p in register.people[row["id"]]):
                return str(row["id"])
    named = [
        r for r in here
        if r["head"] == entry.head and not (entry.number and r["number"] and r["number"] != entry.number)
    ]  # fmt: skip
    if len(named) == 1 and not _another(register.people[named[0]["id"]], entry.head, hashed, here=True):
        return str(named[0]["id"])
    return None


def ended(register: Register, entry: Entry) -> list[str]:
    """Households that have ended and may be meant, the last to end first: by number with somebody in common, by somebody who lived there
    to the end with the head's identity number, by the head's name."""
    hashed, bears = _head_hash(entry), numbered(register, entry)
    found = []
    for row in register.villages.get(entry.area, ()):
        if row["ended_on"] is None:
            continue
        people = register.people[row["id"]]
        stayed = (p for p in people if p["left_on"] is None or p["left_on"] >= row["ended_on"])
        if (
            (row["id"] == bears and _akin(register, row["id"], entry))
            or (hashed and any(p["id_hash"] == hashed for p in stayed))
            or (row["head"] == entry.head and not _another(people, entry.head, hashed))
        ):
            found.append(row)
    found.sort(key=lambda row: (row["ended_on"], row["id"]), reverse=True)
    return [str(row["id"]) for row in found]


def numbered(register: Register, entry: Entry) -> str | None:
    """The household that bears the entry's number, whoever lives there and whether it stands."""
    if not entry.number:
        return None
    here = register.villages.get(entry.area, ())
    return next((r["id"] for r in here if r["number"] == entry.number), None)


def member(people: Sequence[Person], one: Member) -> tuple[Any | None, list[Any]]:
    """Who lives there and is meant; where nobody is, those who have left and may be."""
    hashed = members.number_hash(one.id_no)
    here, gone = ([p for p in people if (p["left_on"] is None) is there] for there in (True, False))
    same = next((p for p in here if hashed and p["id_hash"] == hashed), None) or next(
        (p for p in here if p["name"] == one.name and (not hashed or p["id_hash"] is None)), None
    )
    if same is not None:
        return same, []
    again = [
        p for p in gone
        if (hashed and p["id_hash"] == hashed)
        or (p["name"] == one.name and (not hashed or p["id_hash"] in (None, hashed)))
    ]  # fmt: skip
    return None, sorted(again, key=lambda p: (p["left_on"], p["id"]), reverse=True)


def _head_hash(entry: Entry) -> str | None:
    head = next((p for p in entry.members if p.name == entry.head), None)
    return members.number_hash(head.id_no) if head else None


def _akin(register: Register, household: str, entry: Entry) -> bool:
    """Is the head, or anybody, the same? A number alone does not make two families one."""
    people = register.people[household]
    names = {entry.head, *(m.name for m in entry.members)}
    known = {register.rows[household]["head"], *(p["name"] for p in people)}
    hashes = {members.number_hash(m.id_no) for m in entry.members} - {None}
    return bool(names & known) or any(p["id_hash"] in hashes for p in people)


def _another(people: Sequence[Person], name: str, hashed: str | None, *, here: bool = False) -> bool:
    """Does everybody of that name there (`here`: who lives there) have another identity number? Then it is another person."""
    named = [p for p in people if p["name"] == name and not (here and p["left_on"] is not None)]
    return bool(hashed and named) and all(p["id_hash"] not in (None, hashed) for p in named)
