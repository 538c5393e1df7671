"""Messages by templates: any template over any entry is read by each platform's own rules."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.adapters import slack_markup, telegram_markup, terminal
from bot.adapters.slack import SlackAdapter
from bot.adapters.telegram import TelegramAdapter
from bot.filters.explaining import explained
from bot.model import Delivery, Quotation, Version
from bot.outcomes import Sent
from bot.story import tell
from bot.telling import by_template, checked
from tests.contract import test_adapters
from tests.contract.test_adapters import Inbox
from tests.contract.test_directions import DELIVERIES as TURNING
from tests.contract.test_markup import DELIVERIES, FERRY, NOW, TEXTS, delivery, parts_of, styled, texts_of
from tests.emulators.server import Fault
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_rules import readable
from tests.emulators.telegram import TelegramEmulator, parse_html
from tests.rules.test_bidi import stays_in_place
from tests.rules.test_template import VALID

FULL = (
    "{icon} *{headline}* – {author}, {time}\n{link}\n{summary}\n{text}\n{quotations}\n"
    "{topics} _{why}_ {source} {organisation}"
)
QUOTED = st.lists(st.builds(Quotation, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple)


def quoting(made: Delivery, said: tuple[Quotation, ...], emoji: str) -> Delivery:
    """Add who said what, and a custom emoji."""
    return replace(made, entry=replace(made.entry, quotations=said, emoji="🏛", custom_emoji=emoji))


ANY = st.builds(quoting, st.one_of(DELIVERIES, TURNING), QUOTED, st.sampled_from(["", "5368324170671202286"]))


@given(st.one_of(VALID, st.just(FULL)), ANY, st.booleans())
@settings(max_examples=400)
def test_telegram_reads_every_message_by_a_template(written: str, made: Delivery, found: bool) -> None:
    """Whatever it is made of, and however much; its headline leads to its page."""
    told = tell(explained(made) if found else made, NOW)
    rows = by_template(told, written)
    for custom in (True, False):
        plain, entities = parse_html(telegram_markup.templated(rows, custom_emoji=custom))
        assert 1 <= len(plain) <= 4096
        assert len(entities) <= 100
        assert told.headline in plain.replace("\u2068", "").replace("\u2069", "") or "\u2068" in told.headline
        if told.url:
            assert any(entity.get("url") for entity in entities if entity["type"] == "text_link")
        assert any(entity["type"] == "custom_emoji" for entity in entities) == bool(
            custom and told.custom_emoji and "{icon}" in written
        )


@given(st.one_of(VALID, st.just(FULL)), ANY)
@settings(max_examples=200)
def test_slack_accepts_every_message_by_a_template(written: str, made: Delivery) -> None:
    """And reads no outside text for markup."""
    told = tell(explained(made), NOW)
    blocks = slack_markup.templated(by_template(told, written))
    for block in Block.parse_all(blocks):
        block.validate_json()
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 13_200
    assert all(0 < len(text) <= 3000 for text in texts_of(blocks))
    assert not any(part["type"] == "mrkdwn" for part in parts_of(blocks))
    assert not told.url or any(part["type"] == "link" for part in parts_of(blocks))


@given(st.one_of(VALID, st.just(FULL)), ANY)
def test_terminal_shows_no_control_characters_by_a_template(written: str, made: Delivery) -> None:
    """A headline must not command the terminal."""
    shown = terminal.reply(by_template(tell(made, NOW), written))
    assert not set(shown.replace("\x1b[", "")) & set("\x00\x07\x08\r\x1b\x9b")


@given(TURNING)
def test_a_template_keeps_its_order(made: Delivery) -> None:
    """Also of names that run from right to left."""
    rows = by_template(tell(made, NOW), "{headline} – {author}, {time}\n{source} · {topics} · {why}")
    plain, _ = parse_html(telegram_markup.templated(rows))
    for line in (*plain.splitlines(), *terminal.reply(rows).splitlines()):
        assert stays_in_place(line) or not set(line) & set("–·")


@given(VALID)
def test_what_can_be_read_can_be_saved(written: str) -> None:
    """The entries that it is tried on find nothing that reading has not."""
    checked(written)


def release() -> Delivery:
    """Make a release that says who said what."""
    said = (Quotation("Bronwen Moss", "Harbour Minister", "“Nobody stays awake.”"), Quotation("Ada Bell", "", "Good."))
    made = explained(delivery(FERRY, "https://example.org/1", "release"))
    return replace(made, entry=replace(made.entry, quotations=said, topic="Ferries, Islands"))


@given(ANY)
@settings(max_examples=200)
def test_platforms_read_quotations_without_a_template(made: Delivery) -> None:
    """However long they are, and whoever is quoted."""
    told = tell(explained(made), NOW)
    plain, entities = parse_html(telegram_markup.story(told, custom_emoji=True))
    assert len(plain) <= 4096
    assert len(entities) <= 100
    assert told.quotations in plain
    blocks = slack_markup.blocks(told)
    for block in Block.parse_all(blocks):
        block.validate_json()
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 13_200


def test_quotations_stand_with_their_speakers_below_the_text() -> None:
    """To expand, and not twice."""
    made = release()
    body = "The night ferry.\n\nIt sails at two.\n\nBronwen Moss said:\n\n“Nobody stays awake.”\n\nTickets stay."
    told = tell(replace(made, entry=replace(made.entry, body=body), reasons=()), NOW)
    plain, entities = parse_html(telegram_markup.story(told))
    assert plain.splitlines()[2:] == [
        "",
        "The night ferry.",
        "",
        "It sails at two.",
        "",
        "Tickets stay.",
        "",
        "Bronwen Moss, Harbour Minister: “Nobody stays awake.”",
        "",
        "Ada Bell: “Good.”",
    ]
    assert [each["type"] for each in entities].count("expandable_blockquote") == 2
    whole = tell(replace(made, entry=replace(made.entry, body=body), channel=replace(made.channel, template=FULL)), NOW)
    assert "awake" not in whole.rest
    text_only = replace(made.channel, template="{headline}\n{text}")
    whole = tell(replace(made, entry=replace(made.entry, body=body), channel=text_only), NOW)
    assert "Bronwen Moss said:\n\n“Nobody stays awake.”" in whole.rest


def test_template_is_filled() -> None:
    """Bold where it says so, and what was looked for stands out."""
    rows = by_template(tell(release(), NOW), FULL)
    plain, entities = parse_html(telegram_markup.templated(rows))
    assert plain.splitlines() == [
        "📣 Ferry & “NHS’s” vote – Coastal Office, 12:00",
        "https://example.org/1",
        "The post-NHS ferry.",
        "The post-NHS ferry.",
        "Bronwen Moss, Harbour Minister: “Nobody stays awake.”",
        "",
        "Ada Bell: “Good.”",
        "Ferries, Islands nhs ferry Releases Coastal Office",
    ]
    assert "".join(styled(plain, entities, "underline")) == "FerryNHS’s"
    assert [each["type"] for each in entities].count("expandable_blockquote") == 2
    assert {each["url"] for each in entities if each["type"] == "text_link"} == {"https://example.org/1"}
    shown = readable(slack_markup.templated(rows))
    assert shown[0].splitlines()[0] == "📣 Ferry & “NHS’s” vote – Coastal Office, 12:00"


def test_what_is_too_long_is_cut_where_it_hurts_least() -> None:
    """The headline and the link stay."""
    texts = ["Ferry " * 90, "", "Coastal Office " * 40, "Islands " * 60, "", "Night boats. " * 90, "Releases", "ferry"]
    made = delivery(texts, "https://example.org/" + "1" * 1900, "release")
    said = tuple(Quotation(f"Ada {n}", "Minister", "No boat sails. " * 90) for n in range(9))
    told = tell(replace(made, entry=replace(made.entry, quotations=said)), NOW)
    plain, entities = parse_html(telegram_markup.templated(by_template(told, FULL + "x" * (400 - len(FULL)))))
    assert 3500 < len(plain) <= 4096
    assert told.headline in plain
    assert made.entry.url in {each.get("url") for each in entities}


@pytest.mark.parametrize("written", ["{headline} {time}", "{headline}\n{author}"])
def test_correction_strikes_the_old_headline_through(written: str) -> None:
    """And says when, whatever the template."""
    made = replace(release(), edits="5", before=Version("Ferry sails", "", release().entry.body, withdrawn=False))
    plain, entities = parse_html(telegram_markup.templated(by_template(tell(made, NOW), written)))
    assert plain.startswith("Ferry sails\nFerry & “NHS’s” vote")
    assert styled(plain, entities, "strikethrough") == ["Ferry sails"]
    assert "updated 12:00" in plain


def test_template_of_another_version_is_left_aside() -> None:
    """News matters more than how it looks."""
    assert by_template(tell(release(), NOW), "{headline} {mood}") == ()


@pytest.fixture
async def on_telegram(telegram: TelegramEmulator) -> AsyncIterator[TelegramAdapter]:
    """Connect an adapter to Telegram."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    await adapter.check()
    yield adapter
    await adapter.close()


