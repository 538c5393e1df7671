"""Every message that a platform would receive is read by the platform's own parser."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.adapters import slack_markup, telegram_markup, terminal
from bot.commands import replies
from bot.filters.explaining import explained
from bot.filters.marks import Marks
from bot.model import Channel, Delivery, Entry, Found, Reason, Version
from bot.outbox.folding import MOST_LISTED
from bot.ports import Reply, Span
from bot.story import Story, digest, pieces, tell
from tests.emulators.slack_rules import readable
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
MANY = "<ferry> & “family’s” " * 300
TEXTS = st.one_of(st.sampled_from([*HOSTILE, MANY]), st.text(max_size=300))
# What filters may have found in them, as reasons write it.
TERMS = (
    *("ferry", "family", "family*", "unclosed", "quoted", "channel", "bold", "amp", "0", "null", "egnitrats", "red"),
    *("x*", "xxx*", '"break and"', '"ferry family"', '"bold it"', "line", "headline:ferry", "headline:quoted"),
    *("author:family", "org:ferry", "topic:line", "((", '"family’s ferry*"'),
)
ADDRESSES = st.one_of(
    st.sampled_from(["", "https://example.org/a?b=1&c=<2>|\"3'", "javascript:alert(1)", "http://example.org/ü x"]),
    st.text(max_size=40).map(lambda path: f"https://example.org/{path}"),
)


def delivery(
    texts: list[str],
    address: str,
    kind: Any,
    found: Sequence[str] = (),
    left_out: int = 0,
    corrects: bool = False,
) -> Delivery:
    """Make a delivery all of whose texts come from outside, and tell what its filter found in them."""
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
    reason = Reason(1, "match", query, "Ada", NOW, tuple(Found(term, ("headline",)) for term in found))
    made = Delivery(1, Channel(1, "telegram", "7"), entry, (reason,), 1, left_out=left_out, left_among=left_out)
    if not corrects:
        return made
    return replace(made, edits="5", before=Version(query, author, entry.body, withdrawn=False))


DELIVERIES = st.builds(
    delivery,
    st.lists(TEXTS, min_size=8, max_size=8),
    ADDRESSES,
    st.sampled_from(["wire", "release"]),
    st.lists(st.sampled_from(TERMS), max_size=len(TERMS)),
    st.sampled_from([0, 1, 1_000_000]),
    st.booleans(),
)
DIGESTS = st.builds(
    lambda made, among: replace(made[0], folded=tuple(each.entry for each in made), left_out=among, left_among=among),
    st.lists(DELIVERIES, min_size=2, max_size=MOST_LISTED),
    st.sampled_from([0, 1_000_000]),
)


def standing_out(words: str, marks: Marks) -> list[str]:
    """List what should stand out of a text."""
    return [piece for piece, stands_out in pieces(words, marks) if stands_out]


@given(DELIVERIES)
@settings(max_examples=300)
def test_telegram_reads_every_story(made: Delivery) -> None:
    """One bad entity fails a whole message, and with it the news."""
    told = tell(made, NOW)
    plain, entities = parse_html(telegram_markup.story(told))
    assert 1 <= len(plain) <= 4096
    assert len(entities) <= 100
    assert told.headline in plain
    assert styled(plain, entities, "underline") == standing_out(told.headline, told.in_headline)
    assert styled(plain, entities, "strikethrough") == ([told.old_headline] if told.old_headline else [])
    below = standing_out(told.lede, told.in_lede) + standing_out(told.rest, told.in_rest)
    below += standing_out(told.quotations, told.in_quotations)
    assert styled(plain, entities, "bold") == [told.headline, *below]
    assert len(telegram_markup.plain_story(told)) <= 4096
    assert "<u>" not in telegram_markup.plain_story(told).replace(told.headline, "")


def test_telegram_story_says_what_the_wire_says() -> None:
    """Bold linked headline; author, source, time; why."""
    texts = ["Ferry vote <survives>", "Marta Quill", "", "", "", "", "PhiWire", "ferry"]
    plain, entities = parse_html(telegram_markup.story(tell(delivery(texts, "https://example.org/1", "wire"), NOW)))
    assert plain == "Ferry vote <survives>\nMarta Quill · 📰 PhiWire · 12:00\n\nWhy: ferry"
    assert {"bold", "link", "italic"} <= {kind(entity) for entity in entities}


def test_telegram_release_has_its_lede_and_the_rest_to_expand() -> None:
    """A release is long; whoever wants it all opens the quotation."""
    texts = ["Ferry sails", "", "Coastal Office", "", "", "The night ferry.", "Releases", "ferry"]
    made = delivery(texts, "https://example.org/1", "release")
    plain, entities = parse_html(telegram_markup.story(tell(made, NOW)))
    assert plain.splitlines()[1] == "Coastal Office · 📣 Releases · 12:00"
    assert "The night ferry." in plain
    assert any("quote" in kind(entity) for entity in entities)


def styled(plain: str, entities: list[Any], style: str) -> list[str]:
    """List the words in a style; Telegram counts in UTF-16."""
    units = plain.encode("utf-16-le")
    places = [(each["offset"], each["offset"] + each["length"]) for each in entities if kind(each) == style]
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in sorted(places)]


FERRY = ["Ferry & “NHS’s” vote", "", "Coastal Office", "", "", "The post-NHS ferry.", "Releases", "nhs ferry"]


def ferry_story() -> Story:
    """Tell of a ferry and of the NHS, which somebody looks for."""
    return tell(explained(delivery(FERRY, "https://example.org/1", "release")), NOW)


def test_telegram_underlines_in_the_headline_and_is_bold_below() -> None:
    """Whoever looks for two words sees where they stand before reading."""
    plain, entities = parse_html(telegram_markup.story(ferry_story()))
    assert styled(plain, entities, "underline") == ["Ferry", "NHS’s"]
    assert styled(plain, entities, "bold") == ["Ferry & “NHS’s” vote", "post-NHS ferry", "post-NHS ferry"]
    assert telegram_markup.plain_story(ferry_story()).startswith("Ferry & “NHS’s” vote\n")


def test_slack_is_italic_in_the_headline_and_bold_below() -> None:
    """The headline is bold already; its parts are links to the same place."""
    blocks = slack_markup.blocks(ferry_story())
    links = [part for part in parts_of(blocks) if part["type"] == "link"]
    assert {link["url"] for link in links} == {"https://example.org/1"}
    assert [(link["text"], link["style"].get("italic", False)) for link in links] == [
        ("Ferry", True),
        (" & “", False),
        ("NHS’s", True),
        ("” vote", False),
    ]
    bold = [part["text"] for part in parts_of(blocks) if part["type"] == "text" and part.get("style") == {"bold": True}]
    assert bold == ["post-NHS ferry", "post-NHS ferry"]
    assert readable(blocks)[0] == "Ferry & “NHS’s” vote"
    assert slack_markup.notification(ferry_story()) == "Coastal Office: Ferry &amp; “NHS’s” vote (Releases)"


def test_terminal_underlines_in_the_headline_and_is_bold_below() -> None:
    """The same words stand out wherever the news is read."""
    shown = terminal.story(ferry_story())
    assert "\x1b[4mFerry\x1b[0m" in shown
    assert "\x1b[4mNHS’s\x1b[0m" in shown
    assert "The \x1b[1mpost-NHS ferry\x1b[0m." in shown


def test_only_what_a_term_may_find_stands_out() -> None:
    """An author's name in the headline is not why a follower got it, and a headline's word says nothing of the body."""
    found = ["author:quill", "topic:ferry", "headline:vote"]
    texts = ["Quill’s ferry vote", "Marta Quill", "", "Ferry", "", "Ferry vote.", "Releases", "quill"]
    told = tell(delivery(texts, "", "release", found), NOW)
    assert standing_out(told.headline, told.in_headline) == ["vote"]
    assert (told.in_lede, told.in_rest) == ((), ())


def test_slack_message_that_would_grow_too_long_has_nothing_standing_out() -> None:
    """Each marked word repeats the address, and Slack refuses long blocks whole."""
    texts = ["Ferry, vote; " * 30, "", "", "", "", "The ferry.", "Releases", "ferry"]
    short, long = (
        slack_markup.blocks(tell(explained(delivery(texts, f"https://example.org/{path}", "release")), NOW))
        for path in ("1", "1" * 1900)
    )
    assert len([part for part in parts_of(short) if part["type"] == "link"]) > 20
    assert len([part for part in parts_of(long) if part["type"] == "link"]) == 1


def kind(entity: Any) -> str:
    """Name an entity's kind, as TDLib or as the Bot API calls it."""
    written = str(entity).lower()
    names = {"texturl": "link", "text_link": "link", "blockquote": "quote"}
    names |= {style: style for style in ("bold", "italic", "underline", "strikethrough")}
    return next((name for part, name in names.items() if part in written), written)


