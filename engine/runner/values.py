"""What goes into the runner and what comes out of it. No SpiffWorkflow here, no database, no clock.

One call: `engine.runner.advance(program, state, command, now, document=…, host=…) -> Outcome`.
`state` is opaque bytes (None for `Start`); keys of tokens are hex strings, unique in a case and stable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

Variables = Mapping[str, Any]


def covers(outer: str, path: str) -> bool:
    """Is a document path this one or below it?"""
    return not outer or path == outer or path.startswith(f"{outer}/")


# ------------------------------------------------------------------------------------------ commands
@dataclass(frozen=True, slots=True)
class Start:
    """Begin a process. `event` names a start event other than the plain one (message or timer start)."""

    process: str
    variables: Variables = field(default_factory=dict)
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """A person has finished the user task `key`; `variables` is what the form gave."""

    key: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FinishJob:
    """The machine has finished the job `key` (service, send, rule or script task run outside)."""

    key: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThrowError:
    """A BPMN error raised by the holder of the task or job `key`."""

    key: str
    code: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FireTimer:
    key: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message (or a signal for this one token) to the waiting token `key`."""

    key: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal to every token of the case that waits for it."""

    name: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendBack:
    """退回: the token `key` goes back to the earlier activity `target`; what lies downstream is cancelled.

    `straight`: when the target is done again the token comes straight back (直送), else it goes every step.
    """

    key: str
    target: str
    straight: bool = False


@dataclass(frozen=True, slots=True)
class Jump:
    """自由跳转: the token `key` is moved to another activity of its scope, forward or back."""

    key: str
    target: str


@dataclass(frozen=True, slots=True)
class SetDue:
    """Move waiting timers: key → new instant (None: suspended until set again)."""

    due: Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Correct process-level variables from outside; conditional events are looked at again."""

    variables: Variables


@dataclass(frozen=True, slots=True)
class Redate:
    """A lawful date was wrongly typed: wherever one of these names holds `old` it holds `new`, as a date or as an instant.

    Tokens and timers that counted from it count from the new one: those whose expression mentions a name, and those at one
    of the `places` (process, element). Only at and below the document path `home`, and not below those `apart`, which have
    that date for themselves: another application of the same day is another date.
    """

    names: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    old: datetime
    new: datetime
    home: str = ""
    apart: tuple[str, ...] = ()

    def reaches(self, path: str) -> bool:
        return covers(self.home, path) and not any(covers(other, path) for other in self.apart)


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the case: every token is terminated."""

    reason: str = ""


Command = (
    Start
    | Complete
    | FinishJob
    | ThrowError
    | FireTimer
    | Deliver
    | Signal
    | SendBack
    | Jump
    | SetDue
    | SetVariables
    | Redate
    | Cancel
)


# ------------------------------------------------------------------------------------------ what waits
class WaitKind(StrEnum):
    USER_TASK = "user_task"
    JOB = "job"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A token that waits for the outside world. Everything a ledger row needs is evaluated here, at activation.

    `owners`: keys of what encloses it, innermost first – for a boundary event its host, then the enclosing
    sub-process, call activity and multi-instance tokens. `path`: where its document sections live, `""` for the
    case itself, else `node:abcd1234#2` segments joined by `/`, one per enclosing multi-instance item.
    """

    key: str
    kind: WaitKind
    process: str
    element: str
    owners: tuple[str, ...] = ()
    path: str = ""
    # user tasks
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    tier: str | None = None  # only where the drawing computes it
    area: str | None = None  # the same: a step that stays at a place, wherever the case goes
    due: datetime | None = None  # also: when the timer fires
    follow_up: datetime | None = None
    priority: int = 50
    together: int = 1  # how many people must act
    # jobs
    type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    retries: int = 3
    variables: Variables = field(default_factory=dict)
    # timers
    basis: Mapping[str, Any] | None = None  # what `deadline()` said of itself: {"term", "start", …}
    interrupting: bool = True
    # messages and signals
    name: str | None = None
    correlation: str | None = None


class How(StrEnum):
    COMPLETED = "completed"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Closed:
    """A token that waited before this command and waits no more."""

    key: str
    kind: WaitKind
    how: How


# ------------------------------------------------------------------------------------------ clocks
@dataclass(frozen=True, slots=True)
class Act:
    """The lawful moment of the act that ends a limit, and the expression of the drawing that told it."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A node with `term`, `pauses`, `stops` or `stage` was entered. `terms` are keys after evaluation (may be empty).

    `start` is the lawful event: `clockStart` evaluated, else the moment of entry. `stops`: terms whose stop fact lies now
    that this node is reached (a decision was taken). `accepted`: the day of acceptance as this token sees it, whose rules
    apply to its branch. `stopped`: when the stop fact came about (`stopsAt`), where the drawing says it.
    """

    key: str
    process: str
    element: str
    owners: tuple[str, ...]
    path: str
    terms: tuple[str, ...]
    start: datetime
    pauses: tuple[str, ...] = ()
    stage: str | None = None
    stops: tuple[str, ...] = ()
    accepted: date | None = None
    stopped: Act | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A node reported by `Entered` (now or earlier) was left; an event gateway only when one of its events is caught.

    Where the drawing says which: `at`, the lawful moment at which the wait ended (`resumesAt`); `act`, what its limit asks for
    (`clockEnd`).
    """

    key: str
    how: How
    at: datetime | None = None
    act: Act | None = None


# ------------------------------------------------------------------------------------------ trace
@dataclass(frozen=True, slots=True)
class TraceEvent:
    """`event`: activated, completed, terminated (nodes); taken (flows); thrown, caught (with `what`); decided."""

    event: str
    process: str
    element: str
    type: str
    name: str | None = None
    key: str | None = None
    what: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal for the world outside this case."""

    kind: str  # message | signal
    name: str
    correlation: str | None = None
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Warned:
    """FEEL gave null for a reason worth knowing."""

    element: str
    expression: str
    message: str


class Status(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    state: bytes
    status: Status
    opened: tuple[Waiting, ...] = ()
    closed: tuple[Closed, ...] = ()
    entered: tuple[Entered, ...] = ()
    left: tuple[Left, ...] = ()
    trace: tuple[TraceEvent, ...] = ()
    thrown: tuple[Thrown, ...] = ()
    warnings: tuple[Warned, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Process-level variables after the step."""


# ------------------------------------------------------------------------------------------ the host
@dataclass(frozen=True, slots=True)
class Decided:
    """What a business rule task learned. `matched`: table and rule ids; `explained`: what each table saw (`dmn.Decision`);
    `source`: the decision's `name` and the `bundle`, `version` and `file` it is from, as far as the host knows.
    """

    value: Any
    matched: tuple[Mapping[str, str], ...] = ()
    errors: tuple[Mapping[str, str], ...] = ()
    explained: tuple[Mapping[str, Any], ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)


class Host(Protocol):
    """What the surroundings lend to expressions. Pure from the runner's point of view; must not touch the case."""

    def functions(self, anchor: datetime, variables: Variables) -> Mapping[str, Callable[..., Any]]:
        """FEEL functions for one evaluation: `deadline(key)`, `deadline(key, start)`, `remind(key, share)`, `now()`…

        `anchor` is the lawful start of the node the expression stands at. An instant that carries an attribute
        `basis` (a mapping) is a computed legal instant; the runner hands the basis on in `Waiting.basis`.
        """
        ...

    def decide(self, decision: str, variables: Variables) -> Decided:
        """Evaluate a decision by id."""
        ...
