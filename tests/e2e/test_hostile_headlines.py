"""Whatever stands on the wire arrives, once and readable: a headline commands neither Telegram nor a screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

Make = Callable[..., BotProcess]
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
OLD = pages.Row("Priya Ashdown", "A quiet week, for once", "/wire/0", "09:00")
# What the wire says, and what a person reads.
HOSTILE = {
    "markup": (
        '</a></b><b>Ferry <i>vote & "quorum" <p>&lt;br&gt;',
        '</a></b><b>Ferry <i>vote & "quorum" <p>&lt;br&gt;',
    ),
    "6,000 characters": ("Harbour " * 750, "Harbour Harbour"),
    "6,000 characters without a space": ("Z" * 6000, "ZZZZ"),
    "emoji families": (f"{FAMILY} " * 120 + "march", f"{FAMILY} {FAMILY}"),
    "right-to-left overrides": ("Levy \u202edetpoda\u202c by two", "Levy detpoda by two"),
    "NULs and other controls": ("Night\x00 boats\x07 return\x1b[31m", "Night boats return"),
    "Arabic": ("ميناء Ferry تصويت", "ميناء Ferry تصويت"),
    "commands and mentions": (
        "/forget @everybody #harbour https://example.org/?a=1&b=2",
        "/forget @everybody #harbour",
    ),
}


async def test_hostile_headlines_arrive_once_and_readable(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """The emulator reads with Telegram's own parser, and refuses what people would not read as it was sent."""
    web.publish("/wire", pages.phiwire_page([OLD], "list"))
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[source]]\nslug="w"\nname="The Wire"\nkind="phiwire"\nurl="{web.url}/wire"\nevery="1s"\n')
    process = bot_process(local_settings(telegram, slack, sources) | {"PHIWIRE_DATABASE": str(tmp_path / "phiwire.db")})
    await process.start()
    ada = telegram.user(7, "Ada")
    chat = telegram.private_chat(ada)
    await telegram.say(chat, ada, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    await web.wait_for_requests("/wire", 2)

    rows = [pages.Row("Marta Quill", written, f"/wire/{written[:9]}", "09:05") for written, _ in HOSTILE.values()]
    web.publish("/wire", pages.phiwire_page([*rows, OLD], "list"))
    arrived = len(HOSTILE) + 1
    await telegram.wait_for(lambda: len(telegram.messages(chat)) >= arrived, timeout=30)
    await web.wait_for_requests("/wire", len(web.requests_for("/wire")) + 2)
    assert await process.terminate() == 0

    _, *messages = telegram.messages(chat)
    assert len(messages) == len(HOSTILE)
    for what, (_, read) in HOSTILE.items():
        headlines = [message.text.splitlines()[0] for message in messages]
        assert sum(read in headline for headline in headlines) == 1, (what, headlines)
    for message in messages:
        assert message.text.splitlines()[1].startswith("Marta Quill · 📰 The Wire")
        assert len(message.text) <= 1000
    assert "Traceback" not in process.errors
