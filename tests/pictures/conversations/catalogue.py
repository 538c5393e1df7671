"""Which conversations are drawn, and into which file of docs/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.pictures import slack_stage, slack_windows
from tests.pictures.conversations import alone, first, slack, together
from tests.pictures.slack_stage import SlackScene
from tests.pictures.stage import Scene, set_stage
from tests.pictures.windows import draw


@dataclass(frozen=True, slots=True)
class OnTelegram:
    """A picture: its file in docs/, its title for whoever does not see it, and how it comes about."""

    file: str
    title: str
    play: Callable[[Scene], Awaitable[None]]

    async def drawn(self) -> str:
        """Play the conversation, and draw what its people saw."""
        async with set_stage() as scene:
            await self.play(scene)
        return draw(scene.notebook.picture(self.title))


@dataclass(frozen=True, slots=True)
class OnSlack:
    """A picture of Slack, with the same."""

    file: str
    title: str
    play: Callable[[SlackScene], Awaitable[None]]

    async def drawn(self) -> str:
        """Play the conversation, and draw what Ada saw."""
        async with slack_stage.set_stage() as scene:
            await self.play(scene)
        return slack_windows.draw(self.title, scene.screens)


Conversation = OnTelegram | OnSlack
CONVERSATIONS: tuple[Conversation, ...] = (
    # The README's.
    OnTelegram("exchange.svg", "A morning with PhiWire Bot in a private Telegram chat", alone.exchange),
    # In the order of docs/telegram.md. First what a newcomer meets, and words that are typed.
    OnTelegram("pictures/telegram-welcome.svg", "A welcome with examples to tap", first.welcome),
    OnTelegram("pictures/telegram-joined.svg", "A group that the bot is brought into", first.joined),
    OnTelegram("pictures/telegram-menus.svg", "Each is offered the commands that they may type", first.menus),
    OnTelegram("pictures/telegram-mistakes.svg", "Mistakes are explained", alone.mistakes),
    OnTelegram("pictures/telegram-pages.svg", "A long answer turns its pages", alone.pages),
    # A message and its buttons.
    OnTelegram("pictures/telegram-why.svg", "A message with its buttons, and why it came", alone.why),
    OnTelegram("pictures/telegram-follow.svg", "An author is followed by a button", alone.follow),
    OnTelegram("pictures/telegram-mute.svg", "A word is muted for a day by buttons", alone.mute),
    OnTelegram("pictures/telegram-old-buttons.svg", "An old button explains itself", alone.old_buttons),
    # How messages come.
    OnTelegram("pictures/telegram-settings.svg", "Settings are a panel that edits itself", alone.settings),
    OnTelegram("pictures/telegram-silent.svg", "A filter that makes no sound", alone.silent),
    OnTelegram("pictures/telegram-welsh.svg", "A chat that speaks Welsh", alone.welsh),
    OnTelegram("pictures/telegram-pause.svg", "A pause, and what waited for its end", alone.pause),
    OnTelegram("pictures/telegram-correction.svg", "A corrected headline", alone.correction),
    OnTelegram("pictures/telegram-flood.svg", "Twelve entries in one message", alone.flood),
    OnTelegram("pictures/telegram-catch-up.svg", "The morning after a night without the bot", alone.catch_up),
    OnTelegram("pictures/telegram-release.svg", "A press release with its quotations", alone.release),
    OnTelegram("pictures/telegram-template.svg", "A template for messages, tried before it is kept", alone.template),
    OnTelegram("pictures/telegram-directions.svg", "Names from right to left among English ones", alone.directions),
    # Where people are together.
    OnTelegram("pictures/telegram-group.svg", "A group: who may change what it receives", together.group),
    OnTelegram("pictures/telegram-members.svg", "A group whose members may change its filters", together.members),
    OnTelegram("pictures/telegram-topics.svg", "Topics of a forum with filters of their own", together.topics),
    OnTelegram("pictures/telegram-manage.svg", "A channel is managed from a private chat", together.manage),
    OnTelegram("pictures/telegram-channel.svg", "A broadcast channel", together.channel),
    OnTelegram("pictures/telegram-operator.svg", "An operator looks after the bot from a chat", together.operator),
    # Elsewhere, and for others.
    OnTelegram("pictures/telegram-inline.svg", "Inline mode: news found from any chat", together.inline),
    OnTelegram("pictures/telegram-share.svg", "Filters passed on by a link that works once", together.share),
    # What happens to chats.
    OnTelegram("pictures/telegram-removed.svg", "The bot is removed from a group and brought back", together.removed),
    OnTelegram("pictures/telegram-silenced.svg", "The bot is silenced or blocked for a while", together.silenced),
    OnTelegram("pictures/telegram-migration.svg", "A group becomes a supergroup", together.migration),
    # In the order of docs/slack.md.
    OnSlack("pictures/slack-exchange.svg", "A Slack channel chooses its news, and gets it", slack.exchange),
    OnSlack("pictures/slack-mentions.svg", "The bot is mentioned, and written to", slack.mentions),
    OnSlack("pictures/slack-editor.svg", "Filters are edited in a form that tries them", slack.editor),
    OnSlack("pictures/slack-menu.svg", "A word is muted from a message’s menu", slack.menu),
    OnSlack("pictures/slack-why.svg", "A message shortcut says why a message came", slack.why),
    OnSlack("pictures/slack-invitation.svg", "A private channel invites the bot first", slack.invitation),
    OnSlack("pictures/slack-who.svg", "Administrators alone may change filters", slack.who),
    OnSlack("pictures/slack-settings.svg", "Settings of a Slack channel", slack.settings),
    OnSlack("pictures/slack-thread.svg", "A press release with its full text in the thread", slack.thread),
    OnSlack("pictures/slack-home.svg", "The home tab: all channels that one looks after", slack.home),
)