@pytest.fixture
async def on_slack(slack: SlackEmulator) -> AsyncIterator[SlackAdapter]:
    """Connect an adapter to Slack."""
    adapter = SlackAdapter("xoxb-test", "xapp-test", slack.url, lambda: NOW)
    await adapter.start(Inbox())
    yield adapter
    await adapter.stop_receiving()
    await adapter.close()


def templated(platform: str, address: str, written: str) -> Delivery:
    """Make a delivery to a channel that has a template."""
    made = test_adapters.delivery(platform, address)
    return replace(made, channel=replace(made.channel, template=written))


async def test_telegram_sends_and_corrects_by_the_template(
    telegram: TelegramEmulator, on_telegram: TelegramAdapter
) -> None:
    """A correction looks like the message that it corrects; what is refused goes out plain."""
    chat = telegram.private_chat(7, "Ada")
    made = templated("telegram", str(chat.id), "{icon} *{headline}* – {author}, {time}")
    sent = await on_telegram.send(made)
    assert isinstance(sent, Sent)
    assert telegram.messages(chat)[0].text == "📰 Ferry vote survives – Marta Quill, 12:00"
    corrected = replace(made, edits=sent.message_ref, entry=replace(made.entry, headline="Ferry vote fails"))
    assert await on_telegram.send(corrected) == sent
    (message,) = telegram.messages(chat)
    assert message.text == "📰 Ferry vote fails – Marta Quill, 12:00 · updated 12:00"
    telegram.script("sendMessage", Fault(status=400, description="Bad Request: can't parse entities: x"))
    again = await on_telegram.send(made)
    assert isinstance(again, Sent)
    assert again.refused


async def test_slack_posts_by_the_template(slack: SlackEmulator, on_slack: SlackAdapter) -> None:
    """The words are the same on both."""
    channel = slack.channel("lobby")
    assert isinstance(await on_slack.send(templated("slack", channel.id, "*{headline}* – {author}, {time}")), Sent)
    (message,) = slack.messages(channel)
    assert "Ferry vote survives – Marta Quill, 12:00" in "\n".join(readable(message.blocks))
