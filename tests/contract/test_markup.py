"""Every message that a platform would receive is read by the platform's own parser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.adapters import slack_markup, telegram_markup, terminal
from bot.adapters.story import tell
from bot.commands import replies
from bot.model import Channel, Delivery, Entry, Reason
from bot.ports import Reply, Span
from tests.emulators.telegram import parse_html

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOSTILE = (
    '<b>unclosed & "quoted" </i>',
    "<!channel> <@U1> *bold* _it_ ~no~ `code` | > <https://x|y>",
    "👩‍👧‍👦 family " * 3,
    "\u202egnitrats \u0000 null \x1b[31m red",
    "x" * 6000,
    "&lt;already&gt; &amp;nbsp; &#0;",
    "line\nbreak\r\nand\ttab",
    "",
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300))
ADDRESSES = st.one_of(
    st.sampled_from(["", "https://example.org/a?b=1&c=<2>|\"3'", "javascript:alert(1)", "http://example.org/ü x"]),
    st.text(max_size=40).map(lambda path: f"https://example.org/{path}"),
)


def delivery(texts: list[str], address: str, kind: Any) -> Delivery:
    """Make a delivery all of whose texts come from outside."""
    headline, author, organisation, topic, summary, body, source, query = texts
    entry = Entry(
        key="k",
        kind=kind,
        headline=headline,
        url=address,
        author=author,
        organisation=organisation,
        topic=topic,
        summary=summary,
        body=f"{body}\n\n{summary}\n\n{body}",
        icon=address,
        id=1,
        source="s",
        source_name=source,
        first_seen_at=NOW,
    )
    return Delivery(1, Channel(1, "telegram", "7"), entry, (Reason(1, "match", query, (query,), "Ada"),), 1)


DELIVERIES = st.builds(
    delivery, st.lists(TEXTS, min_size=8, max_size=8), ADDRESSES, st.sampled_from(["wire", "release"])
)


@given(DELIVERIES)
@settings(max_examples=300)
def test_telegram_reads_every_story(made: Delivery) -> None:
    """One bad entity fails a whole message, and with it the news."""
    told = tell(made, NOW)
    plain, entities = parse_html(telegram_markup.story(told))
    assert 1 <= len(plain) <= 4096
    assert len(entities) <= 100
    assert told.headline in plain
    assert len(telegram_markup.plain_story(told)) <= 4096


def test_telegram_story_says_what_the_wire_says() -> None:
    """Bold linked headline; author, source, time; why."""
    texts = ["Ferry vote <survives>", "Marta Quill", "", "", "", "", "PhiWire", "ferry"]
    plain, entities = parse_html(telegram_markup.story(tell(delivery(texts, "https://example.org/1", "wire"), NOW)))
    assert plain == "Ferry vote <survives>\nMarta Quill · PhiWire · 12:00\n\nWhy: ferry"
    assert {"bold", "link", "italic"} <= {kind(entity) for entity in entities}


def test_telegram_release_has_its_lede_and_the_rest_to_expand() -> None:
    """A release is long; whoever wants it all opens the quotation."""
    texts = ["Ferry sails", "", "Coastal Office", "", "", "The night ferry.", "Releases", "ferry"]
    made = delivery(texts, "https://example.org/1", "release")
    plain, entities = parse_html(telegram_markup.story(tell(made, NOW)))
    assert plain.splitlines()[1] == "Coastal Office · Releases · 12:00"
    assert "The night ferry." in plain
    assert any("quote" in kind(entity) for entity in entities)


def kind(entity: Any) -> str:
    """Name an entity's kind, as TDLib or as the Bot API calls it."""
    written = str(entity).lower()
    names = {"bold": "bold", "texturl": "link", "text_link": "link", "italic": "italic", "blockquote": "quote"}
    return next((name for part, name in names.items() if part in written), written)


@given(DELIVERIES)
@settings(max_examples=300)
def test_slack_accepts_every_story(made: Delivery) -> None:
    """Slack refuses a message whole, too."""
    told = tell(made, NOW)
    blocks = slack_markup.blocks(told)
    for block in Block.parse_all(blocks):
        block.validate_json()
    assert sum(len(text) for text in texts_of(blocks)) <= 13_200
    assert all(0 < len(text) <= 3000 for text in texts_of(blocks))
    assert slack_markup.notification(told)
    assert "<!" not in slack_markup.notification(told)
    assert not any(part["type"] == "mrkdwn" for part in parts_of(blocks))


def parts_of(value: Any) -> list[dict[str, Any]]:
    """List every element of a message."""
    if isinstance(value, list):
        return [part for each in value for part in parts_of(each)]
    if isinstance(value, dict):
        own = [value] if "type" in value else []
        return own + [part for each in value.values() for part in parts_of(each)]
    return []


def texts_of(blocks: Any) -> list[str]:
    """List every text of a message."""
    return [part["text"] for part in parts_of(blocks) if isinstance(part.get("text"), str)]


SPANS = st.builds(
    Span, TEXTS, st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["", "https://e.org/?a=1&b|>"])
)
REPLIES = st.lists(st.lists(SPANS, max_size=6).map(tuple), max_size=40).map(tuple)


@given(REPLIES)
@settings(max_examples=200)
def test_telegram_reads_every_reply(reply: Reply) -> None:
    """What people typed comes back in replies."""
    for message in telegram_markup.replies(reply):
        plain, entities = parse_html(message)
        assert 1 <= len(plain) <= 4096
        assert len(entities) <= 100


@given(REPLIES)
def test_slack_replies_alert_nobody(reply: Reply) -> None:
    """A query is no way to ping a channel."""
    marked_up = slack_markup.reply(reply)
    assert "<!" not in marked_up
    assert "<@" not in marked_up
    assert len(marked_up) <= 40_000


@given(DELIVERIES, REPLIES)
def test_terminal_shows_no_control_characters(made: Delivery, reply: Reply) -> None:
    """A headline must not command the terminal."""
    shown = terminal.story(tell(made, NOW)) + terminal.reply(reply)
    assert not set(shown.replace("\x1b[", "")) & set("\x00\x07\x08\r\x1b\x9b")


def test_telegram_reads_our_help() -> None:
    """It is the first thing that anybody sees."""
    (message,) = telegram_markup.replies(replies.help_reply())
    plain, _ = parse_html(message)
    assert "/follow Isabel Hardman" in plain


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org", ""])
def test_only_web_addresses_become_links(address: str) -> None:
    """Slack refuses others, and people should, too."""
    told = tell(delivery([*HOSTILE], address, "wire"), NOW)
    assert told.url == ""
    assert "<a " not in telegram_markup.story(told)
