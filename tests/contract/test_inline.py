"""Inline mode: what is typed after the bot's name in any chat, and what can be pasted there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import channels, notices
from bot.adapters import telegram_inline
from bot.adapters.telegram import TelegramAdapter
from bot.commands.handlers import Commands
from bot.db import Database
from bot.filters import store as filters
from bot.model import Item, Operator
from bot.ports import Findings, Question
from tests.contract.conversations import NOW, OTHER, put_on_the_wire
from tests.contract.test_adapters import ENTRY, Inbox
from tests.contract.test_markup import HOSTILE
from tests.emulators.server import Fault
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_inline import pasted


@pytest.fixture
async def bot(telegram: TelegramEmulator, database: Database) -> AsyncIterator[TelegramAdapter]:
    """Connect a bot with the wire of thirty entries."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [("help", "h")], lambda: NOW)
    await adapter.start(Commands(database, lambda: NOW, lambda: None, "Europe/London"))
    yield adapter
    await adapter.close()


def release(headline: str, body: str = "", **fields: str) -> Item:
    """Write a press release of two hours ago."""
    when = NOW - timedelta(hours=2)
    return Item(headline or "empty", "release", headline, body=body, published_at=when, **fields)  # type: ignore[arg-type]


async def test_query_finds_what_can_be_pasted(
    telegram: TelegramEmulator, bot: TelegramAdapter, database: Database
) -> None:
    """In the words of the filters, and as the message would have come; without reasons, for it is nobody's."""
    ferry = release("Ferry <vote> & levy", "The levy ends.\n\nAll of it.", organisation="Harbour Office")
    ferry = replace(ferry, url="https://example.org/ferry")
    await put_on_the_wire(database, [ferry, release("Ferry football")], OTHER)
    answer = await telegram.wait_for_inline(await telegram.type_inline(7, "ferry -football"))
    (result,) = answer["results"]
    assert result["title"] == "Ferry <vote> & levy"
    assert result["description"] == "Harbour Office · The Other · 10:00"
    text, entities = pasted(result)
    assert text == "Ferry <vote> & levy\nHarbour Office · 📣 The Other · 10:00\n\nThe levy ends.\n\nAll of it."
    assert {"bold", "text_link", "expandable_blockquote"} <= {each["type"] for each in entities}
    preview = {"url": "https://example.org/ferry", "prefer_small_media": True}
    assert result["input_message_content"]["link_preview_options"] == preview
    assert answer["cache_time"] <= 30
    assert answer["is_personal"] is True
    assert "button" not in answer


async def test_empty_query_gives_the_newest(
    telegram: TelegramEmulator, bot: TelegramAdapter, database: Database
) -> None:
    """Five, as `latest` does, until the person has a filter; then page by page, each entry once."""
    answer = await telegram.wait_for_inline(await telegram.type_inline(7, ""))
    assert [each["title"] for each in answer["results"]] == [f"Harbour story {n:02d}" for n in range(5)]
    assert answer["is_personal"] is True
    assert answer["button"]["start_parameter"] == "inline"
    assert await database.read(channels.find, "telegram", "7", "") is None
    channel = await database.write(channels.ensure, "telegram", "7", "", "", "Europe/London", NOW)
    await database.write(filters.add, channel.id, "match", "harbour", "Ada", NOW)
    first = await telegram.wait_for_inline(await telegram.type_inline(7, " "))
    await put_on_the_wire(database, [release("Later"), Item("newest", "wire", "Newest", published_at=NOW)], OTHER)
    second = await telegram.wait_for_inline(await telegram.type_inline(7, " ", first["next_offset"]))
    titles = [each["title"] for each in (*first["results"], *second["results"])]
    assert titles == [*(f"Harbour story {n:02d}" for n in range(30)), "Later"]
    assert second["next_offset"] == ""


async def test_query_goes_on_where_the_page_ended(telegram: TelegramEmulator, bot: TelegramAdapter) -> None:
    """Whoever scrolls sees all; an offset of somebody's own making finds nothing and breaks nothing."""
    first = await telegram.wait_for_inline(await telegram.type_inline(7, "author:ashdown"))
    assert len(first["results"]) == 20
    second = await telegram.wait_for_inline(await telegram.type_inline(7, "author:ashdown", first["next_offset"]))
    assert [each["title"] for each in second["results"]] == [f"Harbour story {n:02d}" for n in range(20, 30)]
    for offset in ("999", "x" * 64, "-1", "٣"):
        answer = await telegram.wait_for_inline(await telegram.type_inline(7, "harbour", offset))
        assert (answer["results"], answer["next_offset"]) == ([], "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("(harbour", "Not understood: "),
        ("lighthouse", "Nothing found for “lighthouse”"),
        ("-harbour", "Not understood"),
    ],
)
async def test_query_that_finds_nothing_offers_help(
    typed: str, said: str, telegram: TelegramEmulator, bot: TelegramAdapter
) -> None:
    """One button, which leads to where there is room to explain."""
    answer = await telegram.wait_for_inline(await telegram.type_inline(7, typed))
    assert answer["results"] == []
    assert answer["button"]["text"].startswith(said)
    assert len(answer["button"]["text"]) <= 64


