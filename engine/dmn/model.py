"""A decision model ready to decide: requirement graph, knowledge models and services over compiled boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

from engine.errors import ModelRefused, NotFound, Refusal
from engine.feel import Function
from engine.feel.compile_calls import invoke
from engine.feel.errors import BudgetExceeded, Fault
from engine.feel.fitting import typed
from engine.feel.types import ANY, FunctionType, ListType, Simple, Type, bare
from engine.feel.values import Value, settle, to_feel

from . import values as v
from .boxes import BoxCompiler, fitted
from .imports import Library
from .linking import Linked
from .reader import read
from .session import Code, Session

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: the value, `errors` as `{"element", "message"}` and the rules that held, `{"table", "rule"}`.

    `explained`, for every table that was read, in order: `{"table", "inputs": [{"label", "expression", "value"}], "rules": [{"rule", "number",
    "note", "tests": [{"label", "expression", "test", "value"}], "outputs": [{"name", "label", "value"}]}]}`. Values are FEEL's texts, `number`
    counts from 1.
    """

    value: Value
    errors: tuple[dict[str, str], ...] = ()
    matched: tuple[dict[str, str], ...] = ()
    explained: tuple[dict[str, Any], ...] = ()


def load(data: bytes, others: Iterable[bytes] = ()) -> Model:
    """The model of a DMN file, 1.1 to 1.5. `others`: files beside it, among which its imports are found by namespace.

    Raises `Invalid` for broken XML, `ModelRefused` for what is no DMN or cannot run right. Expressions that are no FEEL do not raise: they are
    in `Model.problems` and null when evaluated; `Model.check` raises for them (call it before deploying).
    """
    return Model(read(data), Library(others))


