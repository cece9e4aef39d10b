"""Rules of an appraisal meeting: who may vote on a case, whether totals add up. No database.

The ballot is secret: there is no single vote anywhere, only totals. Whether a meeting is valid and what it advises is asked of the
table `appraisal_count` of the process, so that a meeting and a case recorded alone are judged alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

RESIDENT, TOWN = "resident", "town"
"""Roles the rules speak of: representatives of the residents, staff of the town. The form `meeting_plan` names them all."""
HIMSELF, AT_HOME = "申请人本人", "共同生活的家庭成员"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on the roll 应到. `person`: their id where they are staff; `present`: came 实到."""

    key: str
    name: str
    role: str
    person: str | None = None
    present: bool = False


@dataclass(frozen=True, slots=True)
class Ties:
    """Who is close to a household: by the kin register (ids and names of staff → relation), and who lives there (names → why)."""

    persons: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recusal:
    """Somebody on the roll who withdraws from one case, and why. `automatic`: found by the system, nobody can lift it."""

    key: str
    name: str
    why: str
    automatic: bool


@dataclass(frozen=True, slots=True)
class Votes:
    """Totals of one secret ballot; None: not filled in yet."""

    agree: int | None = None
    against: int | None = None
    abstain: int | None = None

    @property
    def cast(self) -> int:
        return (self.agree or 0) + (self.against or 0) + (self.abstain or 0)


@dataclass(frozen=True, slots=True)
class Count:
    """Of those who came: how many may vote on a case, how many of these represent residents, how many withdrew."""

    present: int
    residents: int
    recused: int


def recusals(roll: Sequence[Participant], ties: Ties, by_hand: Mapping[str, str]) -> list[Recusal]:
    """Who on the roll withdraws from a case: relatives and the household by themselves, others because somebody said so.

    Staff are known by id – a namesake of a relative votes –, everybody else by name alone.
    """
    found = []
    for one in roll:
        relation = ties.persons.get(one.person) if one.person else ties.names.get(one.name)
        why = ties.home.get(one.name) if not one.person else None
        if relation is not None:
            found.append(Recusal(one.key, one.name, f"近亲属备案：{relation}", True))
        elif why is not None:
            found.append(Recusal(one.key, one.name, why, True))
        elif one.key in by_hand:
            found.append(Recusal(one.key, one.name, by_hand[one.key], False))
    return found


def count(roll: Sequence[Participant], recused: Collection[str]) -> Count:
    """Those present who may vote; `recused`: keys of who withdraws."""
    came = [one for one in roll if one.present]
    voting = [one for one in came if one.key not in recused]
    residents = sum(one.role == RESIDENT for one in voting)
    return Count(len(voting), residents, len(came) - len(voting))


def wrong(votes: Votes, voting: Count) -> str | None:
    """Why the totals cannot be right, or None: 同意 + 不同意 + 弃权 = 实到 − 回避."""
    if None in (votes.agree, votes.against, votes.abstain):
        return "同意、不同意、弃权都要填写，没有的填 0"
    if votes.cast != voting.present:
        return f"同意、不同意、弃权合计 {votes.cast}，应为实到减回避 {voting.present}"
    return None