@pytest.mark.parametrize("headline", [*HOSTILE, "\u200d\ufe0f", "<" * 6000])
async def test_hostile_headline_spoils_no_other_result(
    headline: str, telegram: TelegramEmulator, bot: TelegramAdapter, database: Database
) -> None:
    """Telegram refuses an answer as a whole."""
    hostile = release(headline, f"harbour {headline}\n\n{headline}", author=headline, url="javascript:alert(1)")
    await put_on_the_wire(database, [hostile], OTHER)
    answer = await telegram.wait_for_inline(await telegram.type_inline(7, "source:other OR headline:story"))
    assert len(answer["results"]) == 20
    page = await telegram.wait_for_inline(await telegram.type_inline(7, "source:other"))
    (result,) = page["results"]
    assert "javascript" not in str(result)
    assert "\u202e" not in str(result)


async def test_notices_and_channels_are_nobodys_to_find(
    telegram: TelegramEmulator, bot: TelegramAdapter, database: Database
) -> None:
    """What operators are told, and what others follow, is not on the wire."""
    await database.write(notices.tell, [Operator("telegram", "7")], "Secret trouble", NOW)
    channel = await database.write(channels.ensure, "telegram", "8", "", "", "Europe/London", NOW)
    await database.write(filters.add, channel.id, "match", "lighthouse", "Bea", NOW)
    for typed in ("", "secret", "lighthouse"):
        answer = await telegram.wait_for_inline(await telegram.type_inline(8, typed))
        assert not any("Secret" in str(each) or "lighthouse" in str(each) for each in answer["results"])


async def test_query_of_before_is_no_error(telegram: TelegramEmulator, bot: TelegramAdapter) -> None:
    """Telegram keeps queries while the bot is off, and takes no answer to them any more."""
    late = await telegram.type_inline(7, "harbour")
    telegram.forget_inline(late)
    await telegram.wait_for(lambda: telegram.calls("answerInlineQuery"))
    assert len((await telegram.wait_for_inline(await telegram.type_inline(7, "harbour")))["results"]) == 20


async def test_answer_refused_for_its_markup_goes_out_plain(telegram: TelegramEmulator, bot: TelegramAdapter) -> None:
    """As messages do."""
    telegram.script("answerInlineQuery", Fault(status=400, description="Bad Request: can't parse entities: x"))
    answer = await telegram.wait_for_inline(await telegram.type_inline(7, "harbour"))
    assert all("parse_mode" not in each["input_message_content"] for each in answer["results"])


async def test_answer_that_is_lost_leaves_the_bot_alone(telegram: TelegramEmulator, bot: TelegramAdapter) -> None:
    """The next letter asks again."""
    telegram.script(
        "answerInlineQuery", Fault(status=429, description="Too Many Requests", parameters={"retry_after": 3})
    )
    await telegram.type_inline(7, "harb*")
    await telegram.wait_for(lambda: telegram.calls("answerInlineQuery"))
    assert (await telegram.wait_for_inline(await telegram.type_inline(7, "harbour")))["results"]


class SlowInbox(Inbox):
    """Begins to search, and finds nothing until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.searches, self.may_find = asyncio.Event(), asyncio.Event()

    async def find(self, question: Question) -> Findings:
        """Wait."""
        self.questions.append(question)
        self.searches.set()
        await self.may_find.wait()
        return Findings((ENTRY,))


async def test_search_holds_up_no_command_and_only_the_newest_letter_counts(telegram: TelegramEmulator) -> None:
    """A person who types asks many questions, and waits for the last answer."""
    inbox = SlowInbox()
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    await adapter.start(inbox)
    try:
        chat = telegram.private_chat(7, "Ada")
        await telegram.type_inline(7, "fer")
        await inbox.searches.wait()
        typed = [await telegram.type_inline(7, letters) for letters in ("ferr", "ferry")]
        other = await telegram.type_inline(8, "levy")
        await telegram.say(chat, 7, "/help")
        await telegram.wait_for_message(chat, "Understood")
        inbox.may_find.set()
        await telegram.wait_for_inline(typed[-1])
        await telegram.wait_for_inline(other)
        answered = {call.params["inline_query_id"] for call in telegram.calls("answerInlineQuery")}
        assert answered == {typed[-1], other}
        assert [question.query for question in inbox.questions] == ["fer", "ferry", "levy"]
    finally:
        await adapter.close()


async def test_search_that_takes_too_long_says_so(telegram: TelegramEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram takes no answer after some seconds, and people look at nothing meanwhile."""
    monkeypatch.setattr(telegram_inline, "ANSWER_TIME", 0.0)
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    await adapter.start(SlowInbox())
    try:
        answer = await telegram.wait_for_inline(await telegram.type_inline(7, "ferry"))
        assert answer["button"]["text"].startswith("Too busy")
        assert answer["cache_time"] == 0
    finally:
        await adapter.close()


async def test_check_says_that_inline_mode_is_off(telegram: TelegramEmulator) -> None:
    """It is off until somebody turns it on at @BotFather, and nothing else tells."""
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    try:
        assert await adapter.check() == "@phiwire_test_bot"
    finally:
        await adapter.close()
    telegram.state.inline_mode = False
    adapter = TelegramAdapter(telegram.token, telegram.url, [], lambda: NOW)
    try:
        assert "/setinline at @BotFather" in await adapter.check()
    finally:
        await adapter.close()
