"""Rules of an appraisal meeting without a database: who withdraws, how many may vote, whether totals add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.meeting_rules import (
    AT_HOME,
    HIMSELF,
    Count,
    Participant,
    Recusal,
    Ties,
    Votes,
    count,
    recusals,
    wrong,
)

ROLL = [
    Participant("t", "己民政", "town", "p_minzheng2", present=True),
    Participant("a", "钱某丁", "resident", present=True),
    Participant("b", "孙某戊", "resident", present=True),
    Participant("c", "周某庚", "party", present=False),
]


def test_a_relative_on_the_register_withdraws_and_the_relation_is_said() -> None:
    ties = Ties(persons={"p_minzheng2": "叔侄"}, names={"己民政": "叔侄"})
    assert recusals(ROLL, ties, {}) == [Recusal("t", "己民政", "近亲属备案：叔侄", True)]


def test_a_namesake_of_a_relative_is_known_by_his_own_id_and_votes() -> None:
    other = Participant("t", "己民政", "town", "p_another", present=True)
    assert recusals([other], Ties(persons={"p_minzheng2": "叔侄"}, names={"己民政": "叔侄"}), {}) == []


def test_who_is_known_by_name_alone_withdraws_by_name() -> None:
    ties = Ties(names={"钱某丁": "舅甥"}, home={"孙某戊": AT_HOME, "周某庚": HIMSELF})
    assert [(one.key, one.why) for one in recusals(ROLL, ties, {})] == [
        ("a", "近亲属备案：舅甥"),
        ("b", "共同生活的家庭成员"),
        ("c", "申请人本人"),
    ]


def test_a_hand_adds_a_withdrawal_and_never_overrides_the_register() -> None:
    found = recusals(ROLL, Ties(names={"钱某丁": "舅甥"}), {"a": "没有关系", "b": "债务关系"})
    assert found == [
        Recusal("a", "钱某丁", "近亲属备案：舅甥", True),
        Recusal("b", "孙某戊", "债务关系", False),
    ]


@pytest.mark.parametrize(
    ("recused", "expected"),
    [((), Count(3, 2, 0)), (("a",), Count(2, 1, 1)), (("c",), Count(3, 2, 0)), (("t", "a"), Count(1, 1, 2))],
    ids=["nobody", "a resident", "who did not come", "two"],
)
def test_only_who_came_counts_and_who_withdrew_does_not(recused: tuple[str, ...], expected: Count) -> None:
    assert count(ROLL, recused) == expected


@pytest.mark.parametrize(
    ("votes", "why"),
    [
        (Votes(2, 1, 0), None),
        (Votes(2, 0, 0), "合计 2，应为实到减回避 3"),
        (Votes(4, 0, 0), "合计 4，应为实到减回避 3"),
        (Votes(3, 0, None), "没有的填 0"),
        (Votes(), "没有的填 0"),
    ],
)
def test_totals_must_equal_present_minus_withdrawn(votes: Votes, why: str | None) -> None:
    found = wrong(votes, Count(3, 2, 1))
    assert found is None if why is None else why in str(found)


PEOPLE = st.lists(
    st.tuples(st.sampled_from(["resident", "town", "party"]), st.booleans(), st.booleans()), max_size=40
)


@given(PEOPLE)
def test_whoever_comes_either_votes_or_withdraws(people: list[tuple[str, bool, bool]]) -> None:
    roll = [Participant(str(n), f"人{n}", role, present=came) for n, (role, came, _) in enumerate(people)]
    recused = {str(n) for n, (_, _, withdraws) in enumerate(people) if withdraws}
    found = count(roll, recused)
    assert found.present + found.recused == sum(one.present for one in roll)
    assert found.residents <= found.present
    assert wrong(Votes(found.present, 0, 0), found) is None
    assert wrong(Votes(found.present, 1, 0), found) is not None
