"""Every construct the runner runs, written down as model and play. After every command the state is reloaded from bytes."""

from __future__ import annotations

import pytest

from tests.runner.notation import body, comp, each, on, play, sub, task

AB, FORK = (
    body("s:S u:A u:B e:E", "S>A>B>E"),
    body("s:S u:T p:F u:A u:B u:C p:J u:D e:E", "S>T>F; F>A>B>J; F>C>J; J>D>E"),
)
IN, U3, LOOPED = (
    body("s:IS u:A u:B e:IE", "IS>A>B>IE"),
    {"units": ["a", "b", "c"]},
    "s:S x:M u:T p:F u:A u:B u:C p:J x:G e:E",
)
BACK = body(LOOPED, "S>M>T>F; F>A>B>J; F>C>J; J>G; G>M[again = true]; G>E*")


def many(cond, seq="false"):
    return body("s:S u:T u:Z e:E b:B@A?msg.m u:H e:E2", "S>T>A>Z>E; B>H>E2", task("A", each(cond, seq)))


def blocks(k, w, at="S"):  # k parallel blocks of w user tasks
    return (
        body(
            "s:S e:E"
            + "".join(f" p:F{i} p:J{i}" + "".join(f" u:U{i}_{j}" for j in range(w)) for i in range(k)),
            "; ".join(
                [f"F{i}>U{i}_{j}>J{i}" for i in range(k) for j in range(w)]
                + ["S>" + ">".join(f"F{i};J{i}" for i in range(k)) + ">E"]
            ).replace(";J", "; J"),
        ),
        " ".join(f"U{i}_{j} @16" for i in range(k) for j in range(w)) + " .",
    )


