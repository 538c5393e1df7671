"""A site's address is enough: its feeds are found, tried and watched by the command line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

from tests.e2e.process import BotProcess
from tests.emulators import pages
from tests.emulators.web import WebEmulator

Make = Callable[..., BotProcess]
RSS = "application/rss+xml"
NEWS = [pages.FeedItem(f"Ferry number {n} sails", f"https://harbour.example/{n}") for n in (1, 2)]
OPINION = [pages.FeedItem("Levy must fall", "https://harbour.example/levy")]


def site(web: WebEmulator, *feeds: tuple[str, str]) -> str:
    """Publish a front page that announces feeds, by title and path."""
    links = "".join(f'<link rel="alternate" type="{RSS}" title="{title}" href="{path}">' for title, path in feeds)
    return web.publish("/", f"<!doctype html><html><head>{links}</head><body><p>Harbour</p></body></html>")


async def phiwire(make: Make, *arguments: str) -> tuple[int, BotProcess]:
    """Run one command to its end."""
    process = make({"PHIWIRE_SOURCES": "", "PHIWIRE_ALLOWED_HOSTS": "127.0.0.1"}, "source", *arguments)
    await process.start()
    code = await process.ends()
    assert "Traceback" not in process.errors
    return code, process


async def test_site_is_tried_by_its_best_feed(web: WebEmulator, bot_process: Make) -> None:
    """Standard output has the items alone, so that --json can be read by programs; how they were found is beside it."""
    address = site(web, ("Comments on Harbour", "/comments/feed/"), ("Harbour", "/news.xml"))
    web.publish("/news.xml", pages.rss(NEWS, "Harbour News"), RSS)
    web.publish("/comments/feed/", pages.rss(OPINION, "Talk"), RSS)
    code, process = await phiwire(bot_process, "test", address, "--json")
    assert code == 0, process.errors
    assert [json.loads(line)["headline"] for line in process.output.splitlines()] == [n.title for n in NEWS]
    assert "This is a page; it announces this feed:" in process.errors
    assert f"{web.url}/news.xml  Harbour News, 2 items" in process.errors
    assert f"Here are the items of {web.url}/news.xml" in process.errors


async def test_site_is_watched_by_its_best_feed(web: WebEmulator, bot_process: Make) -> None:
    """What is watched is the feed, not the page."""
    address = site(web, ("Harbour", "/news.xml"))
    web.publish("/news.xml", pages.rss(NEWS), RSS)
    code, process = await phiwire(bot_process, "add", address, "--slug", "harbour")
    assert code == 0, process.errors
    assert f"harbour (feed at {web.url}/news.xml) is watched from now on; it shows 2 items." in process.output
    _, listed = await phiwire(bot_process, "list", "--json")
    states = [json.loads(line) for line in listed.output.splitlines()]
    assert [state["url"] for state in states if state["slug"] == "harbour"] == [f"{web.url}/news.xml"]


async def test_equally_good_feeds_are_for_a_person_to_choose(web: WebEmulator, bot_process: Make) -> None:
    """The commands are there to be copied, and work."""
    address = site(web, ("N", "/news.xml"), ("O", "/opinion.xml"))
    web.publish("/news.xml", pages.rss(NEWS, "Harbour News"), RSS)
    web.publish("/opinion.xml", pages.rss(OPINION, "Harbour's 'Opinion'"), RSS)
    code, process = await phiwire(bot_process, "add", address, "--every", "5m")
    assert code == 2
    commands = [shlex.split(line) for line in process.errors.splitlines() if line.startswith("  phiwire source add ")]
    assert [command[3] for command in commands] == [f"{web.url}/news.xml", f"{web.url}/opinion.xml"]
    for command in commands:
        code, added = await phiwire(bot_process, *command[2:])
        assert code == 0, added.errors
    _, listed = await phiwire(bot_process, "list", "--json")
    names = {json.loads(line)["name"] for line in listed.output.splitlines()}
    assert {"Harbour News", "Harbour's 'Opinion'"} <= names


async def test_feed_that_nobody_names_is_found_where_many_have_theirs(web: WebEmulator, bot_process: Make) -> None:
    """Hand-made templates forget to announce it."""
    address = site(web)
    web.publish("/rss.xml", pages.rss(NEWS), RSS)
    code, process = await phiwire(bot_process, "test", address)
    assert code == 0, process.errors
    assert "names no feed" in process.errors
    assert NEWS[0].title in process.output


async def test_page_without_a_feed_is_refused_with_what_to_do(web: WebEmulator, bot_process: Make) -> None:
    """One sentence, and few requests."""
    for command in ("test", "add"):
        code, process = await phiwire(bot_process, command, site(web))
        assert code == 2
        (sentence,) = process.errors.splitlines()
        assert "no feed was found (7 addresses asked)" in sentence
        assert "--kind page" in sentence
        assert "docs/sources.md" in sentence
    assert len(web.requests) == 16


async def test_comments_are_never_watched_by_themselves(web: WebEmulator, bot_process: Make) -> None:
    """Whoever wants readers' comments must say so."""
    address = site(web, ("Comments on Harbour", "/comments/feed/"))
    web.publish("/comments/feed/", pages.rss(OPINION, "Talk"), RSS)
    code, process = await phiwire(bot_process, "add", address)
    assert code == 2
    assert f"  phiwire source add {web.url}/comments/feed/" in process.errors