@given(DIGESTS)
@settings(max_examples=100)
def test_telegram_reads_every_digest_in_one_message(made: Delivery) -> None:
    """What is folded into one message must fit into one."""
    (message,) = telegram_markup.replies(digest(made, NOW))
    plain, entities = parse_html(message)
    assert 1 <= len(plain) <= 4096
    assert len(entities) <= 100
    assert plain.count("•") >= len(made.folded)
    assert ("more: /latest" in plain) == bool(made.left_out)


@given(DIGESTS)
@settings(max_examples=100)
def test_slack_digest_alerts_nobody(made: Delivery) -> None:
    """And is short enough for one message."""
    shown = slack_markup.reply(digest(made, NOW))
    assert not re.search(r"<[!@#]", shown)
    assert not shown.endswith("…\n…")
    assert len(shown) <= slack_markup.LONGEST_REPLY


@given(DELIVERIES)
@settings(max_examples=300)
def test_slack_accepts_every_story(made: Delivery) -> None:
    """Slack refuses a message whole, too."""
    told = tell(made, NOW)
    blocks = slack_markup.blocks(told)
    for block in Block.parse_all(blocks):
        block.validate_json()
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 13_200
    assert all(0 < len(text) <= 3000 for text in texts_of(blocks))
    links = [part for part in parts_of(blocks) if part["type"] == "link"]
    assert all(link["text"].strip() for link in links)
    assert "".join(link["text"] for link in links) == (told.headline if told.url else "")
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
@example(((Span("x" * 6000),) * 6,))
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


def test_telegram_is_told_which_bot_a_command_is_for() -> None:
    """Where a group has several; what is typed after the command stays, and what is no command."""
    reply = ((Span("undo", command=True), Span(" takes back "), Span("mute football", command=True)),)
    (message,) = telegram_markup.replies(telegram_markup.addressed(reply, "phiwire_bot"))
    plain, _ = parse_html(message)
    assert plain == "/undo@phiwire_bot takes back /mute@phiwire_bot football"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org", ""])
def test_only_web_addresses_become_links(address: str) -> None:
    """Slack refuses others, and people should, too."""
    told = tell(delivery([*HOSTILE], address, "wire"), NOW)
    assert told.url == ""
    assert "<a " not in telegram_markup.story(told)
