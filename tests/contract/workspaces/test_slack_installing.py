"""People install the bot in their Slack workspace: each way that this can go ends on a page in words."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
import pytest

from bot import install_states, installations
from bot.adapters import slack_oauth
from bot.adapters.slack_manifest import SCOPES
from bot.adapters.slack_oauth import BACK, INSTALL
from bot.db import Database
from bot.web import slack_install
from bot.web.server import WebServer
from tests.contract.conversations import NOW
from tests.contract.slack_installing import Bot, Browser, running
from tests.emulators.server import Fault
from tests.emulators.slack_many import ManySlack


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Open a browser."""
    browser = Browser()
    yield browser
    await browser.session.close()


async def test_workspace_that_installs_the_bot_is_served(bot: Bot, slack: ManySlack, browser: Browser) -> None:
    """From the link over Slack's page to the first command; the page says what to do next."""
    team = slack.team("Harbour Desk")
    ada, room = slack.user_of(team, "ada"), slack.channel_of(team, "ferries")
    away = await browser.get(bot.url + INSTALL)
    assert away.status == 302
    assert away.location.startswith(slack.url.removesuffix("api/") + "oauth/v2/authorize?")
    assert parse_qs(urlsplit(away.location).query)["scope"] == [",".join(SCOPES)]
    assert (await browser.get(away.location)).text == "Allow?"
    done = await browser.get(slack.allow(away.location, team, ada))
    assert done.status == 200
    assert "PhiWire is in Harbour Desk" in done.text
    assert "/phiwire help" in done.text
    assert "Following `Priya Ashdown`" in await bot.ask("follow Priya Ashdown", ada, room)
    (grant,) = slack.grants.values()
    assert grant.calls.count("auth.test") == 1, "each command would ask Slack again who we are"


async def test_two_browsers_at_once_each_get_their_own(bot: Bot, slack: ManySlack) -> None:
    """And one browser may install the bot in two workspaces."""
    first, second = slack.team("Harbour Desk"), slack.team("Ferry Desk")
    browser = Browser()
    ways = [await browser.get(bot.url + INSTALL) for _ in range(2)]
    for way, team in zip(ways, (first, second), strict=True):
        page = await browser.get(slack.allow(way.location, team, slack.user_of(team, "ada")))
        assert f"PhiWire is in {team.name}" in page.text
    await browser.session.close()
    assert len(await bot.database.read(installations.all_in_force)) == 2


def _answer(team: str) -> Fault:
    """Let Slack answer a code with a token of something else than a workspace."""
    body = '{"ok": true, "access_token": "xoxb-1", "team": ' + team + "}"
    return Fault(body=body, headers={"Content-Type": "application/json"})


async def _nobody_is_there(bot: Bot) -> bool:
    return await bot.database.read(installations.all_in_force) == ()


async def test_whoever_says_no_reads_that_nothing_was_installed(bot: Bot, slack: ManySlack, browser: Browser) -> None:
    """And can start again."""
    away = await browser.get(bot.url + INSTALL)
    page = await browser.get(slack.deny(away.location))
    assert "Nothing was installed" in page.text
    assert 'href="install"' in page.text
    assert await _nobody_is_there(bot)


async def test_state_is_good_for_ten_minutes(bot: Bot, slack: ManySlack, browser: Browser) -> None:
    """Whoever finds an old link can do nothing with it."""
    team = slack.team("Harbour Desk")
    away = await browser.get(bot.url + INSTALL)
    bot.now += install_states.LASTS
    page = await browser.get(slack.allow(away.location, team, slack.user_of(team, "ada")))
    assert "That took too long" in page.text
    assert await _nobody_is_there(bot)


async def test_state_is_good_once(bot: Bot, slack: ManySlack, browser: Browser) -> None:
    """Also where it came to nothing: Slack's code is asked for once."""
    team = slack.team("Harbour Desk")
    ada = slack.user_of(team, "ada")
    away = await browser.get(bot.url + INSTALL)
    slack.script("oauth.v2.access", Fault(error="code_expired"))
    assert "these are over" in (await browser.get(slack.allow(away.location, team, ada))).text
    assert "This link has been used" in (await browser.get(slack.allow(away.location, team, ada))).text
    assert len(slack.calls("oauth.v2.access")) == 1
    assert await _nobody_is_there(bot)


