"""What every `stipple` command says beside its output."""

import typer


def say(line: str) -> None:
    """Tell the operator how far things are; on standard error, so that output can be piped."""
    typer.echo(line, err=True)
