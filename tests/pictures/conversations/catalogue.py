"""Which conversations are drawn, and into which file of docs/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.pictures.conversations import alone, first, together
from tests.pictures.stage import Scene, set_stage
from tests.pictures.windows import draw


@dataclass(frozen=True, slots=True)
class Conversation:
    """A picture: its file in docs/, its title for whoever does not see it, and how it comes about."""

    file: str
    title: str
    play: Callable[[Scene], Awaitable[None]]


CONVERSATIONS = (
    # The README's.
    Conversation("exchange.svg", "A morning with PhiWire Bot in a private Telegram chat", alone.exchange),
    # In the order of docs/telegram.md. First what a newcomer meets, and words that are typed.
    Conversation("pictures/telegram-welcome.svg", "A welcome with examples to tap", first.welcome),
    Conversation("pictures/telegram-joined.svg", "A group that the bot is brought into", first.joined),
    Conversation("pictures/telegram-menus.svg", "Each is offered the commands that they may type", first.menus),
    Conversation("pictures/telegram-mistakes.svg", "Mistakes are explained", alone.mistakes),
    Conversation("pictures/telegram-pages.svg", "A long answer turns its pages", alone.pages),
    # A message and its buttons.
    Conversation("pictures/telegram-why.svg", "A message with its buttons, and why it came", alone.why),
    Conversation("pictures/telegram-follow.svg", "An author is followed by a button", alone.follow),
    Conversation("pictures/telegram-mute.svg", "A word is muted for a day by buttons", alone.mute),
    # How messages come.
    Conversation("pictures/telegram-settings.svg", "Settings are a panel that edits itself", alone.settings),
    Conversation("pictures/telegram-welsh.svg", "A chat that speaks Welsh", alone.welsh),
    Conversation("pictures/telegram-pause.svg", "A pause, and what waited for its end", alone.pause),
    Conversation("pictures/telegram-correction.svg", "A corrected headline", alone.correction),
    Conversation("pictures/telegram-flood.svg", "Twelve entries in one message", alone.flood),
    Conversation("pictures/telegram-catch-up.svg", "The morning after a night without the bot", alone.catch_up),
    Conversation("pictures/telegram-release.svg", "A press release with its quotations", alone.release),
    Conversation("pictures/telegram-template.svg", "A template for messages, tried before it is kept", alone.template),
    Conversation("pictures/telegram-directions.svg", "Names from right to left among English ones", alone.directions),
    # Where people are together.
    Conversation("pictures/telegram-group.svg", "A group: who may change what it receives", together.group),
    Conversation("pictures/telegram-topics.svg", "Two topics of a forum with filters of their own", together.topics),
    Conversation("pictures/telegram-manage.svg", "A channel is managed from a private chat", together.manage),
    Conversation("pictures/telegram-channel.svg", "A broadcast channel", together.channel),
    # Elsewhere, and for others.
    Conversation("pictures/telegram-inline.svg", "Inline mode: news found from any chat", together.inline),
    Conversation("pictures/telegram-share.svg", "Filters passed on by a link that works once", together.share),
    # What happens to chats.
    Conversation("pictures/telegram-removed.svg", "The bot is removed from a group and brought back", together.removed),
    Conversation("pictures/telegram-migration.svg", "A group becomes a supergroup", together.migration),
)


async def drawn(conversation: Conversation) -> str:
    """Play a conversation, and draw what its people saw."""
    async with set_stage() as scene:
        await conversation.play(scene)
    return draw(scene.notebook.picture(conversation.title))
