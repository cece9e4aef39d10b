"""`xunzhen examine`: a folder of models from other tools, file by file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cli.output import BAD, print_json
from engine.errors import Refusal
from engine.examining import Examined
from engine.examining import examine as look


def examine(
    path: Annotated[Path, typer.Argument(help="装有 BPMN、DMN、表单文件的文件夹，或一个文件", exists=True)],
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档")] = False,
) -> None:
    """查看其他工具导出的模型：能读的、能执行的、要设计者回答的、不能执行的。(Examine exports of other tools.)"""
    console = Console(stderr=True)
    listed = track(
        look(path), "查看", console=console, transient=True, disable=as_json or not console.is_terminal
    )
    found = list(listed)
    if as_json:
        print_json([_document(one) for one in found])
    else:
        for one in found:
            _show(one)
        runs, asks = sum(f.runs for f in found), sum(f.read and not f.runs and not f.refused for f in found)
        broken = sum(not f.read for f in found)
        typer.echo(
            f"{len(found)} 个文件：{runs} 个可直接部署，{asks} 个要先回答问题，"
            f"{len(found) - runs - asks - broken} 个有不能执行的内容，{broken} 个读不了"
        )
    raise typer.Exit(0 if all(one.runs for one in found) else BAD)


def _document(one: Examined) -> dict[str, object]:
    return {
        **asdict(one),
        "holds": list(one.holds),
        "notes": list(one.notes),
        "questions": [_refusal(r) for r in one.questions],
        "refused": [_refusal(r) for r in one.refused],
    }


def _refusal(refusal: Refusal) -> dict[str, object]:
    kept = ("element", "name", "line", "rule", "message", "remedy")
    return {key: value for key, value in asdict(refusal).items() if key in kept}


def _show(one: Examined) -> None:
    state, colour = (
        ("可部署", "green")
        if one.runs
        else ("读不了", "red")
        if not one.read
        else ("不能执行", "red")
        if one.refused
        else ("有待回答", "yellow")
    )
    typer.secho(f"{state}  {one.file}  {'、'.join(one.holds)}", fg=colour)
    for word, listed in (("问", one.questions), ("否", one.refused)):
        for r in listed:
            where = f"第 {r.line} 行 " if r.line else ""
            typer.echo(f"    {word}  {where}{r.name or r.element}：{r.message}  → {r.remedy}")
    for note in one.notes:
        typer.secho(f"    注  {note}", dim=True)
