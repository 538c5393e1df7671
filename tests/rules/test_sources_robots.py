"""What robots.txt asks of us: RFC 9309."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources import robots
from bot.sources.robots import Rules

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
SPECIAL = st.text(st.sampled_from("/ab*$%2e?:#\r\n"), max_size=40)


@pytest.mark.parametrize(
    ("rule", "path", "allowed"),
    [
        ("Disallow: /", "/news", False),
        ("Disallow:", "/news", True),
        ("Disallow: /news", "/newsroom", False),
        ("Disallow: /news/", "/news", True),
        ("Disallow: /news", "/News", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Allow: /\nDisallow: /*.pdf$", "/a.pdf", False),
        ("Disallow: /*.pdf$", "/a.pdf?x=1", True),
        ("Disallow: /*.pdf", "/a.pdf?x=1", False),
        ("Disallow: /a*b*c", "/axxbxxc", False),
        ("Disallow: /a*b*c", "/axxcxxb", True),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /a*a$", "/a", True),
        ("Disallow: *page=", "/list?page=2", False),
        ("Disallow: /a%7Eb", "/a~b", False),
        ("Disallow: /%e4", "/%E4", False),
        ("Disallow: /ä", "/%C3%A4", False),
        ("Disallow: /", "/robots.txt", True),
        ("disallow : /a # not there", "/a", False),
        ("Sitemap: /x\nDisallow: /a", "/a", False),
        ("Disallow: news", "/news", True),
    ],
)
def test_longest_rule_decides(rule: str, path: str, *, allowed: bool) -> None:
    """Order says nothing, and of two as long the one that allows counts (2.2.2)."""
    assert robots.read(f"User-agent: *\n{rule}".encode(), "phiwirebot").allow(path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: PhiWireBot\nDisallow: /", False),
        ("user-agent: phiwirebot/2.0\ndisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: PhiWireBot\nDisallow:", True),
        ("User-agent: other\nUser-agent: PhiWireBot\n\nDisallow: /", False),
        ("User-agent: PhiWireBot\nAllow: /b\nUser-agent: *\nDisallow: /", True),
        ("User-agent: PhiWireBot\nAllow: /b\nUser-agent: x\nDisallow: /\nUser-agent: PhiWireBot\nDisallow: /a", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: PhiWire\nDisallow: /", True),
        ("Disallow: /", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\rDisallow: /", False),
        ("<html>User-agent: nobody</html>", True),
        ("", True),
    ],
)
def test_groups_are_found_by_name(text: str, *, allowed: bool) -> None:
    """A group for us replaces the one for everybody; several for us are one (2.2.1)."""
    assert robots.read(text.encode(), "phiwirebot").allow("/a") is allowed


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("5", 5), ("0.5", 0.5), ("99999999999999", 999_999_999), ("soon", 0), ("-1", 0), ("1e9", 0), ("", 0)],
)
def test_crawl_delay_is_read(line: str, seconds: float) -> None:
    """It stands in no standard and in many files."""
    assert robots.read(f"User-agent: *\nCrawl-delay: {line}".encode(), "x").crawl_delay == seconds


@given(SPECIAL, SPECIAL)
def test_any_file_can_be_read(text: str, path: str) -> None:
    """It is text from outside."""
    assert robots.read(f"User-agent: *\nDisallow: /{text}".encode(), "x").allow(f"/{path}") in {True, False}


def test_no_pattern_takes_long() -> None:
    """As a regular expression this one would take longer than the world has stood."""
    rules = robots.read(b"User-agent: *\nDisallow: /" + b"*a" * 200 + b"b\n" + b" " * 400_000, "x")
    assert rules.allow("/" + "a" * 2_000)


def test_no_number_of_agents_takes_long() -> None:
    """Kept for each of these agents, these rules would fill the memory."""
    agents, rules = b"User-agent: a\n" * 12_000, b"Disallow: /\n" * 20_000
    assert robots.read(agents + rules, "x").allow("/")
    assert not robots.read(agents + b"User-agent: x\n" + rules, "x").allow("/")


def test_silent_site_is_closed_until_a_month_has_passed() -> None:
    """A server in trouble may not be able to say no (2.3.1.4)."""
    known = robots.silence(NOW, None)
    assert known.in_force(NOW) is None
    assert not known.asks_again(NOW + timedelta(minutes=9))
    assert known.asks_again(NOW + timedelta(minutes=10))
    later = robots.silence(NOW + timedelta(days=30), known)
    assert later.in_force(NOW + timedelta(days=30)) == Rules()


def test_what_was_asked_before_counts_while_a_site_is_silent() -> None:
    """Once a day is enough, and one failure is no new rule."""
    asked = Rules((("/a", False),))
    known = robots.heard(NOW, asked)
    assert not known.asks_again(NOW + timedelta(hours=23))
    assert known.asks_again(NOW + timedelta(days=1))
    assert robots.silence(NOW + timedelta(days=1), known).in_force(NOW + timedelta(days=2)) == asked


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [("PhiWireBot/0.1 (political news relay)", "phiwirebot"), ("My-Relay", "my-relay"), ("", "phiwirebot")],
)
def test_our_name_is_what_the_user_agent_begins_with(user_agent: str, token: str) -> None:
    """Publishers find it in their logs."""
    assert robots.token(user_agent) == token
