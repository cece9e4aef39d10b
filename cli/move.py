"""`xunzhen move`: open cases to another version of a bundle, first as a dry run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cli.output import BAD, print_json
from engine import moving
from engine.errors import Conflict, XunzhenError
from tasks.runtime import open_runtime

WORDS = {"moves": ("可移", "green"), "mapping": ("要对应", "yellow"), "blocked": ("不能移", "red")}


def move(
    bundle: Annotated[str, typer.Argument(help="流程包")],
    to: Annotated[int | None, typer.Option(help="目标版本号；默认现行版本")] = None,
    renamed: Annotated[list[str], typer.Option("--map", help="环节的对应：流程/旧环节=新环节")] = [],  # noqa: B006
    skipped: Annotated[list[str], typer.Option("--skip", help="在办事项不补办的新环节：流程/环节")] = [],  # noqa: B006
    execute: Annotated[bool, typer.Option("--execute", help="真正移动；不写则只试算")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="把已移的事项移回上一个版本（须指定 --case）")] = False,
    case: Annotated[list[str], typer.Option("--case", help="只看这些档案号")] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档")] = False,
) -> None:
    """把在办事项移到流程包的另一版本：先试算，再逐件移动，可移回。(Move open cases to another version.)"""
    runtime = open_runtime()
    if undo and not case:
        raise typer.BadParameter("--undo 须用 --case 指定事项")
    try:
        with runtime.db.reading() as tx:
            now = runtime.now(tx)
            target = moving.target_of(tx, bundle, to, now)
            moves = moving.parse(renamed, skipped)
            ids = moving.by_number(tx, case) if undo else moving.open_on_other_versions(tx, target)
    except XunzhenError as error:
        typer.secho(error.message, fg="red", err=True)
        raise typer.Exit(BAD) from None
    console = Console(stderr=True)
    found: list[moving.Verdict] = []
    quiet = as_json or not console.is_terminal
    for case_id in track(ids, "移案" if execute else "试算", console=console, transient=True, disable=quiet):
        with runtime.db.begin() as tx:
            verdict = moving.verdict(tx, case_id, target, moves, now)
            if case and verdict.number not in case:
                continue
            try:
                if undo:
                    verdict = moving.undo(tx, None, case_id, now)
                elif execute and verdict.state == "moves":
                    verdict = moving.move(tx, None, case_id, target, moves, now)
                if undo or execute:
                    tx.commit()
            except Conflict as conflict:
                verdict = moving.refused(verdict, conflict.message)
        found.append(verdict)
    if as_json:
        print_json([asdict(v) for v in found])
    else:
        _show(found, f"{target.bundle} 第 {target.version} 版", done=execute or undo)
    raise typer.Exit(0 if all(v.state == "moves" for v in found) else BAD)


def _show(found: list[moving.Verdict], where: str, *, done: bool) -> None:
    for v in found:
        word, colour = WORDS[v.state]
        typer.secho(
            f"{'已移' if done and v.state == 'moves' else word}  {v.number}  {v.reason or ''}", fg=colour
        )
        for note in v.notes:
            typer.echo(f"    {note}")
        for question in v.questions:
            choices = "、".join(f"{'/'.join(place)}（{label}）" for place, label in question.choices)
            flag = "--map" if question.what == "renamed" else "--skip"
            typer.echo(f"    {flag}  {question.name}：{choices}")
    counts = {state: sum(v.state == state for v in found) for state in WORDS}
    typer.echo(
        f"{where}：{len(found)} 件，"
        + "，".join(f"{WORDS[state][0]} {count}" for state, count in counts.items())
        + ("" if done else "。未作任何改动；加 --execute 才移动。")
    )
