"""A running bot that two Slack workspaces install: each has its own news, and its own end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import channels, db, schema
from bot.adapters.slack_oauth import BACK, INSTALL
from bot.web import slack as calls_web
from tests.contract.conversations import NOW
from tests.contract.slack_installing import KEY, SECRET, Browser
from tests.e2e.process import BotProcess
from tests.e2e.test_wire_to_chat import NEW_ROW, baseline_is_read, publish, settings
from tests.emulators.slack_many import ManySlack
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.web import WebEmulator

Make = Callable[..., BotProcess]


async def test_two_workspaces_install_the_bot_and_one_takes_it_away(
    tmp_path: Path, telegram: TelegramEmulator, web: WebEmulator, bot_process: Make, port: int
) -> None:
    """From the link to the news, over a crash; no token is in the file or in what the process says."""
    publish(web, "list", grown=False)
    listen = f"127.0.0.1:{port}"
    async with ManySlack() as slack:
        chosen = settings(tmp_path, telegram, slack, web) | {
            "SLACK_BOT_TOKEN": "",
            "SLACK_APP_TOKEN": "",
            "SLACK_CLIENT_ID": slack.client_id,
            "SLACK_CLIENT_SECRET": slack.client_secret,
            "SLACK_SIGNING_SECRET": SECRET,
            "PHIWIRE_SLACK_KEY": KEY,
            "PHIWIRE_SLACK_REQUESTS": "http",
            "PHIWIRE_LISTEN": listen,
            "PHIWIRE_PUBLIC_URL": f"http://{listen}/",
            "PHIWIRE_LOG_LEVEL": "debug",
        }
        slack.redirects.append(f"http://{listen}{BACK}")
        slack.call_at(f"http://{listen}{calls_web.PATH}", SECRET)
        process, browser = bot_process(chosen), Browser()
        await process.start()
        await process.says("slack_ready")
        desks = []
        for name in ("Harbour Desk", "Ferry Desk"):
            team = slack.team(name)
            ada, room = slack.user_of(team, "ada"), slack.channel_of(team, "newsroom")
            away = await browser.get(f"http://{listen}{INSTALL}")
            page = await browser.get(slack.allow(away.location, team, ada))
            assert f"PhiWire is in {name}" in page.text
            assert "Following" in (await slack.command(room, ada, "/phiwire", "follow Marta Quill")).text
            desks.append((team, ada, room))
        await baseline_is_read(web)

        (team, ada, room), (_, _, other) = desks
        slack.revoke(team)
        publish(web, "list", grown=True)
        await slack.wait_for_message(other, NEW_ROW.headline)
        await process.says("slack_removed")
        await process.kill()
        again = bot_process(chosen)
        await again.start()
        await again.says("slack_ready")
        away = await browser.get(f"http://{listen}{INSTALL}")
        assert "PhiWire is in Harbour Desk" in (await browser.get(slack.allow(away.location, team, ada))).text
        assert "Marta Quill" in (await slack.command(room, ada, "/phiwire", "filters")).text
        await browser.session.close()
        assert await again.terminate() == 0

        check = bot_process(chosen, "check")
        await check.start()
        await check.ends()
        assert f"slack: 2 workspaces, to be joined at http://{listen}{INSTALL}" in check.output
        moved = bot_process(chosen | {"PHIWIRE_SLACK_KEY": "b2xkIGtleSB0aGF0IGhhcyB0aGlydHktdHdvIGJ5dGU="}, "check")
        await moved.start()
        assert await moved.ends() == 1
        assert "No key of PHIWIRE_SLACK_KEY opens the tokens of" in moved.output
        export = bot_process(chosen, "export")
        await export.start()
        assert await export.ends() == 0

        said = "".join(each.output + each.errors for each in (process, again, check, moved, export))
        kept = _bytes(tmp_path)
        for secret in (*slack.grants, slack.client_secret, SECRET, KEY):
            assert secret not in said
            assert secret.encode() not in kept
        assert slack.violations == []


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("phiwire.db*"))


@pytest.mark.parametrize("command", ["run", "check"])
async def test_many_workspaces_without_a_key_are_refused_in_one_sentence(command: str, bot_process: Make) -> None:
    """The sentence says how to make one."""
    chosen = {
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "client-secret",
        "SLACK_SIGNING_SECRET": SECRET,
        "PHIWIRE_SLACK_REQUESTS": "http",
        "PHIWIRE_PUBLIC_URL": "https://bot.example.org",
        "PHIWIRE_LISTEN": "127.0.0.1:0",
    }
    process = bot_process(chosen, command)
    await process.start()
    assert await process.ends() == 2
    (line,) = process.errors.strip().splitlines()
    assert "PHIWIRE_SLACK_KEY is missing" in line
    assert "python3 -c" in line


async def test_status_tells_channels_of_one_name_apart(tmp_path: Path, bot_process: Make) -> None:
    """As `forget` wants them named."""
    database = tmp_path / "phiwire.db"
    with contextlib.closing(db.connect(database)) as connection:
        schema.migrate(connection)
        for team in ("T0HARBOUR", "T0FERRY"):
            channels.ensure(connection, "slack", f"{team}/C0ROOM", "", "newsroom", "Europe/London", NOW)
            channels.gone(connection, "slack", f"{team}/C0ROOM", "account_inactive", NOW)
    chosen = {"PHIWIRE_DATABASE": str(database)}
    status = bot_process(chosen, "status")
    await status.start()
    assert await status.ends() == 0
    assert "slack:T0HARBOUR/C0ROOM newsroom takes nothing: account_inactive" in status.output
    forget = bot_process(chosen, "forget", "slack:T0FERRY/C0ROOM", "--yes")
    await forget.start()
    assert await forget.ends() == 0
    assert "Erased." in forget.output
