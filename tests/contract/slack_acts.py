"""One of each kind of request that Slack sends: what a person does, acknowledged when it returns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.contract.slack_talking import Talk
from tests.emulators import slack_homes, slack_life
from tests.emulators.slack_state import PostedMessage

Act = Callable[[Talk, PostedMessage], Awaitable[object]]


async def command(talk: Talk, _: PostedMessage) -> None:
    """Type."""
    await talk.slack.command(talk.channel, talk.ada, "/phiwire", "undo", replies=0)


async def mention(talk: Talk, _: PostedMessage) -> None:
    """Mention the bot."""
    await talk.slack.say(talk.channel, talk.ada, "undo")


async def message(talk: Talk, _: PostedMessage) -> None:
    """Write to the bot."""
    await talk.slack.say(talk.slack.direct(talk.ada), talk.ada, "latest")


async def press(talk: Talk, news: PostedMessage) -> None:
    """Press a button."""
    await talk.slack.pressing.press(talk.ada, news, "Follow")


async def shortcut(talk: Talk, news: PostedMessage) -> None:
    """Point at a message."""
    await talk.slack.pressing.shortcut(talk.ada, news, "phiwire_why")


async def editor(talk: Talk, _: PostedMessage) -> None:
    """Open the editor."""
    await talk.slack.command(talk.channel, talk.ada, "/phiwire", "edit", replies=0)


async def home(talk: Talk, _: PostedMessage) -> None:
    """Open the home tab."""
    await slack_homes.open_home(talk.slack, talk.ada)


async def invitation(talk: Talk, _: PostedMessage) -> None:
    """Invite the bot."""
    await slack_life.invite(talk.slack, talk.slack.channel("quays", bot_is_member=False), talk.ada)


ALL: tuple[Act, ...] = (command, mention, message, press, shortcut, editor, home, invitation)
