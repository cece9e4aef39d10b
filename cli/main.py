"""The `xunzhen` command: thin, one module per command."""

from __future__ import annotations

import typer

from cli import ask, bench, calendar, demo, examine, install, keep, law, lint, move, serve, simulate, trial

app = typer.Typer(
    name="xunzhen",
    help="巡诊：困难群众主动发现。流程即程序，法定工作日计时。(Active discovery as BPMN on legal time.)",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(ask.deadline)
app.command()(ask.feel)
app.command()(ask.decide)
app.command()(lint.lint)
app.command()(examine.examine)
app.command()(move.move)
app.command("try")(trial.try_model)
app.command()(serve.serve)
app.command()(install.install)
app.command()(keep.backup)
app.command()(keep.restore)
app.command()(keep.verify)
app.command()(demo.demo)
app.command()(simulate.simulate)
app.add_typer(calendar.app, name="calendar")
app.add_typer(law.app, name="law")
app.command("lateness")(calendar.late)
app.command("migrate")(serve.migrate_command)
app.command()(bench.bench)

if __name__ == "__main__":
    app()
