"""`xunzhen lint`: the linter on the command line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import BAD, PROCESSES, print_json
from engine.lint import lint_path
from tasks import sweep

COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
WORDS = {"error": "错误", "warning": "警告", "info": "提示"}


def lint(
    path: Annotated[
        Path, typer.Argument(help="流程包文件夹、装有多个流程包的文件夹，或一个文件", exists=True)
    ],
    en: Annotated[bool, typer.Option("--en", help="用英文说明 (say it in English)")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档")] = False,
) -> None:
    """检查流程包：能否执行、有没有人办、时限是否有据。(Lint bundles.)"""
    found = lint_path(path, PROCESSES, sweep.known_jobs())
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        for f in found:
            where = f"{f.file}:{f.line or ''} {f.name or f.element or ''}"
            typer.secho(
                f"{f.severity if en else WORDS[f.severity]}  {where}  "
                + (f"{f.message_en}  → {f.remedy_en}" if en else f"{f.message}  → {f.remedy}")
                + f"  [{f.rule}]",
                fg=COLOURS[f.severity],
            )
        typer.echo(f"{sum(f.severity == 'error' for f in found)} 个错误，{len(found)} 项合计")
    raise typer.Exit(BAD if any(f.severity == "error" for f in found) else 0)
