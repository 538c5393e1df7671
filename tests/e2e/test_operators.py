"""An operator's evening: a source is added from the chat, an entry is picked, and both reach whoever wants them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

ADA, BEA = 7, 8
RSS = "application/rss+xml"


def feed(*titles: str) -> str:
    """Write a feed, the newest first."""
    return pages.rss([pages.FeedItem(title, f"https://harbour.example/{title[-1]}") for title in titles], "Harbour")


async def test_operator_adds_a_source_and_picks(
    tmp_path: Path,
    telegram: TelegramEmulator,
    slack: SlackEmulator,
    web: WebEmulator,
    bot_process: Callable[..., BotProcess],
) -> None:
    """Neither needs the machine on which the bot runs, nor a restart."""
    web.publish("/wire", pages.phiwire_page([pages.Row("Priya Ashdown", "A quiet week", "/wire/0", "09:00")], "list"))
    address = web.publish("/news.xml", feed("Ferry number 1"), RSS)
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[source]]\nslug="w"\nname="The Wire"\nkind="phiwire"\nurl="{web.url}/wire"\nevery="1s"\n')
    chosen = {"PHIWIRE_DATABASE": str(tmp_path / "phiwire.db"), "PHIWIRE_OPERATORS": f"telegram:{ADA}"}
    chosen["PHIWIRE_EVERY"] = "1s"
    process = bot_process(local_settings(telegram, slack, sources) | chosen)
    await process.start()
    await telegram.wait_for(lambda: telegram.calls("getUpdates"), timeout=30)
    operators, readers = telegram.private_chat(ADA, "Ada"), telegram.private_chat(BEA, "Bea")
    await telegram.say(readers, BEA, "/subscribe ferry OR author:quill")
    await telegram.wait_for_message(readers, "Subscribed")
    await telegram.say(operators, ADA, f"/source add {address} Harbour")
    said = await telegram.wait_for_message(operators, "is watched from now on")
    assert "Ferry number 1" in said.text
    # Looked at once by the command, and from then on by the bot, first as a baseline.
    await web.wait_for_requests("/news.xml", 2)
    await telegram.say(operators, ADA, "/pick https://harbour.example/vote Marta Quill | Levy vote survives")
    await telegram.wait_for_message(operators, "On the wire")
    picked = await telegram.wait_for_message(readers, "Levy vote survives")
    assert "Hand picked" in picked.text
    await telegram.say(operators, ADA, "/pick https://harbour.example/vote Marta Quill | Levy vote fails")
    await telegram.wait_for_message(readers, "Levy vote fails")
    web.publish("/news.xml", feed("Ferry number 2", "Ferry number 1"), RSS)
    await telegram.wait_for_message(readers, "Ferry number 2", timeout=30)
    assert not any("Ferry number 1" in sent.text for sent in telegram.messages(readers))
    assert await process.terminate() == 0
    assert "Traceback" not in process.errors