@pytest.mark.parametrize("state", ["", "x" * 43, "%E9", "%F0%9F%9A%A2", "x" * 5000])
async def test_state_that_was_made_up_is_refused(bot: Bot, slack: ManySlack, browser: Browser, state: str) -> None:
    """Slack is not even asked."""
    await browser.get(bot.url + INSTALL)
    page = await browser.get(f"{bot.url}{BACK}?code=code-1&state={state}")
    assert "This link is not mine" in page.text
    assert slack.calls("oauth.v2.access") == []


async def test_installation_ends_in_the_browser_in_which_it_began(bot: Bot, slack: ManySlack, browser: Browser) -> None:
    """Or somebody could have others install the bot in a workspace that is not theirs."""
    team = slack.team("Harbour Desk")
    ada, other = slack.user_of(team, "ada"), Browser()
    away = await browser.get(bot.url + INSTALL)
    back = slack.allow(away.location, team, ada)
    for _ in range(2):
        assert "This began in another browser" in (await other.get(back)).text
        await other.get(bot.url + INSTALL)
    await other.session.close()
    assert await _nobody_is_there(bot)
    assert "PhiWire is in" in (await browser.get(back)).text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(error="bad_client_secret"), "does not accept this app’s secret"),
        (Fault(error="invalid_code"), "does not know the code"),
        (Fault(error="org_login_required"), "Slack refused it: org_login_required."),
        (Fault(error="<script>alert(1)</script>"), "something that I do not understand"),
        (Fault(status=500, body="<html>oh</html>"), "Slack did not answer"),
        (Fault(action="drop_after"), "Slack did not answer"),
        (Fault(body="We are moving house."), "Slack did not answer"),
        (_answer('"T1"'), "something that I do not understand"),
        (_answer('{"id": "../T1"}'), "something that I do not understand"),
    ],
)
async def test_what_slack_refuses_is_said(
    bot: Bot, slack: ManySlack, browser: Browser, fault: Fault, words: str
) -> None:
    """In words, with nothing in them that somebody else wrote; and nothing was changed."""
    team = slack.team("Harbour Desk")
    away = await browser.get(bot.url + INSTALL)
    slack.script("oauth.v2.access", fault)
    page = await browser.get(slack.allow(away.location, team, slack.user_of(team, "ada")))
    assert page.status == 502
    assert words in page.text
    assert "<script>" not in page.text
    assert await _nobody_is_there(bot)


async def test_name_of_a_workspace_is_text(bot: Bot, slack: ManySlack) -> None:
    """People may call theirs whatever they like."""
    team = slack.team("<img src=x> & Co")
    page = await bot.install(team, slack.user_of(team, "ada"))
    assert "PhiWire is in &lt;img src=x&gt; &amp; Co" in page.text


async def test_name_of_a_workspace_does_nothing_to_an_operators_terminal(bot: Bot, slack: ManySlack) -> None:
    """What `phiwire check` prints is somebody else's word."""
    team = slack.team("Harbour\x1b[2J\n✓ all is well" + "!" * 500)
    await bot.install(team, slack.user_of(team, "ada"))
    (made,) = await bot.database.read(installations.all_in_force)
    await bot.database.write(installations.save, "slack", replace(made.installation, scopes=""), NOW)
    said = await bot.adapter.check()
    assert "Harbour" in said
    assert said.isprintable()
    assert "!" * 100 not in said


async def test_tokens_that_expire_are_not_taken(bot: Bot, slack: ManySlack) -> None:
    """They would end in the night; whoever runs the bot has to switch that off."""
    team, slack.rotation = slack.team("Harbour Desk"), True
    assert "tokens expire" in (await bot.install(team, slack.user_of(team, "ada"))).text
    assert await _nobody_is_there(bot)


async def test_restart_in_between_loses_nothing(
    slack: ManySlack, database: Database, browser: Browser, port: int
) -> None:
    """Neither who was sent away, nor, after the next one, who has the bot."""
    team = slack.team("Harbour Desk")
    ada, room = slack.user_of(team, "ada"), slack.channel_of(team, "ferries")
    async with running(slack, database, port) as before:
        away = await browser.get(before.url + INSTALL)
    async with running(slack, database, port):
        assert "PhiWire is in" in (await browser.get(slack.allow(away.location, team, ada))).text
    async with running(slack, database, port) as after:
        assert "Following" in await after.ask("follow Priya Ashdown", ada, room)


