"""Who an application is about: the member of the household its case is named after, with age and sex by citizen number.

GB 11643-1999: digits 7 to 14 of a citizen number are the birthday, the 17th is odd for men. Wrong numbers tell nothing;
nobody is refused for one (policy.md D.3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

HEAD = "head"  # of the code list `relation`: the head of the household, oneself
CHILD = 14  # PIPL art. 28: all data of younger people are sensitive
ADULT = 18  # Civil Code art. 17: younger people are minors


def subject(application: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """The member of that name, else the head; an empty member when the application lists neither."""
    members = [m for m in application.get("members") or [] if isinstance(m, Mapping)]
    named = [m for m in members if name and m.get("name") == name]
    heads = [m for m in members if m.get("relation") == HEAD]
    return next(iter([*named, *heads]), {})


def birthday(member: Mapping[str, Any]) -> date | None:
    """As the form says, else by the number."""
    digits = str(member.get("id_no") or "")
    number = f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}" if len(digits) == 18 else ""
    for text in (str(member.get("birth_date") or "")[:10], number):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None


def age(member: Mapping[str, Any], on: date) -> int | None:
    """Full years that day; None when the birthday is not known."""
    born = birthday(member)
    if born is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def is_minor(member: Mapping[str, Any], on: date) -> bool:
    years = age(member, on)
    return years is not None and years < ADULT


def minor_applied_for(application: Mapping[str, Any], name: str | None, on: date) -> bool:
    """Whose papers must not be shown. A helper who wrote “未成年” is believed whatever the birthdays say: the lead may bear the name of
    the guardian. Else by the birthday of who is named; a guardian alone makes nobody a minor.

    Who is named but not listed may be any of the members: support for one person (特困) is then a minor's as soon as one of them is.
    """
    if application.get("reason") == "minor":
        return True
    found = subject(application, name)
    if application.get("programme") == "TEKUN" and found.get("name") != name:
        return any(is_minor(m, on) for m in application.get("members") or [] if isinstance(m, Mapping))
    return is_minor(found, on)


def sex(member: Mapping[str, Any]) -> str | None:
    """GB/T 2261.1: 1 male, 2 female; None when the number does not tell."""
    digits = str(member.get("id_no") or "")
    if len(digits) != 18 or not digits[16].isdecimal():
        return None
    return "1" if int(digits[16]) % 2 else "2"


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def number_holds(number: str) -> bool:
    """Is this a citizen number whose check digit fits (GB 11643-1999)? A wrong one is a warning, never a refusal."""
    text = number.strip().upper()
    if len(text) != 18 or not text[:17].isdecimal():
        return False
    return CHECKS[sum(int(d) * w for d, w in zip(text, WEIGHTS, strict=False)) % 11] == text[17]


def number_hash(number: str | None) -> str | None:
    """By which the same number is found again without being read; None without one."""
    text = "".join((number or "").split()).upper()
    return hashlib.sha256(text.encode()).hexdigest() if text else None