async def test_list_of_releases_stays_one_and_a_front_page_does_not(web: WebEmulator, bot_process: Make) -> None:
    """Any page has links that might be releases; a list whose titles name who publishes them is one."""
    release = pages.Release("Coastal Office", "Night ferry to stay for good", "/releases/1")
    body = pages.press_release_list([release, pages.Release("Levy Board", "Levy is to fall in spring", "/releases/2")])
    link = f'<link rel="alternate" type="{RSS}" href="/news.xml">'
    web.publish("/news.xml", pages.rss(NEWS), RSS)
    web.publish("/releases", body.replace("<title>", f"{link}<title>"))
    _, process = await phiwire(bot_process, "test", f"{web.url}/releases")
    assert "read as press_releases" in process.errors
    links = "".join(f"<li><a href='/s/{n}'>Harbour story number {n}</a></li>" for n in range(4))
    web.publish("/front", f"<!doctype html><html><head>{link}</head><body><ul>{links}</ul></body></html>")
    _, process = await phiwire(bot_process, "test", f"{web.url}/front")
    assert "read as feed" in process.errors
    _, process = await phiwire(bot_process, "test", f"{web.url}/front", "--kind", "press_releases")
    assert "read as press_releases" in process.errors


async def test_release_whose_page_does_not_answer_is_shown_as_listed(web: WebEmulator, bot_process: Make) -> None:
    """One page that is down must not hide what the list has, nor end the command with a traceback."""
    release = pages.Release("Harbour Office", "The night ferry sails again from Monday", path="/releases/1")
    address = web.publish("/releases/", pages.press_release_list([release]))
    web.fail("/releases/1", 503, times=3)
    code, process = await phiwire(bot_process, "test", address, "--kind", "press_releases")
    assert code == 0, process.errors
    assert "Harbour Office | The night ferry sails again from Monday" in process.output
    assert f"{web.url}/releases/1 answered 503: the server is in trouble" in process.errors


async def test_page_that_is_closed_to_programs_is_refused_as_the_bot_will(web: WebEmulator, bot_process: Make) -> None:
    """Whether its kind is named or found; where nothing else is said, nothing is watched."""
    release = pages.Release("Coastal Office", "Night ferry to stay for good", "/releases/1")
    web.publish("/releases", pages.press_release_list([release, release]))
    web.publish("/robots.txt", "User-agent: *\nDisallow: /releases", "text/plain")
    for arguments in (("add",), ("test",), ("test", "--kind", "press_releases"), ("test", "--select", "row=li")):
        code, process = await phiwire(bot_process, *arguments, f"{web.url}/releases")
        assert code == 2
        (sentence,) = process.errors.splitlines()
        assert f"{web.url}/releases may not be read: {web.url}/robots.txt asks programs not to; use" in sentence
        assert "PHIWIRE_IGNORE_ROBOTS" in sentence
    # It was looked at to see what it is, where nobody had said that.
    assert len(web.requests_for("/releases")) == 2
    _, listed = await phiwire(bot_process, "list", "--json")
    assert f"{web.url}/releases" not in listed.output
    settings = {"PHIWIRE_SOURCES": "", "PHIWIRE_ALLOWED_HOSTS": "127.0.0.1", "PHIWIRE_IGNORE_ROBOTS": "127.0.0.1"}
    process = bot_process(settings, "source", "add", f"{web.url}/releases")
    await process.start()
    assert await process.ends() == 0


async def test_source_is_added_with_its_emoji(web: WebEmulator, bot_process: Make) -> None:
    """What is no emoji is refused before anything is watched."""
    address = web.publish("/news.xml", pages.rss(NEWS), RSS)
    refused, process = await phiwire(bot_process, "add", address, "--icon", "Hall")
    assert refused != 0
    assert "is not one emoji" in process.errors
    added, process = await phiwire(bot_process, "add", address, "--icon", "🏛", "--custom-emoji", "5368324170671202286")
    assert added == 0, process.errors
