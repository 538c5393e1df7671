"""Conversations on Slack."""

from __future__ import annotations

from tests.emulators import slack_homes, slack_life
from tests.emulators.slack_state import PostedMessage, SlackChannel
from tests.pictures.conversations import news
from tests.pictures.newsroom import RELEASES
from tests.pictures.slack_stage import SlackScene


async def _one_message(scene: SlackScene) -> tuple[SlackChannel, PostedMessage]:
    """Have one message in a channel that subscribes to ferries."""
    channel = scene.channel("harbour-desk")
    await scene.type(channel, "subscribe ferry", "added")
    scene.clear()
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    return channel, scene.slack.messages(channel)[-1]


async def exchange(scene: SlackScene) -> None:
    """Choose what a channel gets, and get it."""
    channel = scene.channel("harbour-desk")
    await scene.type(channel, "follow Marta Quill", "added")
    await scene.type(channel, "subscribe (harbour OR ferry) AND", "Nothing was changed")
    await scene.type(channel, "subscribe “harbour levy” -football", "added")
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))


async def mentions(scene: SlackScene) -> None:
    """Mention the bot, and write to it."""
    channel = scene.channel("harbour-desk")
    await scene.say(channel, "subscribe ferry", "added")
    direct = scene.slack.direct(scene.ada)
    scene.show(direct, "PhiWire", "app")
    await scene.say(direct, "follow Owen Tarrant", "Following")


async def menu(scene: SlackScene) -> None:
    """Mute a word of a message from its menu."""
    channel, message = await _one_message(scene)
    await scene.press(channel, message, "Mute …", "ferry")
    choices = scene.slack.ephemerals(channel)[-1]
    await scene.press(channel, choices, "ferry", "1 day")
    again = next(each for each in scene.slack.ephemerals(channel) if each.ts == choices.ts)
    await scene.press(channel, again, "1 day", "Muted")


async def why(scene: SlackScene) -> None:
    """Ask why a message came, from its own menu."""
    channel, message = await _one_message(scene)
    await scene.point(channel, message, "phiwire_why", "Why did we get this?", "added by")


async def invitation(scene: SlackScene) -> None:
    """Subscribe where the bot cannot post, and invite it."""
    channel = scene.channel("whips", private=True, invited=False)
    await scene.type(channel, "subscribe ferry", "invite")
    scene.happened(channel, "Ada types /invite @PhiWire")
    await slack_life.invite(scene.slack, channel, scene.ada)
    await scene.see(channel, "watches")
    await scene.type(channel, "subscribe ferry", "added")


async def who(scene: SlackScene) -> None:
    """Let administrators alone change filters, and be refused as a member."""
    channel = scene.channel("harbour-desk")
    await scene.type(channel, "settings who admins", "its administrators")
    scene.viewer = scene.ben
    scene.show(channel, "# harbour-desk", "on Ben’s screen, who is a member")
    await scene.type(channel, "subscribe ferry", "administrator")
    await scene.type(channel, "filters", "No filters")


async def settings(scene: SlackScene) -> None:
    """Change how messages come."""
    channel = scene.channel("harbour-desk")
    panel = await scene.type(channel, "settings", "Settings")
    await scene.press(channel, panel, "Corrections: on", "Corrections: off")


async def editor(scene: SlackScene) -> None:
    """Add filter in a form, and see at once what it would bring."""
    channel = scene.channel("harbour-desk")
    await scene.type(channel, "follow Marta Quill", "added")
    scene.clear()
    modal = await scene.open(channel, "edit")
    scene.draw_modal(channel, modal, pressed="Add filter")
    await modal.press("Add filter")
    await modal.until("Query", views=2)
    await modal.type("Query", "harbour AND")
    await modal.until("Expected")
    scene.draw_modal(channel, modal)
    await modal.type("Query", "harbour -levy")
    await modal.until("7 days")
    scene.draw_modal(channel, modal, pressed="Save")
    await modal.submit()
    await modal.until("harbour -levy", views=1)
    scene.draw_modal(channel, modal, pressed="Done")
    await scene.see(channel, "added")


async def home(scene: SlackScene) -> None:
    """See all channels that one looks after, and pause one."""
    channel = scene.slack.channel("harbour-desk")
    lobby = scene.slack.channel("lobby")
    for each, typed in ((channel, "subscribe ferry"), (channel, "follow Marta Quill"), (lobby, "subscribe harbour")):
        await scene.slack.command(each, scene.ada, "/phiwire", typed)
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    await scene.home("PhiWire", "Ferry subsidy")
    await slack_homes.press(scene.slack, scene.ada, "Pause")
    await scene.home("PhiWire, after “Pause”", "aused", pressed="Pause")


async def thread(scene: SlackScene) -> None:
    """Have a press release's full text in its thread."""
    channel = scene.channel("harbour-desk")
    await scene.type(channel, "settings threads on", "thread")
    await scene.type(channel, "subscribe kind:release", "added")
    scene.clear()
    scene.at("09:24")
    await scene.news(news.release(scene), source=RELEASES)
