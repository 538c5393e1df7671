"""Bad input: one clear sentence that names the thing and the remedy, and whatever else works goes on."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import db
from tests.e2e.process import BotProcess
from tests.e2e.test_wire_to_chat import NEW_ROW, OLD_ROW, baseline_is_read, publish, settings
from tests.emulators import pages
from tests.emulators.slack import SlackEmulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

Make = Callable[..., BotProcess]
NEVER_SHOWN = "123456:never-to-be-shown"


async def refused(process: BotProcess) -> str:
    """Run it to its end, which must be exit code 2 and no traceback."""
    await process.start()
    assert await process.ends() == 2, process.errors
    assert "Traceback" not in process.errors
    return process.errors


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("TELEGRAM_BOT_TOKEN", "hello", "TELEGRAM_BOT_TOKEN: it does not look like a bot token"),
        ("SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN is missing"),
        ("PHIWIRE_EVERY", "soon", 'PHIWIRE_EVERY: "soon" is not a duration'),
        ("PHIWIRE_TIMEZONE", "London", "PHIWIRE_TIMEZONE: it is no time zone"),
        ("PHIWIRE_LANGUAGE", "cymraeg", "PHIWIRE_LANGUAGE: it is no language that the bot speaks: write one of en, cy"),
        ("PHIWIRE_SOURCE", "x.toml", "PHIWIRE_SOURCE is no setting. Did you mean PHIWIRE_SOURCES?"),
        ("PHIWIRE_SOURCES", "absent.toml", "absent.toml"),
        ("PHIWIRE_ALIASES", "absent.toml", "There is no file absent.toml: correct PHIWIRE_ALIASES"),
        ("PHIWIRE_DATABASE", "/proc/phiwire.db", "PHIWIRE_DATABASE"),
        ("TELEGRAM_BOT_TOKEN_FILE", "absent", "TELEGRAM_BOT_TOKEN_FILE names absent, which cannot be read"),
        ("PHIWIRE_AMBIGUOUS", "maybe", "PHIWIRE_AMBIGUOUS: it should be 'retry' or 'drop'"),
        ("PHIWIRE_KEEP_ENTRIES", "1h", "PHIWIRE_KEEP_ENTRIES: less than a day"),
        ("PHIWIRE_LISTEN", "8080", "host:port"),
        ("PHIWIRE_LISTEN", "127.0.0.1:80800", "host:port"),
        ("PHIWIRE_PUBLIC_URL", "https://bot.example.org", "PHIWIRE_LISTEN is missing"),
    ],
)
async def test_wrong_setting_is_named(name: str, value: str, part: str, bot_process: Make) -> None:
    """An operator mends what is named, without reading code."""
    assert part in await refused(bot_process({name: value}))


async def test_all_wrong_settings_are_named_at_once(bot_process: Make) -> None:
    """Mending one at a time is a waste of restarts."""
    errors = await refused(bot_process({"TELEGRAM_BOT_TOKEN": "hello", "PHIWIRE_EVERY": "0s", "PHIWIRE_X": "1"}))
    assert len(errors.strip().splitlines()) == 3


async def test_unknown_kind_is_named_with_those_there_are(tmp_path: Path, bot_process: Make) -> None:
    """A typing error in the sources file."""
    sources = tmp_path / "sources.toml"
    sources.write_text('[[source]]\nslug = "a"\nname = "A"\nkind = "fed"\nurl = "https://example.org"\n')
    errors = await refused(bot_process({"PHIWIRE_SOURCES": str(sources)}))
    assert "fed" in errors
    assert "feed" in errors


async def test_database_from_the_future_is_refused(tmp_path: Path, bot_process: Make) -> None:
    """An older program must not write into a newer one's tables."""
    path = tmp_path / "phiwire.db"
    db.Database(path).close()
    with contextlib.closing(sqlite3.connect(path)) as future, future:
        future.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('phiwire', 'm9', '')")
    assert "newer version" in await refused(bot_process({"PHIWIRE_DATABASE": str(path)}))


