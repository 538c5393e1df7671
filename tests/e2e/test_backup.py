"""Copies of the database while the bot runs, and what is left of the news when one is put back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from bot import db
from tests.e2e.process import BotProcess, local_settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

Make = Callable[..., BotProcess]


def publish(web: WebEmulator, number: int) -> None:
    """Make a feed of so many items, newest first."""
    items = [
        pages.FeedItem(f"Ferry news number {n:04d}.", f"https://example.org/{n}", f"id-{n}", "Marta Quill")
        for n in range(number, 0, -1)
    ]
    web.publish("/feed", pages.rss(items), "application/rss+xml")


async def run(process: BotProcess) -> int:
    """Run a command to its end."""
    await process.start()
    return await process.ends()


async def test_backup_under_load_is_restored_without_loss(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """What was sent before the backup does not come again; what came after may, for the copy does not know of it."""
    publish(web, 1)
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[source]]\nslug="f"\nname="F"\nkind="feed"\nurl="{web.url}/feed"\nevery="1s"\n')
    database, copy = tmp_path / "phiwire.db", tmp_path / "backup.db"
    settings = local_settings(telegram, slack, sources) | {"PHIWIRE_DATABASE": str(database)}
    process = bot_process(settings)
    await process.start()
    chat = telegram.private_chat(telegram.user(7, "Ada"))
    await telegram.say(chat, 7, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    await web.wait_for_requests("/feed", 2)

    def received(number: int) -> int:
        return sum(f"number {number:04d}." in message.text for message in telegram.messages(chat))

    publish(web, 6)
    await telegram.wait_for_message(chat, "number 0006.", timeout=30)
    await web.wait_for_requests("/feed", len(web.requests_for("/feed")) + 2)  # by then it is settled
    publish(web, 12)
    await telegram.wait_for_message(chat, "number 0007.", timeout=30)
    backup = bot_process(settings, "backup", str(copy))
    assert await run(backup) == 0, backup.errors
    assert "KiB" in backup.output
    await telegram.wait_for_message(chat, "number 0012.", timeout=30)
    assert await process.terminate() == 0

    # As docs/operating.md says.
    for name in (database.name, f"{database.name}-wal", f"{database.name}-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(copy, database)
    publish(web, 14)
    await process.start()
    await telegram.wait_for_message(chat, "number 0014.", timeout=60)
    await telegram.say(chat, 7, "/filters")
    await telegram.wait_for_message(chat, "1. follow Marta Quill")
    assert await process.terminate() == 0
    assert [received(number) for number in range(2, 7)] == [1] * 5
    assert received(1) == 0
    assert all(1 <= received(number) <= 2 for number in range(7, 15))


async def test_backup_overwrites_nothing_and_leaves_no_part(tmp_path: Path, bot_process: Make) -> None:
    """A backup is worth more than the one that would take its place; half of one is worth nothing."""
    settings = {"PHIWIRE_DATABASE": str(tmp_path / "phiwire.db")}
    db.Database(tmp_path / "phiwire.db").close()
    taken = tmp_path / "taken.db"
    taken.write_text("kept")
    refused = bot_process(settings, "backup", str(taken))
    assert await run(refused) == 2
    assert f"{taken} exists" in refused.errors
    assert taken.read_text() == "kept"
    lost = bot_process(settings, "backup", str(tmp_path / "absent" / "b.db"))
    assert await run(lost) == 2
    assert "cannot be written" in lost.errors
    copy = tmp_path / "copy.db"
    copy.with_name("copy.db.part").write_text("left by one that was killed")
    assert await run(bot_process(settings, "backup", str(copy))) == 0
    assert await run(bot_process({"PHIWIRE_DATABASE": str(copy)}, "status")) == 0
    assert not copy.with_name("copy.db.part").exists()


async def test_operator_forgets_a_channel_while_the_bot_runs(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """The next entry finds nobody there, and others as before."""
    publish(web, 1)
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[source]]\nslug="f"\nname="F"\nkind="feed"\nurl="{web.url}/feed"\nevery="1s"\n')
    settings = local_settings(telegram, slack, sources) | {"PHIWIRE_DATABASE": str(tmp_path / "phiwire.db")}
    process = bot_process(settings)
    await process.start()
    chats = [telegram.private_chat(telegram.user(number, f"Person {number}")) for number in (7, 8)]
    for number, chat in zip((7, 8), chats, strict=True):
        await telegram.say(chat, number, "/follow Marta Quill")
        await telegram.wait_for_message(chat, "Following")
    await web.wait_for_requests("/feed", 2)
    publish(web, 2)
    for chat in chats:
        await telegram.wait_for_message(chat, "number 0002.")
    unknown = bot_process(settings, "forget", "telegram:999", "--yes")
    assert await run(unknown) == 2
    assert "Nothing is known of telegram:999" in unknown.errors
    forgetting = bot_process(settings, "forget", f"telegram:{chats[0].id}", "--yes")
    assert await run(forgetting) == 0, forgetting.errors
    assert "1 filter" in forgetting.output
    publish(web, 3)
    await telegram.wait_for_message(chats[1], "number 0003.")
    await web.wait_for_requests("/feed", len(web.requests_for("/feed")) + 2)
    assert await process.terminate() == 0
    assert not any("number 0003." in message.text for message in telegram.messages(chats[0]))