class Model(Linked):
    """A compiled DMN file. It holds no state between evaluations: one may be used by many threads."""

    def __init__(self, definitions: v.Definitions, library: Library, trail: tuple[str, ...] = ()) -> None:
        super().__init__(definitions, library, trail)
        self._boxes = BoxCompiler(self.catalogue, self.names)
        self._logic: dict[str, Code] = {
            d.id: self._boxes.code(d.logic) for d in definitions.decisions.values()
        }
        self._knowledge: dict[str, Code] = {
            k.id: self._boxes.code(k.logic) for k in definitions.knowledge.values()
        }
        for item in definitions.types:
            self.catalogue.find(item.name)
        for item, error in self.catalogue.problems:
            self._boxes.problem(item.id, error)

    @property
    def decisions(self) -> dict[str, str]:
        """The decisions, id to name."""
        return {d.id: d.name for d in self.definitions.decisions.values()}

    @property
    def invocables(self) -> dict[str, str]:
        """Knowledge models and services, id to name."""
        knowledge = {k.id: k.name for k in self.definitions.knowledge.values()}
        return knowledge | {s.id: s.name for s in self.definitions.services.values()}

    @property
    def problems(self) -> tuple[Refusal, ...]:
        """Expressions that are no FEEL, with their elements."""
        return tuple(self._boxes.problems)

    def check(self) -> None:
        """Raise `ModelRefused` if there are problems."""
        if self.problems:
            raise ModelRefused(self.problems)

    def unknown_functions(self, host: Sequence[str] = ()) -> dict[str, list[str]]:
        """Element id to the functions it calls that nobody defines, given the host's."""
        known = {*host, *(e for e in self.invocables.values()), *self._local_functions()}
        found = {element: compiled.unknown_functions(known) for element, compiled in self._boxes.expressions}
        return {element: names for element, names in found.items() if names}

    def mentions(self) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        """Of every expression: its element, the variables it reads, and the paths (`lead.main_cause`) it follows."""
        return [(element, one.names, one.paths) for element, one in self._boxes.expressions]

    def _local_functions(self) -> set[str]:
        """Names that boxed contexts and parameters may bind to functions: not judged."""
        return {name for names in map(_declared, self._all_logic()) for name in names}

    def _all_logic(self) -> list[v.Box]:
        decided = [d.logic for d in self.definitions.decisions.values()]
        known = [k.logic for k in self.definitions.knowledge.values()]
        return [box for box in (*decided, *known) if box is not None]

    def decide(self, name: str, inputs: Mapping[str, Any], functions: Functions | None = None) -> Decision:
        """The value of a decision (or service) by name or id, for input data by name.

        Inputs that no input data declares are visible to all decisions as well, as modellers of decision tables
        expect. ISO text is read as a date, time or duration where an input's type says so. Raises `NotFound`.
        """
        for home in self.family():
            decision = _named(home.definitions.decisions, name)
            service = _named(home.definitions.services, name)
            if decision is not None or service is not None:
                break
        else:
            raise NotFound(f"没有决策“{name}”", f"there is no decision {name!r}", name=name)

        def run(session: Session) -> Value:
            given = home._given(session, inputs)
            if decision is not None:
                return home._decide(session, decision, given)
            assert service is not None
            function = home._service_function(session, service)
            for parameter, of in zip(function.parameters, function.types, strict=True):
                if parameter in given:
                    given[parameter] = fitted(session, given[parameter], of, service.id, texts=True)
            return home._serve(session, service, given)

        return _evaluate(run, functions, name)

    def invoke(
        self, name: str, arguments: Mapping[str, Any] | Sequence[Any], functions: Functions | None = None
    ) -> Decision:
        """The result of a knowledge model or service for arguments by name, or in order. Raises `NotFound`."""
        for home in self.family():
            target = _named(home.definitions.knowledge, name) or _named(home.definitions.services, name)
            if target is not None:
                break
        else:
            raise NotFound(f"没有可调用的“{name}”", f"there is nothing to invoke called {name!r}", name=name)

        def run(session: Session) -> Value:
            function = home._function(session, target.id)
            named = tuple(arguments) if isinstance(arguments, Mapping) else ()
            values = list(arguments.values()) if isinstance(arguments, Mapping) else list(arguments)
            try:
                fed = [to_feel(value) for value in values]
                return invoke(function, fed, named, session.run, lambda text: session.error(target.id, text))
            except Fault as fault:
                return session.error(target.id, fault.message)

        return _evaluate(run, functions, name)

    def _given(self, session: Session, inputs: Mapping[str, Any]) -> dict[str, Value]:
        """The caller's values under their names, input data fitted to their types."""
        given = {key: to_feel(value) for key, value in inputs.items()}
        for data in self.definitions.inputs.values():
            value = given.get(data.name, given.get(data.title, given.get(data.id)))
            given[data.name] = fitted(session, value, self.catalogue.named(data.type), data.id, texts=True)
        return given

    def _decide(self, session: Session, decision: v.DecisionNode, given: Mapping[str, Value]) -> Value:
        """The value of a decision, computed once per evaluation."""
        key = self.key(decision.id)
        if key in session.values:
            return session.values[key]
        names = dict(given)
        for required in decision.information:
            self._inform(session, required, given, names)
        for name, made in self._functions(session, decision.knowledge).items():
            names[name] = {**_entries(names.get(name)), **made} if isinstance(made, dict) else made
        value = self._logic[decision.id](session, names)
        if decision.logic is None:
            session.error(decision.id, "决策没有内容")
        of = self.catalogue.named(decision.type)
        if of is not None and _gives_list(decision.logic) and not isinstance(bare(of), ListType):
            # modellers copy the output column's type to the decision: it is meant for each of the rules that hold
            of = ListType(of) if of != Simple("list") and of != ANY else None
        value = fitted(session, value, of, decision.id)
        session.values[key] = value
        return value

    def _inform(
        self, session: Session, required: str, given: Mapping[str, Value], names: dict[str, Value]
    ) -> None:
        """A required decision's value, or imported input data, under the name it has here."""
        home, name, element = self.home(required)
        inside = given if name is None else home._given(session, _entries(given.get(name)) if name else given)
        node = home.definitions.decisions.get(element)
        data = home.definitions.inputs.get(element)
        if node is not None:
            value, called = home._decide(session, node, inside), node.name
        elif data is not None and name is not None:
            value, called = inside.get(data.name), data.name
        else:
            return
        if name:
            names[name] = {**_entries(names.get(name)), called: value}
        else:
            names[called] = value

    def _functions(self, session: Session, ids: Sequence[str]) -> dict[str, Any]:
        """The required knowledge models and services as function values; imported ones in a context under the import's name."""
        found: dict[str, Any] = {}
        for required in ids:
            home, name, element = self.home(required)
            node = home.definitions.knowledge.get(element) or home.definitions.services.get(element)
            if node is None:
                continue
            made = home._function(session, element)
            if name:
                found.setdefault(name, {})[node.name] = made
            else:
                found[node.name] = made
        return found

    def _function(self, session: Session, target: str) -> Function:
        model = self.definitions.knowledge.get(target)
        if model is not None:
            return self._knowledge_function(session, model)
        return self._service_function(session, self.definitions.services[target])

    def _knowledge_function(self, session: Session, model: v.KnowledgeModel) -> Function:
        """A knowledge model; the functions it requires are looked up when it is called, so they may call it back."""
        logic = model.logic
        parameters = tuple(name for name, _ in logic.parameters) if logic else ()
        types = tuple(self.catalogue.named(of) for _, of in logic.parameters) if logic else ()

        def call(*values: Value) -> Value:
            names: dict[str, Value] = dict(self._functions(session, model.knowledge))
            names.setdefault(model.name, self._knowledge_function(session, model))
            made = self._knowledge[model.id](session, names)
            result = made.call(*values) if isinstance(made, Function) else None
            declared = made.result if isinstance(made, Function) else None
            result = fitted(session, result, declared, model.id)
            return fitted(session, result, self._result_type(model.type), model.id)

        made = Function(parameters, call, types)
        return self._as_declared(self._as_declared(made, logic.type if logic else None), model.type)

    def _service_function(self, session: Session, service: v.Service) -> Function:
        """A service: its input data, then its input decisions, are the parameters."""
        declared: list[tuple[str | None, str, Type | None]] = []
        for reference in (*service.input_data, *service.input_decisions):
            home, name, element = self.home(reference)
            node = home.definitions.inputs.get(element) or home.definitions.decisions.get(element)
            if node is not None:
                declared.append((name, node.name, home.catalogue.named(node.type)))
        parameters = tuple(called for _, called, _ in declared)
        types = tuple(of for _, _, of in declared)

        def call(*values: Value) -> Value:
            session.run.spend(1)
            session.run.enter()
            try:
                given: dict[str, Value] = {}
                for (name, called, _), value in zip(declared, values, strict=True):
                    if name:
                        given[name] = {**_entries(given.get(name)), called: value}
                    else:
                        given[called] = value
                return self._serve(session, service, given)
            finally:
                session.run.calls -= 1

        return self._as_declared(Function(parameters, call, types), service.type)

    def _as_declared(self, function: Function, name: str | None) -> Function:
        """The function with the parameter and result types its variable's type says."""
        of = self.catalogue.named(name)
        fits = isinstance(of, FunctionType) and len(of.parameters) == len(function.parameters)
        return typed(function, of) if fits and isinstance(of, FunctionType) else function

    def _serve(self, session: Session, service: v.Service, given: Mapping[str, Value]) -> Value:
        """The outputs of a service: one bare, several as a context. Its input decisions are taken as given."""
        before = session.values
        session.values = {}
        for reference in service.input_decisions:
            home, name, element = self.home(reference)
            node = home.definitions.decisions.get(element)
            if node is not None:
                value = (_entries(given.get(name)) if name else given).get(node.name)
                of = home.catalogue.named(node.type)
                session.values[home.key(node.id)] = fitted(session, value, of, node.id, texts=True)
        made: dict[str, Value] = {}
        try:
            for reference in service.outputs:
                home, name, element = self.home(reference)
                output = home.definitions.decisions.get(element)
                if output is not None:
                    inside = given if name is None else home._given(session, _entries(given.get(name)))
                    made[output.name] = home._decide(session, output, inside)
        finally:
            session.values = before
        value = next(iter(made.values())) if len(made) == 1 else made
        return fitted(session, value, self._result_type(service.type), service.id)

    def _result_type(self, name: str | None) -> Type | None:
        """The type of a function's result: its variable names the function's type, in DMN 1.1 the result's."""
        of = self.catalogue.named(name)
        return of.result if isinstance(of, FunctionType) else of


