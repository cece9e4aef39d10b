"""Questions without a database: a date, an expression, a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import BAD, MISSING, PROCESSES, fail, print_json, read_json
from engine import dmn
from engine import feel as feel_language
from engine.calendar import ZONE, load_calendar
from engine.deadline import compute
from engine.errors import CalendarMissing, XunzhenError
from engine.receipt import sentence
from engine.terms_file import load_terms

CLOCK: dict[str, Callable[..., Any]] = {
    "now": lambda: datetime.now(ZONE),
    "today": lambda: datetime.now(ZONE).date(),
}
"""At the command line – an entry point – the host's clock may be asked."""
Json = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档")]


def deadline(
    term: Annotated[str, typer.Argument(help="时限代码，或 5wd、7cd+roll、4wh、24h、2m")],
    start: Annotated[str, typer.Option("--from", help="起算时刻 ISO 8601；不带时区按上海时间")],
    provisional: Annotated[bool, typer.Option(help="放假安排未公布的年份给出暂定日期")] = False,
    as_json: Json = False,
) -> None:
    """计算法定期限，并逐日说明。(A legal deadline with its receipt.)"""
    try:
        begun = datetime.fromisoformat(start)
    except ValueError:
        raise typer.BadParameter(f"不是 ISO 8601 时刻：{start}", param_hint="--from") from None
    begun = begun if begun.tzinfo else begun.replace(tzinfo=ZONE)
    calendar, terms = load_calendar(PROCESSES / "calendars"), load_terms(PROCESSES / "terms.toml")
    try:
        found = compute(
            terms.get(term, begun.astimezone(ZONE).date()), begun, calendar, provisional=provisional
        )
    except CalendarMissing as error:
        fail(error, as_json, MISSING, year=error.year)
    except XunzhenError as error:
        fail(error, as_json, MISSING)
    if not as_json:
        typer.echo(sentence(found))
        return
    days = [
        {
            "date": d.date.isoformat(),
            "counted": d.counted,
            **({"why": d.why} if d.why else {}),
            **({"spans": [[a.isoformat(), b.isoformat()] for a, b in d.spans]} if d.spans else {}),
        }
        for d in found.days
    ]
    print_json(
        {
            "term": term,
            "from": begun.isoformat(),
            "due": found.due.isoformat(),
            "due_at": found.due_at.isoformat(),
            "provisional": found.provisional,
            "days": days,
            "citation": found.citation,
        }
    )


def feel(
    expression: Annotated[str, typer.Argument(help="FEEL 表达式")],
    context: Annotated[str | None, typer.Option(help="JSON 或 @文件")] = None,
    unary: Annotated[str | None, typer.Option(help="作为决策表单元格，检验这个值（JSON）")] = None,
    as_json: Json = False,
) -> None:
    """求一个 FEEL 表达式的值。(Evaluate FEEL.)"""
    seen = read_json(context)
    warnings: list[dict[str, Any]] = []
    try:
        if unary is not None:
            tested = read_json('{"value": ' + unary + "}")["value"]
            value: Any = feel_language.compile_unary(expression).evaluate(tested, seen, CLOCK)
        else:
            result = feel_language.evaluate(expression, seen, CLOCK)
            value = result.value
            warnings = [
                {"code": w.code, "message": w.message, "start": w.start, "end": w.end}
                for w in result.warnings
            ]
    except XunzhenError as error:
        fail(error, as_json, BAD)
    if as_json:
        print_json({"value": value, "warnings": warnings})
        return
    print_json(value)
    for warning in warnings:
        typer.secho(f"提示：{warning['message']}", fg="yellow", err=True)


def decide(
    file: Annotated[Path, typer.Argument(help="DMN 文件", exists=True, dir_okay=False)],
    decision: Annotated[str, typer.Argument(help="决策的名称或 id")],
    inputs: Annotated[str | None, typer.Option("--input", help="JSON 或 @文件")] = None,
    as_json: Json = False,
) -> None:
    """按决策表作出判断。(Decide by a DMN model.)"""
    try:
        beside = [other.read_bytes() for other in sorted(file.parent.glob("*.dmn"))]
        made = dmn.load(file.read_bytes(), beside).decide(decision, read_json(inputs), CLOCK)
    except XunzhenError as error:
        fail(error, as_json, BAD)
    matched, errors = [dict(m) for m in made.matched], [dict(e) for e in made.errors]
    if as_json:
        print_json({"value": made.value, "matched": matched, "errors": errors})
    else:
        print_json(made.value)
        for found in errors:
            typer.secho(f"{found.get('element')}：{found.get('message')}", fg="red", err=True)
    raise typer.Exit(BAD if errors else 0)
