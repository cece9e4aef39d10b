"""Paths that ended beside one that goes on leave nothing behind: neither the state nor the cost of a step grows with them."""

from __future__ import annotations

from tests.runner.notation import Sim, body, program_of

# Each round of the loop lets a non-interrupting timer fire, whose own path ends at once.
ROUNDS = body("s:S u:A x:G e:E b:B@A!?dur.P1D e:E2", "S>A>G; G>A*; G>E[stop = true]; B>E2")


def test_the_state_does_not_grow_with_paths_that_ended() -> None:
    sim = Sim(program_of(ROUNDS), {})
    sizes = []
    for _ in range(30):
        sim.step("+P2D")
        sim.step("A{stop=false}")
        assert sim.state is not None
        sizes.append(len(sim.state))
    assert max(sizes[5:]) <= sizes[2] + 8, sizes
    sim.step("A{stop=true}")
    sim.step(".")
