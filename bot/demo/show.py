"""Play the demonstration: a person types, or where nobody can, a tour tells the story."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path

import click

from bot import app
from bot.adapters.terminal import ADDRESS, PLATFORM, TerminalAdapter
from bot.commands import menus
from bot.demo import news
from bot.demo.site import Site
from bot.model import Delivery
from bot.outcomes import Outcome
from bot.wire import source_store
from bot.wire import store as wire

# Seconds between two pieces of invented news.
PACE = 2.5
# Seconds that a step of the tour may take; all together stay below the 30 in which it promises to end.
PATIENCE = 8.0

# Seconds between two looks at the database, where the demonstration waits for the pipeline like anybody outside it.
LOOK = 0.05


class TourError(Exception):
    """The tour did not see what it tells of; the message says what."""


class _Watched(TerminalAdapter):
    """A terminal whose messages the tour waits for."""

    def __init__(self) -> None:
        super().__init__(app.wall_clock, interactive=False)
        self._seen: set[str] = set()
        self._changed = asyncio.Condition()

    async def send(self, delivery: Delivery) -> Outcome:
        outcome = await super().send(delivery)
        async with self._changed:
            self._seen.add(delivery.entry.headline)
            self._changed.notify_all()
        return outcome

    async def receives(self, headline: str) -> None:
        """Wait until a headline was shown. Raises TourError."""
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(lambda: headline in self._seen)
        except TimeoutError:
            raise TourError(f"“{headline}” was published and never arrived: please report this.") from None

    def never_received(self, headline: str) -> None:
        """Check that a headline was not shown. Raises TourError."""
        if headline in self._seen:
            raise TourError(f"“{headline}” arrived although it was muted: please report this.")


async def play(*, interactive: bool, seconds: int | None = None) -> None:
    """Serve the site, run the bot on it, and play until the end of input, of the tour or of `seconds`."""
    site = Site(app.wall_clock)
    for each in reversed(news.BEFORE):
        site.publish(each)
    await site.start()
    try:
        with tempfile.TemporaryDirectory(prefix="phiwire-demo-") as folder:
            terminal = (
                TerminalAdapter(app.wall_clock, interactive=True, commands=menus.OFFERED) if interactive else _Watched()
            )
            plan = app.Plan(
                database=Path(folder) / "demo.db",
                sources=site.sources(),
                origin="file",
                adapters=[terminal],
                every=timedelta(seconds=1),
                user_agent="PhiWireBot demo",
            )
            bot = app.App(plan)
            bot.stop_on_signals()
            terminal.on_end = bot.stop
            story = _tour(bot, terminal, site) if isinstance(terminal, _Watched) else _watch(bot, site)
            await _run(bot, story, seconds)
    finally:
        await site.stop()


async def _run(bot: app.App, story: Coroutine[None, None, None], seconds: int | None) -> None:
    async def tell() -> None:
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                await story
        except TimeoutError as error:
            if not limit.expired():
                raise TourError("The wire did not come to life in time: please report this.") from error
        finally:
            bot.stop()

    telling = asyncio.create_task(tell(), name="demonstration")
    try:
        await bot.run()
    finally:
        telling.cancel()
        await asyncio.wait([telling])
    if not telling.cancelled():
        telling.result()


async def _watch(bot: app.App, site: Site) -> None:
    """Let a person look and type, while news goes on coming."""
    click.echo(
        click.style("PhiWire Bot, demonstration", bold=True)
        + " — a wire of invented news on this machine; nothing leaves it.\n"
        "Everything arrives, until you say what you want. Type:\n"
        "  /filters            what this terminal gets now (unsubscribe 1 stops everything)\n"
        "  /follow Marta Quill\n"
        "  /subscribe ferry -football\n"
        "  /mute lighthouse, /why, /latest, /search harbour, /help — Ctrl-D ends.\n"
    )
    await bot.show_everything(PLATFORM, ADDRESS, "the demonstration")
    await _baseline(bot)
    for each in news.later():
        await asyncio.sleep(PACE)
        site.publish(each)


async def _tour(bot: app.App, terminal: _Watched, site: Site) -> None:
    """Subscribe, receive, mute, ask why."""

    async def say(words: str) -> None:
        click.echo(click.style(f"\n{words}", fg="magenta"))

    async def type_(command: str) -> None:
        click.echo(click.style(f"\n› {command}", bold=True))
        click.echo(await terminal.answer(bot.commands, command))

    await say("PhiWire Bot, demonstration: a wire of invented news on this machine. It is read for the first time …")
    await _baseline(bot)
    await say("… and what is already there is known, not news. A newcomer sees the latest five.")
    await type_("/latest")
    await say("Ask for an author, and for words:")
    await type_("/follow Marta Quill")
    await type_("/subscribe ferry -football")
    await say("Now news is published: one entry by her, one that nobody here asked for, a press release on ferries.")
    for each in (news.FERRY_ROW, news.OTHER_ROW, news.FERRY_RELEASE):
        site.publish(each)
    await terminal.receives(news.FERRY_ROW.headline)
    await terminal.receives(news.FERRY_RELEASE.title)
    await say("Why did the last one come?")
    await type_("/why")
    await say("Enough of briefings: mute them for two hours. Then one is published, and one more entry by Marta Quill.")
    await type_("/mute briefing 2h")
    site.publish(news.FERRY_POST)
    await _stored(bot, news.FERRY_POST.title)
    last = news.Row("Marta Quill", "One vote, three recounts, no sleep")
    site.publish(last)
    await terminal.receives(last.headline)
    terminal.never_received(news.FERRY_POST.title)
    terminal.never_received(news.OTHER_ROW.headline)
    await say("The muted one stayed away; it is on the wire all the same:")
    await type_("/search briefing ferry")
    await type_("/filters")
    await say("That is all. For real: phiwire run. In a terminal, phiwire demo lets you type.")


async def _baseline(bot: app.App) -> None:
    """Wait until every source was read once."""
    async with asyncio.timeout(PATIENCE):
        while not (states := await bot.database.read(source_store.source_states)) or any(
            not each.last_ok_at for each in states
        ):
            await asyncio.sleep(LOOK)


async def _stored(bot: app.App, headline: str) -> None:
    """Wait until an entry is on the wire and its filters were asked."""
    async with asyncio.timeout(PATIENCE):
        while headline not in {entry.headline for entry in await bot.database.read(wire.latest, 25)}:
            await asyncio.sleep(LOOK)