def _entries(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


def _named(elements: Mapping[str, _N], name: str) -> _N | None:
    """An element by id, else by the name of its variable, else by its own."""
    if name in elements:
        return elements[name]
    named = next((e for e in elements.values() if e.name == name), None)
    return named or next((e for e in elements.values() if e.title == name), None)


def _gives_list(box: v.Box | None) -> bool:
    return isinstance(box, v.Table) and box.policy.several and box.aggregation is None


def _declared(box: v.Box) -> set[str]:
    """Names a box declares, at any depth."""
    found: set[str] = set()
    stack: list[Any] = [box]
    while stack:
        at = stack.pop()
        if isinstance(at, tuple):
            stack.extend(at)
        elif isinstance(at, v.ContextEntry):
            found.add(at.name or "")
            stack.append(at.value)
        elif isinstance(at, v.Box):
            if isinstance(at, v.FunctionDefinition):
                found.update(name for name, _ in at.parameters)
            stack.extend(getattr(at, part.name) for part in fields(at))
    return found


def _evaluate(run: Callable[[Session], Value], functions: Functions | None, element: str) -> Decision:
    """A session around an evaluation; a budget that is used up gives null."""
    session = Session(functions)
    try:
        value = settle(run(session), session.run.spend)
    except (BudgetExceeded, RecursionError):
        session.error(element, "计算量超出限制，已停止")
        value = None
    session.blame(element, 0)
    return Decision(value, tuple(session.errors), tuple(session.matched), tuple(session.explained))
