"""Function definitions and calls: the expression's own functions, the context's, the host's and the built-in ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from engine.errors import XunzhenError

from . import ast
from .builtins import BUILTINS, PURE, Builtin
from .compile_names import name as compile_name
from .compiler import Compiler
from .errors import BudgetExceeded, Fault
from .fitting import fit
from .inference import inferred
from .runtime import Code, Frame, Run, Scope
from .values import Function, Value, to_feel, word


def function_of(compiler: Compiler, node: ast.FunctionOf, scope: Scope) -> Code:
    """A function value; it keeps the frame it was made in."""
    names = tuple(name for name, _ in node.parameters)
    types = tuple(compiler.types.of(t) if t else None for _, t in node.parameters)
    body = compiler.code(node.body, Scope(scope, frozenset(names)))
    gives = inferred(node.body, dict(zip(names, types, strict=True)), compiler.types)

    def make(frame: Frame) -> Value:
        run = frame.run

        def call(*values: Value) -> Value:
            run.spend(1)
            run.enter()
            try:
                if node.external:
                    raise Fault("external", "不支持外部函数")
                return body(Frame(dict(zip(names, values, strict=True)), frame, run))
            finally:
                run.calls -= 1

        return Function(names, call, types, gives=gives)

    return make


def call(compiler: Compiler, node: ast.Call, scope: Scope) -> Code:
    """A call. A built-in function with constant arguments that can only give one value is called now."""
    arguments = [compiler.code(a, scope) for a in node.arguments]
    if isinstance(node.function, ast.Name):
        code = _by_name(compiler, node, node.function, scope, arguments)
    else:
        target = compiler.code(node.function, scope)
        code = _by_value(node, target, arguments)
    return _folded(node, code)


def _folded(node: ast.Call, code: Code) -> Code:
    """`date("2026-09-14")` and the like, computed once – unless the host has a function of that name."""
    constant = isinstance(node.function, ast.Name) and node.function.name in PURE
    if not constant or not all(isinstance(a, ast.Literal) for a in node.arguments):
        return code
    trial = Run()
    value = code(Frame({}, None, trial))
    wanted = node.function.name  # type: ignore[attr-defined]
    if trial.warnings:
        return code
    return lambda frame: code(frame) if wanted in frame.run.functions else value


def _by_name(
    compiler: Compiler, node: ast.Call, target: ast.Name, scope: Scope, arguments: list[Code]
) -> Code:
    wanted = target.name
    builtin = BUILTINS.get(wanted)
    local = _declares(scope, wanted)
    read = compile_name(compiler, target, scope)
    by_value = _by_value(node, read, arguments)
    if local:
        return by_value

    def run(frame: Frame) -> Value:
        functions = frame.run.functions
        host = functions.get(wanted) if functions else None
        if host is not None:
            return call_host(frame, node, host, [a(frame) for a in arguments])
        if _in_context(frame, wanted):
            return by_value(frame)
        if builtin is not None:
            return _call_builtin(frame, node, builtin, [a(frame) for a in arguments])
        return frame.run.warn("unknown_function", f"没有函数“{wanted}”", target.start, target.end)

    quick = builtin.quick(len(arguments)) if builtin is not None and not node.named else None
    if quick is None:
        return run
    return _not(arguments[0], run) if wanted == "not" else _quick(node, wanted, arguments[0], run, *quick)


def _not(argument: Code, slow: Code) -> Code:
    """`not(…)` at the expression's outermost level, unless the host or the context calls something else so."""

    def run(frame: Frame) -> Value:
        if frame.run.functions or frame.outer is not None or type(frame.names.get("not")) is Function:
            return slow(frame)
        value = argument(frame)
        return False if value is True else (True if value is False else None)

    return run


def _quick(
    node: ast.Call, wanted: str, argument: Code, slow: Code, kind: type | None, body: Callable[..., Value]
) -> Code:
    """A call of a built-in function with one argument of the usual type, at the expression's outermost level."""

    def run(frame: Frame) -> Value:
        spent = frame.run
        if spent.functions or frame.outer is not None or type(frame.names.get(wanted)) is Function:
            return slow(frame)
        value = argument(frame)
        if kind is not None and type(value) is not kind:
            return slow(frame)
        spent.steps -= 1 + (len(value) if type(value) is list else 0)
        if spent.steps < 0:
            raise BudgetExceeded
        try:
            return body(value)
        except Fault as fault:
            return spent.fault(fault, node.start, node.end)

    return run