@pytest.mark.parametrize("command", ["run", "check", "status", "export"])
@pytest.mark.parametrize("damage", ["cut", "spoilt"])
async def test_damaged_database_is_refused_with_the_remedy(
    command: str, damage: str, tmp_path: Path, bot_process: Make
) -> None:
    """One sentence says what to do, and no table is touched."""
    path = tmp_path / "phiwire.db"
    db.Database(path).close()
    kept = path.read_bytes()
    path.write_bytes(kept[: len(kept) // 2] if damage == "cut" else kept[:4096] + b"\xff" * (len(kept) - 4096))
    spoilt = path.read_bytes()
    errors = await refused(bot_process({"PHIWIRE_DATABASE": str(path)}, command))
    assert "damaged" in errors
    assert "put your newest backup in its place" in errors
    assert len(errors.strip().splitlines()) == 1
    assert path.read_bytes() == spoilt


async def test_wrong_token_is_refused_and_not_shown(telegram: TelegramEmulator, bot_process: Make) -> None:
    """The only platform refuses: there is nothing to run for."""
    errors = await refused(bot_process({"TELEGRAM_BOT_TOKEN": NEVER_SHOWN, "TELEGRAM_API_URL": telegram.url}))
    assert "TELEGRAM_BOT_TOKEN" in errors
    assert NEVER_SHOWN not in errors


async def test_second_process_on_a_database_is_refused(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """Two would send everything twice."""
    publish(web, "list", grown=False)
    first = bot_process(settings(tmp_path, telegram, slack, web))
    await first.start()
    await baseline_is_read(web)
    errors = await refused(bot_process(settings(tmp_path, telegram, slack, web)))
    assert f"process {first.pid}" in errors
    # What a crash leaves behind names nobody and keeps nobody out.
    await first.kill()
    second = bot_process(settings(tmp_path, telegram, slack, web))
    await second.start()
    await second.says("slack_ready")
    errors = await refused(bot_process(settings(tmp_path, telegram, slack, web)))
    assert f"process {second.pid}" in errors


async def test_other_sources_and_platforms_go_on(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """A wrong Slack token, a feed that is HTML and a page that has changed stop nobody else."""
    publish(web, "list", grown=False)
    web.publish("/feed", "<!doctype html><title>Moved</title><p>We have a new site.</p>")
    web.publish("/releases", "<!doctype html><title>Hello</title><p>Nothing here.</p>")
    process = bot_process(settings(tmp_path, telegram, slack, web) | {"SLACK_BOT_TOKEN": "xoxb-wrong"})
    await process.start()
    chat = telegram.private_chat(telegram.user(7, "Ada"))
    await telegram.say(chat, 7, "/follow Marta Quill")
    await telegram.wait_for_message(chat, "Following")
    await process.says("SLACK_BOT_TOKEN")
    await web.wait_for_requests("/phiwire", 2)
    web.publish("/phiwire", pages.phiwire_page([NEW_ROW, OLD_ROW], "list"))
    await telegram.wait_for_message(chat, NEW_ROW.headline)
    await telegram.say(chat, 7, "/sources")
    answer = await telegram.wait_for_message(chat, "never answered")
    assert "⚠ feed — never answered: " in answer.text
    assert "HTML" in answer.text
    assert await process.terminate() == 0
    assert "Traceback" not in process.errors


async def test_terminal_without_tokens_shows_the_wire(tmp_path: Path, web: WebEmulator, bot_process: Make) -> None:
    """The first thing that a newcomer runs for real."""
    publish(web, "list", grown=False)
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[source]]\nslug="w"\nname="The Wire"\nkind="phiwire"\nurl="{web.url}/phiwire"\nevery="1s"\n')
    process = bot_process({"PHIWIRE_SOURCES": str(sources)})
    await process.start()
    await process.says("TELEGRAM_BOT_TOKEN")
    await web.wait_for_requests("/phiwire", 2)
    web.publish("/phiwire", pages.phiwire_page([NEW_ROW, OLD_ROW], "list"))
    await process.says(NEW_ROW.headline)
    assert await process.terminate() == 0
    assert OLD_ROW.headline not in process.output


async def test_demo_tells_its_story(bot_process: Make) -> None:
    """Subscribe, receive, mute, why: played to the end where nobody can type."""
    process = bot_process({}, "demo")
    await process.start()
    assert await process.ends() == 0, process.errors
    for part in ("Following", "Subscribed", "why: follow Marta Quill", "Muted", "That is all"):
        assert part in process.output
    assert process.errors == ""


async def test_source_test_shows_items_as_json(web: WebEmulator, bot_process: Make) -> None:
    """Whoever writes a recipe for a page sees at once what it yields."""
    publish(web, "table", grown=True)
    process = bot_process({}, "source", "test", f"{web.url}/phiwire", "--at", "2026-03-04T12:00+00:00", "--json")
    await process.start()
    assert await process.ends() == 0, process.errors
    items = [json.loads(line) for line in process.output.splitlines()]
    assert [(item["author"], item["headline"], item["published_at"]) for item in items] == [
        (NEW_ROW.author, NEW_ROW.headline, "2026-03-04T09:05:00.000Z"),
        (OLD_ROW.author, OLD_ROW.headline, "2026-03-04T09:00:00.000Z"),
    ]


@pytest.mark.parametrize(("path", "code"), [("/absent", 2), ("/html", 2), ("/empty", 1)])
async def test_source_test_says_what_is_wrong(path: str, code: int, web: WebEmulator, bot_process: Make) -> None:
    """No items is 1; what cannot be read is 2, with the reason."""
    web.publish("/html", "<!doctype html><p>Hello</p>")
    web.publish("/empty", pages.rss([]), "application/rss+xml")
    process = bot_process({}, "source", "test", f"{web.url}{path}", "--kind", "feed")
    await process.start()
    assert await process.ends() == code
    assert process.errors.strip()


async def test_check_says_what_works_and_what_does_not(
    tmp_path: Path, telegram: TelegramEmulator, slack: SlackEmulator, web: WebEmulator, bot_process: Make
) -> None:
    """One line each, before anything is sent to anybody."""
    publish(web, "list", grown=False)
    web.withdraw("/feed")
    web.publish("/robots.txt", "User-agent: *\nDisallow: /releases", "text/plain")
    process = bot_process(settings(tmp_path, telegram, slack, web), "check")
    await process.start()
    assert await process.ends() == 1
    for part in ("✓ settings", "✓ database", "✓ telegram: @", "✓ slack: ", "✓ phiwire: 1 item", "✗ feed: "):
        assert part in process.output
    assert (
        f"✗ releases: {web.url}/releases may not be read: {web.url}/robots.txt asks programs not to;" in process.output
    )
