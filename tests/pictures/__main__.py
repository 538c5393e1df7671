"""Hold a conversation with the running bot and draw it: `.venv/bin/python -m tests.pictures` writes docs/exchange.svg.

The bot is a process of its own; Telegram and the web are emulators on this machine. All words and their markup are as
the bot sent them, except the times: those are fixed, so that the same words make the same file. Bylines are drawn grey
and expandable quotations open, which Telegram leaves to the reader.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.demo import news
from tests.e2e.process import ROOT, BotProcess
from tests.emulators import pages
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat
from tests.emulators.web import WebEmulator
from tests.pictures.drawing import draw
from tests.pictures.layout import Message

PICTURE = ROOT / "docs" / "exchange.svg"
ADA = 7
SOURCES = {"phiwire": "PhiWire", "press_releases": "Press releases"}
ROWS = tuple(each for each in news.BEFORE if isinstance(each, news.Row))
RELEASES = tuple(each for each in news.BEFORE if isinstance(each, news.Release))
# When each message came, and the times that its text shall show.
TIMES = (
    ("08:58",),
    ("08:58", "08:31"),
    ("08:59",),
    ("08:59", "08:12"),
    ("09:24", "09:23"),
    ("09:41", "09:40"),
    ("09:42",),
    ("09:42", "08:59"),
    ("09:43",),
    ("09:43", "11:43", "07:55"),
)


def publish(web: WebEmulator, rows: tuple[news.Row, ...], releases: tuple[news.Release, ...]) -> None:
    """Put the PhiWire and the press releases on the site as of this minute, for an old time would show its date."""
    now = datetime.now(UTC)
    clock = f"{now.astimezone(ZoneInfo('Europe/London')):%H:%M}"
    numbered = zip(range(len(rows), 0, -1), rows, strict=True)
    wire = [pages.Row(row.author, row.headline, f"/wire/{number}", clock) for number, row in numbered]
    web.publish("/phiwire", pages.phiwire_page(wire))
    listed = [
        pages.Release(
            release.organisation,
            release.title,
            f"/release/{number}",
            release.paragraphs,
            (pages.Said(release.office, release.speaker, release.quotation),),
            release.topic,
            now,
        )
        for number, release in enumerate(releases)
    ]
    for page in listed:
        web.publish(page.path, pages.press_release_page(page))
    web.publish("/press_releases", pages.press_release_list(listed))


async def converse(telegram: TelegramEmulator, web: WebEmulator, chat: Chat) -> None:
    """Play Ada's morning; each line waits for the one before it, so that the order is always the same."""
    for kind in SOURCES:
        # Whoever asks for a page again has committed what it said the first time.
        await web.wait_for_requests(f"/{kind}", 2, timeout=30)
    await telegram.say(chat, ADA, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    await telegram.say(chat, ADA, "/subscribe ferry")
    await telegram.wait_for_message(chat, "Subscribed")
    publish(web, (news.FERRY_ROW, *ROWS), RELEASES)
    await telegram.wait_for_message(chat, news.FERRY_ROW.headline)
    publish(web, (news.FERRY_ROW, *ROWS), (*RELEASES, news.FERRY_RELEASE))
    release = await telegram.wait_for_message(chat, news.FERRY_RELEASE.title)
    await telegram.say(chat, ADA, "/why", reply_to=release.message_id)
    await telegram.wait_for_message(chat, "added by")
    await telegram.say(chat, ADA, "/mute football 2h")
    await telegram.wait_for_message(chat, "Muted")


def record(telegram: TelegramEmulator, chat: Chat) -> list[Message]:
    """Take both sides of the conversation out of the emulator, oldest first."""
    sent = {message.message_id: message for message in telegram.messages(chat)}
    messages = []
    for (number, said), (clock, *shown) in zip(sorted(chat.messages.items()), TIMES, strict=True):
        mine = number not in sent
        entities = said.get("entities", ()) if mine else sent[number].entities
        text = said["text"] if mine else sent[number].text
        original = said.get("reply_to_message")
        quoted = "" if original is None else original["text"].partition("\n")[0]
        messages.append(Message("Ada" if mine else "PhiWire", mine, text, tuple(entities), clock, tuple(shown), quoted))
    return messages


def settings(folder: Path, telegram: TelegramEmulator, web: WebEmulator) -> dict[str, str]:
    """Point the bot at this machine."""
    sources = folder / "sources.toml"
    addresses = {kind: f"{web.url}/{kind}" for kind in SOURCES}
    tables = (
        f'[[source]]\nslug = "{kind}"\nname = "{name}"\nkind = "{kind}"\nurl = "{addresses[kind]}"\nevery = "1s"\n'
        for kind, name in SOURCES.items()
    )
    sources.write_text("".join(tables), "utf-8")
    return {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "PHIWIRE_SOURCES": str(sources),
    }


async def play() -> list[Message]:
    """Run the bot between the emulators for as long as the conversation lasts."""
    async with TelegramEmulator() as telegram, WebEmulator() as web:
        chat = telegram.private_chat(telegram.user(ADA, "Ada"))
        publish(web, ROWS, RELEASES)
        with tempfile.TemporaryDirectory() as folder:
            process = BotProcess(Path(folder), settings(Path(folder), telegram, web))
            await process.start()
            try:
                await converse(telegram, web, chat)
                assert await process.terminate() == 0, process.errors
            finally:
                await process.kill()
        assert telegram.violations == []
        return record(telegram, chat)


if __name__ == "__main__":
    PICTURE.write_text(draw(asyncio.run(play())), "utf-8")
