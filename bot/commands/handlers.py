"""Answer commands: read and change one channel's filters.

    request | parse | may this person? | one transaction | reply

An error says what was wrong and changes nothing. Rights are asked anew at every write.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot import audit, channels, erasure, moments, notices, text
from bot.channels import Found
from bot.commands import filter_replies, parser, replies, welcome_replies, wire_replies
from bot.commands.admitting import Admitting
from bot.commands.announcing import Announcing
from bot.commands.call import Call, later
from bot.commands.editing import Editor
from bot.commands.explaining import Explaining
from bot.commands.filtering import Filtering
from bot.commands.finding import LATEST_FOR_STRANGERS, Finding
from bot.commands.governing import Governing
from bot.commands.hearing import Hearing
from bot.commands.lifecycle import Lifecycle
from bot.commands.linking import Linking
from bot.commands.managing import Managing
from bot.commands.missing import Missing
from bot.commands.operating import Operating
from bot.commands.overview import Overviewing
from bot.commands.paged import Paged
from bot.commands.preferring import Preferring
from bot.commands.pressing import Pressing
from bot.commands.sharing import Sharing
from bot.commands.status import Status
from bot.commands.welcoming import Welcoming
from bot.db import Database
from bot.editing_ports import Editing
from bot.filters import query
from bot.filters import store as filters
from bot.filters.people import NO_ALIASES, Aliases
from bot.languages import say, speaking
from bot.membership import Workspace
from bot.model import Channel, Operator
from bot.outbox import store as outbox
from bot.ports import Findings, Pressed, Question, Reply, Request, RightsUnknownError
from bot.wire import source_store
from bot.wire import store as wire

log = structlog.get_logger("bot.commands")

LATEST, MOST_LATEST = 10, 50
FOUND = 10
BETWEEN_ALARMS = timedelta(days=1)


class Commands(Lifecycle):
    """Answers for every platform."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        deliveries_due: Callable[[], None],
        timezone: str,
        aliases: Aliases = NO_ALIASES,
        operators: Collection[Operator] = (),
        kept: timedelta | None = None,
        operating: Operating | None = None,
    ) -> None:
        """`kept` is for how long deliveries are, None for ever."""
        self._operating = operating
        super().__init__(database, clock, deliveries_due)
        self._timezone = timezone
        self._operators = operators
        self._filtering = Filtering(database, aliases)
        self._finding = Finding(database, timezone, aliases)
        explaining = Explaining(database, aliases, kept)
        sharing = Sharing(database)
        self._linking = linking = Linking(database)
        self._admitting = Admitting(database)
        self._announcing = Announcing(database, clock)
        editor = Editor(database, clock, timezone, aliases, self._admitting, self._announcing)
        self.editing: Editing = editor
        preferring = Preferring(database)
        self._hearing = Hearing(database)
        self._status = Status(database, operators)
        self._welcoming = Welcoming(database, clock, self._read, self._admitting.all_may)
        self._managing = Managing(database)
        self._paged = Paged(database, clock, self._read)
        self.overview = Overviewing(database, clock, timezone, operators).show
        self._pressing = Pressing(
            database, clock, aliases, self._read, self._welcoming, self._managing, self._paged, self._admitting
        )
        self._handlers: dict[str, Callable[[Call], Awaitable[Reply]]] = {
            "help": self._help,
            "follow": self._filtering.add,
            "subscribe": self._filtering.add,
            "mute": self._filtering.add,
            "unfollow": self._filtering.remove,
            "unsubscribe": self._filtering.remove,
            "unmute": self._filtering.remove,
            "filters": editor.below(self._filtering.show),
            "edit": editor.answer,
            "preview": self._filtering.preview,
            "latest": self._latest,
            "search": self._search,
            "sources": self._sources,
            "pause": self._pause,
            "resume": self._resume,
            "undo": self._filtering.undo,
            "urgent": self._filtering.set_urgent,
            "silent": self._filtering.set_silent,
            "corrections": preferring.corrections,
            "settings": Governing(database, self._admitting, operators, preferring.settings).settings,
            "forget": self._forget,
            "export": sharing.export,
            "import": sharing.import_,
            "share": linking.share,
            "manage": self._managing.manage,
            "start": self._start,
            "why": explaining.why,
            "status": self._status.status,
            "missed": Missing(database, aliases).missed,
        }
        if operating is not None:
            self._handlers |= dict.fromkeys(parser.OF_OPERATORS, operating.answer)

    def meet(self, platform: str, workspace_of: Callable[[Request], Workspace]) -> None:
        """Learn whom to ask who may on a platform."""
        self._admitting.meet(platform, workspace_of)

    async def answer(self, request: Request) -> Reply:
        """Answer what a person typed. Never raises: a bug is logged and the person told."""
        found = await self._hearing.of_chat(request)
        with speaking(found.language):
            # Who writes in the name of a group or a channel need not give their own.
            return await self._read(replace(request, actor=request.actor or say("an administrator")), found)

    async def _read(self, request: Request, found: Found | None = None) -> Reply:
        """Answer in the language that is being spoken; `found` is how the channel was before."""
        command = parser.parse(request.text)
        if isinstance(command, parser.Unknown):
            # Whoever says hello in a workspace's conversation that has nothing yet is shown what there is.
            is_hello = self._admitting.workspace(request) is not None and command.nearest in {"", "help"}
            return (await self.joined(request) if is_hello else ()) or replies.unknown(command)
        if command.name in parser.OF_OPERATORS and not self._is_operators(request):
            return replies.unknown(parser.unknown(command.name))
        if self._database.outages.problem:
            # It would be answered when that is over, which may be tomorrow.
            return replies.unwritable(self._database.outages.problem)
        try:
            act = partial(self._managing.through, request, command, partial(self._answer, command, found))
            return await self._announcing.answer(request, act, imported=command.name == "import")
        except RightsUnknownError:
            return replies.rights_unknown()
        except query.QueryError as error:
            return filter_replies.query_error(error)
        except Exception:  # one command's bug must not silence the bot
            log.exception("command_broke", platform=request.platform, command=command.name)
            return replies.broken()

    async def _answer(self, command: parser.Command, found: Found | None, request: Request) -> Reply:
        if parser.writes(command) and (refusal := await self._admitting.refusal(request, command, self._clock())):
            return refusal
        if found is None or request.is_remote:
            found = await self._hearing.of_chat(request)
        channel = await self._channel(request, found.language)
        call = Call(request, command.name, command.argument, channel, self._clock(), command.urgent)
        reply = await self._paged.first(command, request, channel, await self._handlers[command.name](call))
        if not found.trouble:
            return reply
        # Whoever types here may have mended it: what waits is tried at once.
        self._deliveries_due()
        return (*reply, replies.trouble(found.trouble))

    async def press(self, request: Request) -> Pressed:
        """Do what a pressed button asks for. Never raises."""
        with speaking(await self._hearing.of_press(request)):
            return await self._pressing.press(request)

    async def find(self, question: Question) -> Findings:
        """Find entries for somebody who types in another chat. Never raises."""
        language = await self._hearing.of_question(question)
        with speaking(language):
            if self._database.outages.problem:
                return Findings(hint=say("Nothing can be read at the moment: try again later"))
            try:
                return replace(await self._finding.find(question, self._clock()), language=language)
            except Exception:  # one search's bug must not silence the bot
                log.exception("search_broke", platform=question.platform)
                return Findings(hint=say("That broke something here: try other words"))

    async def joined(self, request: Request) -> Reply:
        """Greet a group. Never raises."""
        with speaking((await self._hearing.of_chat(request)).language):
            try:
                return () if self._database.outages.problem else await self._welcoming.joined(request)
            except Exception:  # a greeting that fails must not silence the bot
                log.exception("welcome_broke", platform=request.platform)
                return ()

    async def alarm(self, topic: str, sentence: str) -> None:
        """Tell the operators, once a day and topic."""
        now = self._clock()
        since = now - BETWEEN_ALARMS
        if await self._database.write(notices.tell_once, self._operators, topic, sentence, since, now):
            self._deliveries_due()

    async def _channel(self, request: Request, language: str) -> Channel:
        place = (request.platform, request.address, request.thread, request.title)
        return await self._database.write(channels.ensure, *place, self._timezone, self._clock(), language)

    async def _help(self, call: Call) -> Reply:
        places = welcome_replies.places(call.request) if call.request.has_buttons else ()
        asked = call.request
        # Whoever types nothing but the bot's name looks how things are, or what there is.
        state = () if asked.text.strip() else (*await self._status.here(call), ())
        return (*state, *replies.help_reply(operator=self._is_operators(asked), editor=asked.has_editor), *places)

    async def _start(self, call: Call) -> Reply:
        return await (self._linking.start if call.argument else self._welcoming.start)(call)

    def _is_operators(self, request: Request) -> bool:
        return self._operating is not None and self._operating.serves(request)

    async def _latest(self, call: Call) -> Reply:
        if call.argument and not re.fullmatch("[1-9][0-9]{0,5}", call.argument):
            return wire_replies.latest_number()
        subscribed = await self._database.read(filters.of_channel, call.channel.id, call.now)
        most = MOST_LATEST if subscribed else LATEST_FOR_STRANGERS
        number = min(int(call.argument or LATEST), most)
        entries = await self._database.read(wire.latest, number)
        shown = wire_replies.entries(entries, call.channel.timezone, call.now)
        return shown if subscribed else (*shown, wire_replies.only_the_latest())

    async def _search(self, call: Call) -> Reply:
        words = text.tokens(call.argument)
        if not words:
            return replies.missing("search", "search net zero")
        entries = await self._database.read(wire.search, words, FOUND)
        if not entries:
            return wire_replies.not_found(call.argument)
        return wire_replies.entries(entries, call.channel.timezone, call.now)

    async def _sources(self, call: Call) -> Reply:
        states = await self._database.read(source_store.source_states)
        return replies.sources(states, call.channel.timezone, call.now)

    async def _pause(self, call: Call) -> Reply:
        try:
            until = later(call.now, call.argument) if call.argument else None
        except ValueError as error:
            return replies.no_duration(error)
        await self._database.write(_pause, call, until)
        return wire_replies.paused("" if until is None else moments.moment(until, call.channel.timezone, call.now))

    async def _forget(self, call: Call) -> Reply:
        if call.argument.casefold() != "everything":
            return replies.would_forget(await self._database.read(erasure.holdings, call.channel.id))
        await self._database.write(erasure.erase, call.channel.id, call.now)
        log.info("channel_forgotten", platform=call.request.platform)
        return replies.forgotten()

    async def _resume(self, call: Call) -> Reply:
        if await self._database.read(channels.paused_until, call.channel.id) is None:
            return wire_replies.not_paused()
        expired = await self._database.write(_resume, call)
        waiting = await self._database.read(outbox.waiting, call.channel.id)
        self._deliveries_due()
        return wire_replies.resumed(waiting, expired, MOST_LATEST)


def _pause(connection: sqlite3.Connection, call: Call, until: datetime | None) -> None:
    channels.pause(connection, call.channel.id, until)
    audit.record(connection, call.channel.id, call.request.actor, "pause", call.argument, call.now)


def _resume(connection: sqlite3.Connection, call: Call) -> int:
    audit.record(connection, call.channel.id, call.request.actor, "resume", "", call.now)
    return outbox.resume(connection, call.channel.id)