def _declares(scope: Scope | None, wanted: str) -> bool:
    while scope is not None:
        if scope.names and wanted in scope.names:
            return True
        scope = scope.outer
    return False


def _in_context(frame: Frame, wanted: str) -> bool:
    """Is there a function value of this name in a filter's item or in the caller's context?"""
    at: Frame | None = frame
    while at is not None:
        if isinstance(at.names.get(wanted), Function):
            return True
        at = at.outer
    return False


def _call_builtin(frame: Frame, node: ast.Call, builtin: Builtin, values: list[Value]) -> Value:
    try:
        return builtin.invoke(frame.run, values, node.named)
    except Fault as fault:
        return frame.run.fault(fault, node.start, node.end)


def _by_value(node: ast.Call, target: Code, arguments: list[Code]) -> Code:
    def run(frame: Frame) -> Value:
        function = target(frame)
        values = [a(frame) for a in arguments]
        if not isinstance(function, Function):
            if function is not None:
                frame.run.warn("type", f"{word(function)}不是函数，不能调用", node.start, node.end)
            return None
        try:
            run = frame.run
            return invoke(
                function, values, node.named, run, lambda text: run.warn("type", text, node.start, node.end)
            )
        except Fault as fault:
            return frame.run.fault(fault, node.start, node.end)

    return run


def invoke(
    function: Function,
    values: Sequence[Value],
    named: Sequence[str],
    run: Run,
    misfit: Callable[[str], None],
) -> Value:
    """Call a function value. An argument or result that does not fit its declared type is null, and `misfit` is told.

    Raises `Fault` if the arguments are not the parameters.
    """
    builtin = BUILTINS.get(function.name) if function.name != "function" else None
    if builtin is None or named:
        values = _arranged(function, values, named)
    fitted = list(values)
    for index, of in enumerate(function.types):
        ok, fitted[index] = fit(fitted[index], of, run)
        if not ok:
            misfit(f"参数“{function.parameters[index]}”不接受{word(values[index])}")
    result = function.call(*fitted)
    if function.result is None:
        return result
    ok, converted = fit(result, function.result, run)
    if not ok:
        misfit(f"函数的结果是{word(result)}，与声明的类型不符")
    return converted


def _arranged(function: Function, values: Sequence[Value], named: Sequence[str]) -> Sequence[Value]:
    """Arguments in the order of the parameters."""
    parameters = function.parameters
    if not named:
        if len(values) != len(parameters):
            raise Fault("arguments", f"需要 {len(parameters)} 个参数，给了 {len(values)} 个")
        return values
    given = dict(zip(named, values, strict=True))
    if not given.keys() <= set(parameters):
        raise Fault("arguments", f"参数应为：{'、'.join(parameters)}")
    # the standard: of named arguments, those not supplied are null
    return [given.get(p) for p in parameters]


def call_host(frame: Frame, node: ast.Call, host: Callable[..., Any], values: list[Value]) -> Value:
    """A host's function: its domain errors give null and a warning, its programming errors go through."""
    frame.run.spend(1)
    try:
        if node.named:
            return to_feel(host(**dict(zip(node.named, values, strict=True))))
        return to_feel(host(*values))
    except XunzhenError as error:
        return frame.run.warn(error.code, error.message, node.start, node.end)
    except TypeError:
        if _takes(host, node, values):
            raise
        return frame.run.warn("arguments", "函数的参数不对", node.start, node.end)


def _takes(host: Callable[..., Any], node: ast.Call, values: list[Value]) -> bool:
    """Does the host's function take these arguments at all?"""
    try:
        signature = inspect.signature(host)
        if node.named:
            signature.bind(**dict(zip(node.named, values, strict=True)))
        else:
            signature.bind(*values)
    except (TypeError, ValueError):
        return False
    return True