async def test_tokens_stand_nowhere_in_plain(
    bot: Bot, slack: ManySlack, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in the file, its log of writes, or ours at its most talkative; nor do states and cookies."""
    caplog.set_level(logging.DEBUG, "bot")
    team = slack.team("Harbour Desk")
    ada, room = slack.user_of(team, "ada"), slack.channel_of(team, "ferries")
    await bot.install(team, ada)
    await bot.ask("follow Priya Ashdown", ada, room)
    exported = await bot.ask("export", ada, room)
    (token,) = slack.grants
    files = list(bot.database.path.parent.glob("phiwire.db*"))
    assert len(files) >= 2
    written = b"".join(file.read_bytes() for file in files)
    assert b"Harbour Desk" in written
    assert token.encode() not in written
    assert slack.client_secret.encode() not in written
    captured = capsys.readouterr()
    for told in (caplog.text, captured.out, captured.err, exported, repr(bot.workspaces._known), repr(slack.grants)):
        assert token not in told.replace(repr(slack.grants), "")


async def test_key_is_exchanged_at_a_start(slack: ManySlack, database: Database, port: int) -> None:
    """The new one is written before the old one; after one start the old one is needed no more."""
    old, new = "b2xkIGtleSB0aGF0IGhhcyB0aGlydHktdHdvIGJ5dGU=", "bmV3IGtleSB0aGF0IGhhcyB0aGlydHktdHdvIGJ5dGU="
    team = slack.team("Harbour Desk")
    ada, room = slack.user_of(team, "ada"), slack.channel_of(team, "ferries")
    async with running(slack, database, port, old) as bot:
        await bot.install(team, ada)
    async with running(slack, database, port, new, old):
        pass
    async with running(slack, database, port, new) as bot:
        assert "Following" in await bot.ask("follow Priya Ashdown", ada, room)
        assert "1 workspace" in await bot.adapter.check()
    async with running(slack, database, port, old) as bot:
        assert "not installed" in await bot.ask("filters", ada, room)


async def test_there_is_an_end_to_how_many_are_on_their_way(
    bot: Bot, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever calls again and again fills no disk; ten minutes later there is room again."""
    monkeypatch.setattr(install_states, "MOST", 2)
    answers = [(await browser.get(bot.url + INSTALL)).status for _ in range(3)]
    assert answers == [302, 302, 503]
    bot.now = NOW + install_states.LASTS + timedelta(seconds=1)
    assert (await browser.get(bot.url + INSTALL)).status == 302


async def test_who_calls_without_end_does_not_keep_the_database_from_its_work(bot: Bot, browser: Browser) -> None:
    """What is too much is not even written; a moment later others may begin."""
    answers = [(await browser.get(bot.url + INSTALL)).status for _ in range(slack_oauth.AT_ONCE + 3)]
    assert answers == [302] * slack_oauth.AT_ONCE + [503] * 3
    bot.now += timedelta(seconds=1)
    assert (await browser.get(bot.url + INSTALL)).status == 302
    assert slack_oauth.A_SECOND * install_states.LASTS.total_seconds() + slack_oauth.AT_ONCE < install_states.MOST


async def test_public_address_may_have_a_path(slack: ManySlack, bot: Bot) -> None:
    """The browser finds its cookie, and the way back, below it."""
    public = "https://example.org/bot/"
    oauth = slack_oauth.OAuth("1.2", "client-secret", public, slack.url, bot.workspaces, bot.clock)
    oauth.use(bot.database)
    server = WebServer("127.0.0.1", 0, slack_install.routes(oauth))
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        async with session.get(INSTALL, allow_redirects=False) as away:
            assert away.cookies[slack_install.COOKIE]["path"] == "/bot/slack"
            assert parse_qs(urlsplit(away.headers["Location"]).query)["redirect_uri"] == [public + BACK[1:]]
        async with session.get(BACK) as page:
            (link,) = re.findall('href="([^"]*)"', await page.text())
            assert urljoin(public + BACK[1:], link) == public + INSTALL[1:]
    await server.close()


async def test_check_names_the_workspaces_that_lack_a_scope(bot: Bot, slack: ManySlack, database: Database) -> None:
    """They installed an older version, and what is new fails there alone."""
    here, there = slack.team("Harbour Desk"), slack.team("Ferry Desk")
    for team in (here, there):
        await bot.install(team, slack.user_of(team, "ada"))
    assert "lacks" not in await bot.adapter.check()
    made = await database.read(installations.of_team, there.id)
    assert made is not None
    older = ",".join(scope for scope in SCOPES if scope != "users:read")
    await database.write(installations.save, "slack", replace(made.installation, scopes=older), NOW)
    assert (await bot.adapter.check()).endswith("Ferry Desk lacks users:read: have the bot installed there again.")
