"""Find in which language an answer is said: the chat's where it has chosen one, else that of the person who asks."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, nullcontext

import structlog

from bot import buttons, channels
from bot.channels import Found
from bot.db import Database
from bot.languages import known, speaking
from bot.model import Channel
from bot.outbox import store as outbox
from bot.ports import Question, Request

log = structlog.get_logger("bot.commands")


class Hearing:
    """Looks up languages. Never raises, and waits for no database that is out of order: then the person's it is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_chat(self, request: Request) -> Found:
        """Look at the channel that somebody types in, with the language to answer in."""
        return await self._look(request.platform, request.address, request.thread, request.language)

    async def of_question(self, question: Question) -> str:
        """Find the language of somebody who looks for entries: that of their own chat with the bot."""
        return (await self._look(question.platform, question.actor_id, "", question.language)).language

    async def of_press(self, request: Request) -> str:
        """Find the language of the message whose button was pressed: its topic may have one of its own."""
        press = buttons.decode(request.text)
        if press is None or self._database.outages.problem:
            return (await self.of_chat(request)).language
        try:
            found = await self._database.read(_pressed, press, request)
        except Exception:  # whoever answers fails likewise, and says so
            log.exception("language_unknown", platform=request.platform)
            return known(request.language)
        return found or (await self.of_chat(request)).language

    async def _look(self, platform: str, address: str, thread: str, language: str) -> Found:
        try:
            waits = bool(self._database.outages.problem)
            found = Found() if waits else await self._database.read(channels.found, platform, address, thread)
        except Exception:  # whoever answers fails likewise, and says so
            log.exception("language_unknown", platform=platform)
            found = Found()
        return found._replace(language=found.language or known(language))


def _pressed(connection: sqlite3.Connection, press: buttons.Press, request: Request) -> str:
    place = (press.number, request.platform, request.address)
    if press.action in buttons.OF_MESSAGES:
        delivery = outbox.numbered(connection, *place)
        channel = None if delivery is None else delivery.channel
    else:
        channel = channels.numbered(connection, *place)
    return "" if channel is None else channel.language


def turned(request: Request, channel: Channel) -> AbstractContextManager[None]:
    """Go on in the language that a channel has chosen by now, unless the answer is read in another chat."""
    return nullcontext() if request.is_remote or not channel.language else speaking(channel.language)
