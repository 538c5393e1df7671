"""Telegram's inline mode: what is typed after the bot's name in any chat, answered with entries to paste there.

inline query | the newest of each person counts | inbox.find | articles | answerInlineQuery
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import structlog
from telegram import Bot, Update, User, error
from telegram.constants import ParseMode
from telegram.ext import Application, CallbackContext, InlineQueryHandler

from bot import text
from bot.adapters import telegram_errors, telegram_markup
from bot.adapters.telegram_request import TelegramRequest
from bot.languages import say, sentence, speaking
from bot.model import Channel, Delivery, Entry
from bot.ports import Findings, Inbox, Question
from bot.story import Story, no_headline, tell

T = TypeVar("T")

log = structlog.get_logger("bot.telegram")

# Seconds. News is never older in the list than that, and whoever goes back a letter is answered by Telegram itself.
CACHED = 10
# Seconds. After some ten Telegram takes no answer any more, and nobody waits that long.
ANSWER_TIME = 5.0
# As much of a title and of a button as a telephone shows.
TITLE, BUTTON = 200, 60
# What the button sends with /start, for the bot to explain how to search.
START = "inline"
BUSY = Findings(hint=sentence("Too busy at the moment: please type on, or try again"))


class InlineMode:
    """Answers one token's inline queries, one search at a time, beside all else that the bot does."""

    def __init__(self, bot: Bot, request: TelegramRequest, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._request = request
        self._clock = clock
        # Other people's commands need the database as well.
        self._place = asyncio.Semaphore(1)
        self._newest: dict[str, str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def listen(self, application: Application[Any, Any, Any, Any, Any, Any], inbox: Inbox) -> None:
        """Take inline queries from now on."""

        async def on_query(update: Update, _context: CallbackContext[Any, Any, Any, Any]) -> None:
            query = update.inline_query
            assert query is not None
            person = query.from_user
            language = person.language_code or ""
            question = Question("telegram", str(person.id), query.query, query.offset, language)
            self._newest[question.actor_id] = query.id
            self._start(self._answer(inbox, question, query.id))

        application.add_handler(InlineQueryHandler(on_query))

    def _start(self, work: Coroutine[None, None, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work, name="inline query")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("inline_query_failed", exc_info=task.exception())

    async def finish(self) -> None:
        """Drop what is not answered yet."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _answer(self, inbox: Inbox, question: Question, number: str) -> None:
        searching = self._start(self._search(inbox, question, number))
        await asyncio.wait([searching], timeout=ANSWER_TIME)
        findings: Findings | None = BUSY
        if searching.done():
            findings = searching.result()
        else:
            log.warning("inline_search_too_slow", seconds=ANSWER_TIME)
        # Whoever typed on does not see what is answered to the letters before.
        if self._newest.get(question.actor_id) == number:
            del self._newest[question.actor_id]
            if findings is not None:
                with speaking(question.language if findings is BUSY else findings.language):
                    await self._deliver(findings, number)

    async def _search(self, inbox: Inbox, question: Question, number: str) -> Findings | None:
        """Search, if it is still wanted when it is its turn. One that is too slow keeps its place: it is at work."""
        async with self._place:
            return await inbox.find(question) if self._newest.get(question.actor_id) == number else None

    async def _deliver(self, findings: Findings, number: str) -> None:
        try:
            await self._post(answer(findings, number, self._clock()))
        except error.BadRequest as problem:
            if telegram_errors.is_markup_error(problem):
                log.warning("telegram_markup_refused", problem=problem.message)
                await self._post_plain(findings, number)
            elif not telegram_errors.is_late(problem):
                log.warning("inline_answer_refused", problem=problem.message)
        except error.TelegramError as problem:
            log.warning("inline_answer_lost", problem=type(problem).__name__)

    async def _post_plain(self, findings: Findings, number: str) -> None:
        try:
            await self._post(answer(findings, number, self._clock(), marked_up=False))
        except error.TelegramError as problem:
            log.warning("inline_answer_lost", problem=type(problem).__name__)

    async def _post(self, parameters: dict[str, object]) -> None:
        await self._request.call(f"{self._bot.base_url}/answerInlineQuery", parameters)


def answer(findings: Findings, number: str, now: datetime, *, marked_up: bool = True) -> dict[str, object]:
    """Write the parameters of answerInlineQuery; `number` is the query's."""
    parameters: dict[str, object] = {
        "inline_query_id": number,
        "results": [_article(each, findings.timezone, now, marked_up=marked_up) for each in findings.entries],
        "next_offset": findings.next_place,
        "cache_time": 0 if findings is BUSY else CACHED,
        # Others may read another language.
        "is_personal": True,
    }
    if findings.hint:
        hint = say(findings.hint) if findings is BUSY else findings.hint
        parameters["button"] = {"text": text.shorten(hint, BUTTON), "start_parameter": START}
    return parameters


def described(me: User) -> str:
    """Say who we are, and where inline mode is off how to turn it on."""
    off = "" if me.supports_inline_queries else "; inline mode is off: /setinline at @BotFather turns it on"
    return f"@{me.username}{off}"


def _article(entry: Entry, timezone: str, now: datetime, *, marked_up: bool) -> dict[str, object]:
    """Write a result. It has no picture: one that Telegram cannot fetch would spoil all the results."""
    # No channel's, and without reasons: in whose chat it will stand, and why, nobody knows.
    story = tell(Delivery(0, Channel(0, "telegram", "", timezone=timezone), entry, (), 1), now)
    message: dict[str, object] = {"message_text": telegram_markup.plain_story(story)}
    if marked_up:
        message = {"message_text": telegram_markup.story(story), "parse_mode": ParseMode.HTML}
    return {
        "type": "article",
        "id": f"{entry.id}.{entry.revision}",
        "title": _title(story),
        "description": story.about,
        "input_message_content": message | {"link_preview_options": telegram_markup.preview(story.url, "small")},
    }


def _title(story: Story) -> str:
    """Give the headline; Telegram refuses all results for one title in which it sees nothing."""
    seen = any(unicodedata.category(character)[0] in "LNPS" for character in story.headline)
    return text.shorten(story.headline, TITLE) if seen else no_headline()
