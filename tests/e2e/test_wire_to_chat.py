"""From the wire to the chat: what is published arrives where it is wanted, once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

Make = Callable[..., BotProcess]

OLD_ROW = pages.Row("Priya Ashdown", "A quiet week, for once", "/wire/1", "09:00")
NEW_ROW = pages.Row("Marta Quill", "Ferry vote survives | by one", "/wire/2", "09:05")
OLD_RELEASE = pages.Release("Coastal Office", "Harbour fund opens", "/release/1", ("Forty towns may apply.",))
NEW_RELEASE = pages.Release(
    "Marta Quill",  # an organisation is followed like an author
    "Ferry timetable <confirmed>",
    "/release/2",
    ("The night ferry sails all year.", "Two vessels replace one & a half."),
    (pages.Said("Minister for Coasts", "Ines Calloway", "Islanders asked for it."),),
    "Transport",
)
OLD_ITEM = pages.FeedItem("Morning briefing", "https://example.org/1", "id-1", "Rafe Lindqvist")
NEW_ITEM = pages.FeedItem("Ferry briefing", "https://example.org/2", "id-2", "Marta Quill")


def publish(web: WebEmulator, markup: str, *, grown: bool) -> None:
    """Put the three documents on the site, before or after the news."""
    rows = [NEW_ROW, OLD_ROW] if grown else [OLD_ROW]
    releases = [NEW_RELEASE, OLD_RELEASE] if grown else [OLD_RELEASE]
    items = [NEW_ITEM, OLD_ITEM] if grown else [OLD_ITEM]
    for release in releases:
        web.publish(release.path, pages.press_release_page(release))
    web.publish("/phiwire", pages.phiwire_page(rows, markup))  # type: ignore[arg-type]
    web.publish("/releases", pages.press_release_list(releases))
    web.publish("/feed", pages.rss(items), "application/rss+xml")


def settings(folder: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator) -> dict[str, str]:
    """Point the bot at this machine."""
    sources = folder / "sources.toml"
    kinds = {"phiwire": "phiwire", "releases": "press_releases", "feed": "feed"}
    sources.write_text(
        "\n".join(
            f'[[source]]\nslug = "{path}"\nname = "{path}"\nkind = "{kind}"\nurl = "{web.url}/{path}"\nevery = "1s"'
            for path, kind in kinds.items()
        )
    )
    return local_settings(telegram, slack, sources) | {"PHIWIRE_DATABASE": str(folder / "phiwire.db")}


async def baseline_is_read(web: WebEmulator) -> None:
    """Wait until every source was polled twice: then what its first poll found is committed."""
    counts = {path: len(web.requests_for(path)) + 2 for path in ("/phiwire", "/releases", "/feed")}
    for path, count in counts.items():
        await web.wait_for_requests(path, count)


@pytest.mark.parametrize("markup", ["list", "table", "divs"])
async def test_news_of_every_kind_reaches_each_channel_once_also_through_a_kill(
    markup: str, tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """This is the product: a follower on Telegram and a subscriber on Slack get each new entry, and nothing twice."""
    publish(web, markup, grown=False)
    process = bot_process(settings(tmp_path, telegram, slack, web))
    await process.start()
    chat = telegram.private_chat(telegram.user(7, "Ada"))
    channel = slack.channel("newsroom")
    await slack.connected()
    await telegram.say(chat, 7, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    confirmation = await slack.command(channel, slack.user("bea"), "/phiwire", "subscribe ferry")
    assert "Subscribed" in confirmation.text
    await baseline_is_read(web)

    publish(web, markup, grown=True)
    for headline in (NEW_ROW.headline, NEW_RELEASE.headline, NEW_ITEM.title):
        await telegram.wait_for_message(chat, headline)
        await slack.wait_for_message(channel, headline)
    await baseline_is_read(web)  # by then what was accepted is settled too; the next test kills before that
    await process.kill()
    await process.start()
    await baseline_is_read(web)
    assert await process.terminate() == 0

    received = [message.text for message in telegram.messages(chat)]
    # The channel learns, once, who has subscribed it.
    announced, *shown = [message.shown for message in slack.messages(channel)]
    assert announced == "bea added `ferry`."
    for headline in (NEW_ROW.headline, NEW_RELEASE.headline, NEW_ITEM.title):
        assert sum(headline in text and "Following" not in text for text in received) == 1
        assert sum(headline in text for text in shown) == 1
    for old in (OLD_ROW.headline, OLD_RELEASE.headline, OLD_ITEM.title, "non-subscribers"):
        assert not any(old in text for text in shown)
    assert len(shown) == 3


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
async def test_kill_between_claim_and_settle_loses_nothing(
    fault: str, tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """Nobody can tell whether a request that was cut off was accepted: it is sent again, so twice at the most."""
    publish(web, "list", grown=False)
    process = bot_process(settings(tmp_path, telegram, slack, web))
    await process.start()
    chat = telegram.private_chat(telegram.user(7, "Ada"))
    await telegram.say(chat, 7, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    await baseline_is_read(web)
    before = len(telegram.calls("sendMessage"))
    # The first attempt hangs in mid-air, accepted or not; then the process dies.
    telegram.script("sendMessage", Fault(action="stall" if fault == "drop_after" else "drop_before"))
    publish(web, "list", grown=True)
    await telegram.wait_for(lambda: len(telegram.calls("sendMessage")) > before)
    await process.kill()
    telegram.release()
    await process.start()
    for headline in (NEW_ROW.headline, NEW_RELEASE.headline, NEW_ITEM.title):
        await telegram.wait_for_message(chat, headline, timeout=20)
    await baseline_is_read(web)
    assert await process.terminate() == 0
    received = [message.text for message in telegram.messages(chat)][1:]
    copies = [sum(h in text for text in received) for h in (NEW_ROW.headline, NEW_RELEASE.headline, NEW_ITEM.title)]
    assert min(copies) == 1
    assert sum(copies) <= 4
