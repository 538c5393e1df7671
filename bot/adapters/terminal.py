"""The terminal: messages on standard output, commands on standard input."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.patch_stdout import patch_stdout

from bot import bidi, telling, text
from bot.languages import speaking
from bot.model import Channel, Delivery
from bot.outbox.pacing import Limits, Pacer
from bot.outcomes import Ambiguous, Outcome, Sent
from bot.ports import Inbox, Line, Reply, Request, Span, is_row
from bot.story import Story, digest, pieces, tell

PLATFORM = "terminal"
ADDRESS = "here"
LIMITS = Limits(token_per_second=100, burst=100, in_flight=1, folds=False)
LEDE = 240


class TerminalAdapter:
    """One channel: whoever sits here. With `interactive` a prompt takes commands; the end of input calls `on_end`."""

    platform = PLATFORM
    can_look_up = False

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        interactive: bool,
        commands: tuple[str, ...] = (),
    ) -> None:
        self.pacer = Pacer(LIMITS)
        self._clock = clock
        self._interactive = interactive
        self._commands = commands
        self.on_end: Callable[[], None] | None = None
        self._reading: asyncio.Task[None] | None = None

    def is_group(self, channel: Channel) -> bool:  # noqa: ARG002 (there is one person here)
        """Tell that nobody shares the terminal."""
        return False

    def is_private(self, channel: Channel) -> bool:  # noqa: ARG002 (there is one person here)
        """Tell that one person reads the terminal."""
        return True

    async def check(self) -> str:
        """Tell that a terminal is always there."""
        return "this terminal"

    async def start(self, inbox: Inbox) -> None:
        """Begin to take commands, where somebody can type them."""
        if self._interactive:
            self._reading = asyncio.create_task(self._read(inbox), name="read the terminal")

    async def send(self, delivery: Delivery) -> Outcome:
        """Print a story; one that was printed before is printed again as it is now."""
        with speaking(delivery.channel.language):
            click.echo(_shown(delivery, self._clock()))
        return Sent(str(delivery.id))

    async def look_up(self, delivery: Delivery) -> Outcome | None:  # noqa: ARG002 (nothing remembers it)
        """Tell that nobody knows what was printed."""
        return Ambiguous("a terminal does not remember what it has shown")

    async def answer(self, inbox: Inbox, typed: str) -> str:
        """Answer one line as if it had been typed, and return the marked up reply."""
        return reply(await inbox.answer(request(typed)))

    async def _read(self, inbox: Inbox) -> None:
        words = [f"/{command}" for command in self._commands]
        session: PromptSession[str] = PromptSession(completer=WordCompleter(words, sentence=True))
        with patch_stdout(raw=True):
            while True:
                try:
                    typed = await session.prompt_async("› ")
                except (EOFError, KeyboardInterrupt):
                    break
                if typed.strip():
                    click.echo(await self.answer(inbox, typed))
        if self.on_end is not None:
            self.on_end()

    async def stop_receiving(self) -> None:
        """Take the prompt away."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
            self._reading = None

    async def close(self) -> None:
        """Do what `stop_receiving` does."""
        await self.stop_receiving()


def request(typed: str) -> Request:
    """Make a request of a line; whoever sits at the terminal may write."""
    return Request(platform=PLATFORM, address=ADDRESS, text=typed, actor="you", may_write=_always, title="terminal")


def _shown(delivery: Delivery, now: datetime) -> str:
    if delivery.folded:
        return f"\n{reply(digest(delivery, now))}"
    told = tell(delivery, now)
    rows = telling.by_template(told, delivery.channel.template)
    return f"\n{reply(rows)}" if rows else story(told)


async def _always() -> bool:
    return True


def story(told: Story) -> str:
    """Lay out an entry: its first line as on the PhiWire, then where it is and why it came."""
    by = click.style(f"{bidi.isolate(told.by)} | ", fg="cyan") if told.by else ""
    headline = "".join(
        click.style(piece, bold=True, underline=stands_out or None)
        for piece, stands_out in pieces(told.headline, told.in_headline)
    )
    if by and bidi.turns(told.headline):
        headline = f"{bidi.FSI}{headline}{bidi.PDI}"
    lines = [f"\n{by}{headline}"]
    if told.lede:
        lede = pieces(text.shorten(told.lede, LEDE), told.in_lede)
        shown = (click.style(piece, bold=True) if stands_out else piece for piece, stands_out in lede)
        lines.append(f"  {''.join(shown)}")
    about = " · ".join(bidi.isolate(part) for part in (told.source, told.time, told.updated, told.url) if part)
    lines.append(click.style(f"  {about}", dim=True))
    if told.why:
        lines.append(click.style(f"  why: {told.why}", fg="green"))
    if told.more:
        lines.append(f"  {reply(told.more)}")
    return "\n".join(lines)


def reply(reply: Reply) -> str:
    """Lay out a reply."""
    return "\n".join(_line(line) for line in reply if not is_row(line))


def _line(line: Line) -> str:
    if len(line) == 1:
        return _span(line[0])
    return "".join(_span(replace(span, text=bidi.isolate(span.text))) for span in line)


def _span(span: Span) -> str:
    # White space is kept: a caret stands under its character. Control characters could write outside their line.
    kept = bidi.ISOLATES + "\n" * (span.block or span.quote)
    shown = "".join(each if each.isprintable() or each in kept else " " for each in span.text)
    if span.command:
        return click.style(f"/{shown}", fg="yellow")
    if span.quote:
        shown = shown.replace("\n", "\n  ")
    if span.code or span.block:
        return click.style(shown, fg="green")
    styles = {"bold": span.bold, "italic": span.italic, "underline": span.underline, "strikethrough": span.strike}
    wanted = {name: True for name, is_wanted in styles.items() if is_wanted}
    return click.style(shown, **wanted) if wanted else shown
