"""Run the bot: for real, or as a demonstration."""

from __future__ import annotations

import asyncio
import secrets
import sys

import click

from bot import app, db, logs, text
from bot.adapters.telegram import TelegramAdapter
from bot.adapters.telegram_updates import Webhook
from bot.adapters.terminal import ADDRESS, PLATFORM, TerminalAdapter
from bot.cli import slack
from bot.cli.common import Refused, read_aliases, read_settings, read_sources
from bot.commands import menus
from bot.commands.parser import COMMANDS
from bot.demo import show
from bot.languages import spoken
from bot.ports import Adapter
from bot.retention import Keeps
from bot.settings import Settings
from bot.web import telegram


@click.command()
def run() -> None:
    """Poll, match and deliver, until stopped.

    Every platform that has its tokens takes part: TELEGRAM_BOT_TOKEN; SLACK_BOT_TOKEN with SLACK_APP_TOKEN, or with
    SLACK_SIGNING_SECRET where Slack calls; SLACK_CLIENT_ID for many workspaces. Without any, the wire comes to this
    terminal. SIGTERM and Ctrl-C finish what is being sent, then end with 0.
    """
    settings = read_settings()
    with spoken(settings.language):
        _run_with(settings)


def _run_with(settings: Settings) -> None:
    sources, origin = read_sources(settings.sources)
    aliases = read_aliases(settings)
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    terminal = None
    # Of this start alone: it is kept nowhere, and one that leaked is worth nothing after the next.
    secret = secrets.token_urlsafe(32)
    public_url = str(settings.public_url or "").rstrip("/")
    webhook = Webhook(public_url + telegram.PATH, secret) if settings.telegram_updates == "webhook" else None
    side = slack.build(settings)
    adapters: list[Adapter] = platforms(settings, side, webhook)
    if not adapters:
        terminal = TerminalAdapter(app.wall_clock, interactive=interactive, commands=menus.OFFERED)
        adapters = [terminal]
        click.echo(_terminal_welcome(len(sources), interactive=interactive))
    default_level = "warning" if terminal is not None and interactive else "info"
    logs.configure(settings.log_level or default_level, settings.log_format, (*settings.secrets(), secret))
    plan = app.Plan(
        database=settings.database,
        sources=sources,
        origin=origin,
        adapters=adapters,
        every=settings.every,
        user_agent=settings.user_agent,
        timezone=settings.timezone,
        aliases=aliases,
        operators=settings.operators,
        session=settings.session(),
        allowed_hosts=settings.allowed_hosts,
        burst=settings.burst,
        listen=settings.listen,
        keeps=Keeps(settings.keep_entries, settings.keep_deliveries, settings.keep_audit),
        public_url=public_url,
        routes=[*(telegram.routes(webhook) if webhook else ()), *(side.routes() if side else ())],
        ignore_robots=settings.ignore_robots,
        ambiguous=settings.ambiguous,
    )
    try:
        with db.only_process(settings.database):
            asyncio.run(_run(plan, side, terminal))
    except (app.StartError, db.DatabaseError) as error:
        raise Refused(str(error)) from error


async def _run(plan: app.Plan, side: slack.SlackSide | None, terminal: TerminalAdapter | None) -> None:
    bot = app.App(plan)
    if side is not None:
        side.use(bot.database)
    bot.stop_on_signals()
    if terminal is not None:
        terminal.on_end = bot.stop
        await bot.show_everything(PLATFORM, ADDRESS, "phiwire run")
    await bot.run()


def platforms(settings: Settings, side: slack.SlackSide | None, webhook: Webhook | None = None) -> list[Adapter]:
    """Build an adapter for every platform that has its tokens."""
    adapters: list[Adapter] = []
    if settings.telegram_bot_token is not None:
        menu = [(usage.name, usage.does) for usage in COMMANDS.values()]
        token = settings.telegram_bot_token.get_secret_value()
        api_url = str(settings.telegram_api_url)
        adapters.append(
            TelegramAdapter(
                token,
                api_url,
                menu,
                app.wall_clock,
                webhook=webhook,
                presentation=menus.presentation(_on_telegram(settings)),
            )
        )
    if side is not None:
        adapters.append(side.adapter)
    return adapters


def _on_telegram(settings: Settings) -> list[str]:
    """List the operators' own chats there, which have a menu of their own."""
    return [operator.address for operator in settings.operators if operator.platform == TelegramAdapter.platform]


def _terminal_welcome(sources: int, *, interactive: bool) -> str:
    lines = [
        f"{click.style('PhiWire Bot', bold=True)} watches {text.count(sources, 'source')}, and shows here what comes.",
        "What is already there counts as known: only what is new from now on is shown.",
        "For Telegram set TELEGRAM_BOT_TOKEN; for Slack set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (see .env.example).",
    ]
    if interactive:
        lines.append("Type /latest, /subscribe nhs -football, /help; Ctrl-D ends.")
    return "\n".join(lines)


@click.command(short_help="Show the whole bot on a wire of invented news, offline.")
@click.option("--seconds", type=click.IntRange(5, 3600), help="End by itself after so many seconds.")
def demo(seconds: int | None) -> None:
    """Show the whole bot on a wire of invented news: offline, without tokens.

    A web server on this machine publishes a PhiWire page, press releases and a feed that grow as you watch; the bot
    polls them and you type commands. Where nobody can type, it plays a short tour of its own and ends.
    """
    logs.configure("error", "text", ())
    try:
        asyncio.run(show.play(interactive=sys.stdin.isatty() and sys.stdout.isatty(), seconds=seconds))
    except (app.StartError, show.TourError) as error:
        raise Refused(str(error)) from error
