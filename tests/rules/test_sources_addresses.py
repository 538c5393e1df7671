"""Rules for addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.addresses import absolute, canonical, without_secrets


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://News.Example.ORG/a", "https://news.example.org/a"),
        ("https://example.org/a/", "https://example.org/a"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://example.org/a#0", "https://example.org/a"),
        ("https://example.org/a?at_medium=RSS&at_campaign=X", "https://example.org/a"),
        ("https://example.org/a?utm_source=x&id=7&CMP=y&fbclid=z", "https://example.org/a?id=7"),
        ("https://example.org/a?p=1&q=%20", "https://example.org/a?p=1&q=%20"),
        ("  https://example.org/a\n", "https://example.org/a"),
        ("tag:example.org,2024:x", "tag:example.org,2024:x"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_canonical_drops_what_changes_between_polls(url: str, expected: str) -> None:
    """A story that comes back with other tracking parameters is the same story."""
    assert expected == canonical(url)


@given(st.text() | st.from_regex(r"https?://[a-zA-Z0-9:@.\[\]]{1,20}/[a-z/?&=#% ]{0,30}", fullmatch=True))
def test_canonical_is_idempotent(url: str) -> None:
    """Keys are compared canonical with canonical, however often they were made so."""
    once = canonical(url)
    assert once == canonical(once)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/b", "https://example.org/b"),
        ("b?x=1", "https://example.org/list/b?x=1"),
        ("//other.example/b", "https://other.example/b"),
        ("http://other.example/b", "http://other.example/b"),
        ("/a b", "https://example.org/a%20b"),
        ('/a"><b', "https://example.org/a%22%3E%3Cb"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("mailto:desk@example.org", ""),
        ("data:image/gif;base64,R0", ""),
        ("https://[broken", ""),
        ("https://example.org:99999/", ""),
        ("https:///nowhere", "https://example.org/nowhere"),
    ],
)
def test_absolute_gives_a_web_address_or_nothing(url: str, expected: str) -> None:
    """What a page links to is shown to people: only addresses that a click may open."""
    assert expected == absolute("https://example.org/list/", url)


@given(st.text(), st.text())
def test_absolute_never_raises_and_never_breaks_out(base: str, url: str) -> None:
    """Addresses come from outside; none may stop a poll or end a quoted attribute."""
    found = absolute(base, url)
    assert not found or (found.startswith(("http://", "https://")) and not set(found) & set(' "<>\n\t'))


def test_messages_show_addresses_without_secrets() -> None:
    """Messages reach logs and chats; passwords and keys in addresses may not."""
    shown = without_secrets("https://user:secret@example.org:8443/feed?key=secret#secret")
    assert shown == "https://example.org:8443/feed?…"
