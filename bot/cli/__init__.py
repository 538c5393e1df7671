"""The command line: a public interface, kept stable."""

from __future__ import annotations

import sys

import click

import bot
from bot.cli.administration import backup, export, forget, import_, status
from bot.cli.checking import check
from bot.cli.common import Refused
from bot.cli.filtering import filter_
from bot.cli.manifesting import manifest
from bot.cli.running import demo, run
from bot.cli.sourcing import source


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(bot.__version__, prog_name="phiwire")
def phiwire() -> None:
    """Bring political news from the wire into Telegram chats, Slack channels and this terminal.

    \b
    New here?        phiwire demo     a wire of invented news, on this machine alone
    For real:        phiwire run      settings come from the environment or .env
    Does it work?    phiwire check    settings, tokens and sources, one by one
    """


for command in (run, demo, check, source, filter_, status, export, import_, forget, backup, manifest):
    phiwire.add_command(command)


def main() -> None:
    """Run the command line. Exits 2 with one clear sentence where something cannot be done."""
    try:
        sys.exit(phiwire.main(standalone_mode=False))
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except Refused as problem:
        for sentence in str(problem).splitlines():
            click.echo(f"phiwire: {sentence}", err=True)
        sys.exit(2)