EV = "event sub-process: "
CASES = [
    (
        EV + "message, interrupting; unfired ones do not hold the scope",
        [
            (AB + on("X", "msg.m"), "[A] A [B] ~m [H] ? H . $why=7"),
            (AB + on("X", "dur.P3D") + on("Y", "msg.m", "u:H2 e:XE", "H2>XE", True), "A B . ?"),
        ],
    ),
    (
        EV + "message, non-interrupting, repeated, also after the main flow",
        [(AB + on("X", "msg.m", calm=True), "~m ~m [A,H,H] A B ~m [H,H,H] H H H .")],
    ),
    (
        EV + "timer, once and cyclic",
        [
            (AB + on("X", "dur.P3D"), "+P2D [A] +P1D [H] H ."),
            (AB + on("X", "cyc.R2/P1D", calm=True), "+P5D [A,H,H] ? A B H H ."),
        ],
    ),
    (
        EV + "error: code beats catch-all, one handler; from a sibling handler",
        [
            (
                body(
                    "s:S u:A x:G e:E e:F?err.r1",
                    "S>A>G; G>E*; G>F[bad = 1]",
                    on("X", "err.") + on("Y", "err.r1", "u:One e:XE", "One>XE"),
                ),
                "A{bad=1} [One] One .",
            ),
            (AB + on("Y", "msg.m", "u:N e:XE?err.r1", "N>XE", True) + on("V", "err."), "~m N [H] H ."),
        ],
    ),
    (
        EV + "escalation, signal, condition",
        [
            (body("s:S h:T?esc.q u:A e:E", "S>T>A>E", on("X", "esc.q")), "[H]"),
            (body("s:S h:T?esc.q u:A e:E", "S>T>A>E", on("X", "esc.q", calm=True)), "[A,H] A H ."),
            (AB + on("X", "sig.g", calm=True), "^g ^g [A,H,H]"),
            (AB + on("X", "cond.n = 1"), "[A] A{n=1} [H] H ."),
        ],
    ),
    (
        EV + "interruption ends running handlers, sub-scopes and the other starts",
        [
            (
                AB + on("X", "msg.m") + on("Y", "msg.m2", "u:N e:XE", "N>XE", True),
                "~m2 ~m2 [A,N,N] ~m [H] ? H .",
            ),
            (
                body(
                    "s:S e:E",
                    "S>Q>E",
                    sub("Q", body("s:IS e:IE", "IS>R>IE", sub("R", body("s:JS u:A e:JE", "JS>A>JE"))))
                    + on("X", "sig.g"),
                ),
                "[A] ^g [H] H . @9",
            ),
        ],
    ),
    (
        EV + "nested; one of several multi-instance scopes",
        [
            (
                body("s:S p:P1 u:C p:P2 u:Z e:E", "S>P1>Q>P2>Z>E; P1>C>P2", sub("Q", IN + on("X", "msg.m"))),
                "[A,C] ~m [C,H] H [C] C Z .",
            ),
            (
                body("s:S u:Z e:E", "S>Q>Z>E", sub("Q", IN + on("X", "msg.m") + each())),
                "~m [A,A,H] H A B A B [Z] Z .",
                U3,
            ),
        ],
    ),
    (
        "boundary error: own activity only, out of sub-process and multi-instance; uncaught is reported",
        [
            (
                body(
                    "s:S p:F u:A u:C e:E e:E2?err.r1 b:B@A?err.r1 u:N e:E3",
                    "S>F; F>A>E; F>C>E2; B>N>E3",
                    on("X", "err.r1"),
                ),
                "C [H] H .",
            ),
            (body("s:S e:E?err.r1", "S>E"), "."),
            (
                body(
                    "s:S u:Z e:E b:B@Q?err.r1 u:H e:E2",
                    "S>Q>Z>E; B>H>E2",
                    sub("Q", body("s:IS u:A e:IE?err.r1", "IS>A>IE") + each()),
                ),
                "[A,A,A] A#1 [H] H .",
                U3,
            ),
        ],
    ),
    (
        "boundary events: non-interrupting repeats; a fired path outlives its activity",
        [
            (
                body("s:S u:A e:E b:N@A!?msg.m u:H b:T@A?dur.P2D u:L e:E2 e:E3", "S>A>E; N>H>E2; T>L>E3"),
                "~m ~m [A,H,H] +P3D [H,H,L] H L H .",
            ),
            (
                body(
                    "s:S u:A b:B@A!?cond.n~>~3 u:H e:E e:E2",
                    "S>A>E; B>H>E2",
                    on("X", "sig.g", "k:K?n=5 u:P e:XE", "K>P>XE", True),
                ),
                "^g [A,H,P]",
                {"n": 0},
            ),
        ],
    ),
    (
        "immediate interruption beats queued automatic steps",
        [
            (
                body(
                    "s:S e:E b:B@Q?esc.q u:H e:E2",
                    "S>Q>E; B>H>E2",
                    sub(
                        "Q", body("s:IS p:G h:T?esc.q t:T1 t:T2 k:K?ran=1 e:IE", "IS>G; G>T1>T2>K>IE; G>T>IE")
                    ),
                ),
                "[H] $ran=null",
            )
        ],
    ),
    ("consecutive parallel blocks: 12 of 2, 4 of 5, 30 of 3", [blocks(12, 2), blocks(4, 5), blocks(30, 3)]),
    (
        "parallel join: loop, double flow, 500 automatic rounds",
        [
            (BACK, "T A B [C] C{again=true} T C A B{again=false} ."),
            (body("s:S p:F p:J u:A e:E", "S>F; F>J; F>J; J>A>E"), "A ."),
            (
                body(
                    "s:S x:M p:F t:A t:B p:J k:K?n=n+1 x:G e:E",
                    "S>M>F; F>A>J; F>B>J; J>K>G; G>M*; G>E[n >= 500]",
                ),
                ". $n=500",
                {"n": 0},
            ),
        ],
    ),
    (
        "inclusive gateway waits only for what can still come",
        [
            (
                body(
                    "s:S o:F u:A u:B u:C x:G o:J u:D u:Z e:E e:E2",
                    "S>F; F>A[a = 1]; F>B[b = 1]; F>C*; A>J; B>G; G>J*; G>Z[away = 1]; C>J; J>D>E; Z>E2",
                ),
                s,
                v,
            )
            for s, v in (
                ("[A,B] A [B] B{away=1} [D,Z] D Z .", {"a": 1, "b": 1}),
                ("A [D]", {"a": 1}),
                ("[C] C [D]", {}),
            )
        ],
    ),
    (
        "straight process of 2,000 user tasks",
        [
            (
                body(
                    "s:S e:E" + "".join(f" u:U{i}" for i in range(2000)),
                    ">".join(["S"] + [f"U{i}" for i in range(2000)] + ["E"]),
                ),
                " ".join(f"U{i}" for i in range(2000)) + " .",
            )
        ],
    ),
    (
        "loop of 10,000 visits; 10,000 automatic rounds in one step",
        [
            (body("s:S u:A x:G e:E", "S>A>G; G>A*; G>E[stop = true]"), "A @5 " * 10000 + "A{stop=true} ."),
            (body("s:S k:K?n=n+1 x:G e:E", "S>K>G; G>K*; G>E[n >= 10000]"), ".", {"n": 0}),
        ],
    ),
    (
        "multi-instance parallel: counters, condition over results, rest cancelled, nothing leaks",
        [
            (
                many("= numberOfCompletedInstances / numberOfInstances &gt;= 0.6 and count(votes) &gt;= 2"),
                'T [A,A,A] A{vote="c"}#2 [A,A] A{vote="a"} [Z] $votes=["a","c"] $unit=null $loopCounter=null $vote=null Z .',
                U3,
            )
        ],
    ),
    (
        "multi-instance sequential, empty, interrupted, sub-process per item; standard loop",
        [
            (
                many('=some v in votes satisfies v = "no"', "true"),
                'T [A] A{vote="yes"} [A] A{vote="no"} [Z] $votes=["yes","no"]',
                U3,
            ),
            (many("=false"), "T [Z]", {"units": []}),
            (many("=false"), "T [A,A,A] ~m [H] H .", U3),
            (
                body("s:S u:Z e:E", "S>Q>Z>E", sub("Q", IN + each())),
                'A{vote="y"}#1 B{note=1} A{vote="x"} B A{vote="z"} B [Z] $votes=["x","y","z"] $note=null',
                U3,
            ),
            (
                body(
                    "s:S e:E",
                    "S>A>E",
                    task(
                        "A",
                        '<bpmn:standardLoopCharacteristics loopMaximum="5"><bpmn:loopCondition>= again = true</bpmn:loopCondition></bpmn:standardLoopCharacteristics>',
                    ),
                ),
                "A{again=true} [A] A{again=false} .",
            ),
        ],
    ),
    (
        "signal throw, signal end, broadcast; link; definition by reference; reserved ids",
        [
            (
                body(
                    "s:S p:F u:A h:T?sig.g u:B c:C?sig.g u:D u:K b:N@K!?sig.g u:L e:E?sig.g e:E2",
                    "S>F; F>A>T>B>E; F>C>D>E2; F>K>E2; N>L>E2",
                ),
                "[A,K] A [B,D,K,L] B [D,K,L,L] D K L L .",
            ),
            (body("s:S u:A h:T?link.w c:W?link.w u:B e:E", "S>A>T; W>B>E"), "A [B] B ."),
            (
                body("s:Start c:C?ref.shared u:Root e:End", "Start>C>Root>End").replace('id="f0_Start" ', ""),
                "?message ~m Root .",
            ),
        ],
    ),
    (
        "implicit split, conditional and default flows out of activities, no start or end event",
        [
            (
                body("s:S u:A u:B u:C u:D e:E", "S>A; A>B; A>C[n > 1]; A>D[n > 2]; B>E; C>E; D>E"),
                "A{n=2} [B,C] B C .",
            ),
            (body("u:A u:B u:C", "A>B[n = 1]; A>C*"), "A{n=0} [C] C ."),
        ],
    ),
    (
        "event gateway with two timers and a message; terminate; start by message",
        [
            (
                body(
                    "s:S v:G c:T9?dur.PT9H c:T2?dur.PT2H c:M?msg.m u:A u:B u:C e:E",
                    "S>G; G>T9>A>E; G>T2>B>E; G>M>C>E",
                ),
                s,
            )
            for s in ("+PT3H [B] ? B .", "~m [C] ? C .")
        ]
        + [(body("s:S p:F u:A u:B e:E?end. e:E2", "S>F; F>A>E; F>B>E2"), "A .")],
    ),
    (
        "compensation: reverse order, by activity, what completed only",
        [
            (
                body("s:S u:A u:B u:C h:T?undo. u:Z e:E", "S>A>B>T>Z>E; Z>C>E", comp("A", "B", "C")),
                "A B [unB] unB [unA] unA [Z] Z C .",
            ),
            (
                body(
                    "s:S u:A u:B h:T?undo.activityRef='A' h:T2?undo. u:Z e:E",
                    "S>A>B>T>T2>Z>E",
                    comp("A", "B"),
                ),
                "A B [unA] unA [unB] unB [Z]",
            ),
        ],
    ),
    (
        "compensation: into completed sub-processes, from an error handler, per item",
        [
            (
                body(
                    "s:S u:C e:E?err.r1",
                    "S>Q>C>E",
                    sub("Q", IN + comp("A", "B")) + comp("C") + on("X", "err.", "h:T?undo. e:XE", "T>XE"),
                ),
                "A B C [unC] unC [unB] unB [unA] unA .",
            ),
            (
                body("s:S h:T?undo. u:Z e:E", "S>A>T>Z>E", task("A", each()) + comp("A")),
                "A A A [unA] unA unA unA [Z] Z .",
                U3,
            ),
        ],
    ),
    (
        "send back: in a branch, before the fork, with the sibling at the join, around a loop",
        [
            (FORK, "T A [B,C] B<A [A,C] A B<T [T] T A B C D ."),
            (FORK, "T C A B<A [A] A B D ."),
            (FORK, "T C A B<T [T] T A B [C] C D ."),
            (BACK, "T A B C{again=true} T A B<A [A,C] A B C{again=false} ."),
        ],
    ),
    (
        "send back: out of sub-process and multi-instance, after one; boundary timer starts anew",
        [
            (
                body("s:S u:T u:Z e:E b:N@Q!?dur.P5D u:H e:E2", "S>T>Q>Z>E; N>H>E2", sub("Q", IN)),
                "T A B<A [A] +P2D A<T [T] ? +P2D T +P4D [A] +P1D [A,H] A B Z H .",
            ),
            (many("=false"), "T A{vote=1} A<T#1 [T] ? T A A A Z<T [T] T A A A Z .", U3),
            (
                body("s:S u:T u:Z e:E", "S>T>Q>Z>E", sub("Q", IN + each())),
                "T A B<A#0 [A,A,A] A B<T [T] T A B A B A B Z .",
                U3,
            ),
        ],
    ),
    (
        "send back: into a joined block, forward, or to an unknown node is refused",
        [(FORK, "T A B C [D] !D<A !D<D !D<J D<T [T] !T<D T")],
    ),
    (
        "exactly one timer, by command and time given; a stray refresh fires nothing",
        [
            (
                body("s:S p:F c:T1?dur.P1D c:T2?dur.P1D u:A u:B e:E", "S>F; F>T1>A>E; F>T2>B>E"),
                "% [] !-T2 +P1D [A,B]",
            )
        ],
    ),
    (
        "complex gateway, unreachable node, compensation start: refused",
        [
            (body("s:S G:G e:E", "S>G>E"), "Refused"),
            (body("s:S e:E u:A", "S>E"), "Refused"),
            (AB + on("X", "undo."), "Refused"),
        ],
    ),
]


@pytest.mark.parametrize(("runs",), [pytest.param(runs, id=name) for name, runs in CASES])
def test_construct(runs: list[tuple[str, ...]]) -> None:
    for xml, steps, *variables in runs:
        play(xml, steps, variables[0] if variables else {})  # type: ignore[arg-type]
