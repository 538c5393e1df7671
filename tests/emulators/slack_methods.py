"""The methods of the Slack Web API over an emulated workspace: parameters in, an answer out."""

from __future__ import annotations

import functools
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.emulators import slack_homes, slack_scopes, slack_threads
from tests.emulators import slack_rules as rules
from tests.emulators.slack_elements import check_elements
from tests.emulators.slack_state import (
    APP_ID,
    BOT_ID,
    BOT_USER_ID,
    TEAM_ID,
    Answer,
    Params,
    PostedMessage,
    SlackChannel,
    SlackUser,
)
from tests.emulators.slack_views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


class Workspace:
    """Users, channels and messages, and the methods that act on them."""

    def __init__(
        self,
        violations: list[str],
        scopes: Collection[str],
        clock: Callable[[], float],
        team_id: str = TEAM_ID,
        bot_id: str = BOT_ID,
        bot_user_id: str = BOT_USER_ID,
    ) -> None:
        self.team_id, self.bot_id, self.bot_user_id = team_id, bot_id, bot_user_id
        self.violations = violations
        self.scopes = set(scopes)
        self.clock = clock
        self.channels: dict[str, SlackChannel] = {}
        self.users: dict[str, SlackUser] = {}
        self.posted: list[PostedMessage] = []
        self.ephemeral: list[PostedMessage] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.home_enabled = True
        # All workspaces of its organisation, where it is of one.
        self.organisation: list[str] = []
        self._newest = 0
        self.known: dict[str, Callable[[Params], Answer]] = {
            "api.test": lambda params: {"ok": True, "args": params},
            "auth.test": self.auth_test,
            "chat.postMessage": self.post_message,
            "chat.postEphemeral": self.post_ephemeral,
            "chat.update": self.update,
            "chat.delete": self.delete,
            "conversations.history": self.history,
            "conversations.replies": functools.partial(slack_threads.replies, self),
            "conversations.info": self.conversation,
            "conversations.list": self.conversations,
            "conversations.members": self.members,
            "users.conversations": self.seats,
            "users.info": self.user_info,
            "users.list": self.user_list,
            "views.publish": self.publish_view,
        }
        self.modals = Views(violations, self.new_ts, team_id)
        self.known |= self.modals.known

    def call(self, method: str, params: Params) -> Answer:
        """Carry a method out."""
        if method not in self.known:
            self.violations.append(f"{method} is unknown to the emulator")
            return {"ok": False, "error": "unknown_method", "req_method": method}
        if needed := slack_scopes.missing(method, self.visible(params), self.scopes):
            provided = ",".join(sorted(self.scopes))
            return {"ok": False, "error": "missing_scope", "needed": ",".join(sorted(needed)), "provided": provided}
        return self.known[method](params)

    def new_ts(self) -> str:
        """Return a message timestamp, newer than all before."""
        self._newest = max(self._newest + 1, int(self.clock() * 1_000_000))
        return f"{self._newest // 1_000_000}.{self._newest % 1_000_000:06d}"

    def auth_test(self, _params: Params) -> Answer:
        """Say whose token it is."""
        return {
            "ok": True,
            "url": "https://emulated.slack.example/",
            "team": "Emulated",
            "user": "phiwire",
            "team_id": self.team_id,
            "user_id": self.bot_user_id,
            "bot_id": self.bot_id,
            "app_id": APP_ID,
            "is_enterprise_install": False,
        }

    def check(self, params: Params, *, unfurls: bool = False) -> Answer | None:
        """Return the refusal of a message that Slack or our own rules forbid."""
        code, wrong = rules.check_message(params, unfurls=unfurls)
        elements = check_elements(params.get("blocks"))
        code, wrong = code or ("invalid_blocks" if elements else ""), [*wrong, *elements]
        self.violations += wrong
        return {"ok": False, "error": code, "response_metadata": {"messages": wrong}} if wrong else None

    def visible(self, params: Params) -> SlackChannel | None:
        """Return a channel that the bot may know of; a private one only as its member."""
        channel = self.channels.get(str(params.get("channel", "")))
        return None if channel is None or (channel.private and not channel.bot_is_member) else channel

    def writable(self, params: Params) -> SlackChannel | str:
        """Return the channel of a message, or the error."""
        if params.get("channel") in self.users:
            user = self.users[params["channel"]]
            direct = SlackChannel(f"D{user.id[1:]}", "", direct=True, members={user.id})
            return self.channels.setdefault(direct.id, direct)
        channel = self.visible(params)
        if channel is None:
            return "channel_not_found"
        if channel.archived:
            return "is_archived"
        if not channel.bot_is_member and "chat:write.public" not in self.scopes:
            return "not_in_channel"
        return channel

    def message(self, channel: str, ts: str, params: Params, user: str = "") -> PostedMessage:
        """Return a message as it will be kept."""
        text, blocks = params.get("text", ""), params.get("blocks") or []
        return PostedMessage(channel, ts, text, blocks, params.get("metadata") or {}, params, time.monotonic(), user)

    def post_message(self, params: Params) -> Answer:
        """Record a message."""
        channel = self.writable(params)
        if isinstance(channel, str):
            return {"ok": False, "error": channel}
        if refusal := self.check(params, unfurls=True):
            return refusal
        message = self.message(channel.id, self.new_ts(), params)
        self.posted.append(message)
        shown: Answer = {
            "type": "message",
            "ts": message.ts,
            "text": message.text,
            "user": self.bot_user_id,
            "bot_id": self.bot_id,
        }
        shown |= {"blocks": message.blocks, "team": self.team_id, "app_id": APP_ID}
        return {"ok": True, "channel": channel.id, "ts": message.ts, "message": shown}

    def post_ephemeral(self, params: Params) -> Answer:
        """Record a message that one person sees."""
        channel = self.writable(params)
        if isinstance(channel, str):
            return {"ok": False, "error": channel}
        if params.get("user") not in channel.members:
            return {"ok": False, "error": "user_not_in_channel"}
        if refusal := self.check(params):
            return refusal
        message = self.message(channel.id, self.new_ts(), params, params["user"])
        self.ephemeral.append(message)
        return {"ok": True, "message_ts": message.ts}

    def _own(self, params: Params) -> int | None:
        key = (params.get("channel"), params.get("ts"))
        return next((at for at, sent in enumerate(self.posted) if (sent.channel, sent.ts) == key), None)

    def update(self, params: Params) -> Answer:
        """Replace a message of the bot."""
        channel = self.visible(params)
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if channel.archived:
            return {"ok": False, "error": "is_archived"}
        if (index := self._own(params)) is None:
            return {"ok": False, "error": "message_not_found"}
        if refusal := self.check(params):
            return refusal
        old = self.posted[index]
        # What an edit leaves out stays, the place in a thread too (docs.slack.dev/reference/methods/chat.update).
        kept = {"thread_ts": old.params["thread_ts"]} if old.params.get("thread_ts") else {}
        blocks = params["blocks"] if params.get("blocks") is not None else old.blocks
        new = self.message(old.channel, old.ts, params | kept | {"blocks": blocks})
        self.posted[index] = replace(new, edits=old.edits + 1, at=old.at, metadata=new.metadata or old.metadata)
        return {"ok": True, "channel": old.channel, "ts": old.ts, "text": new.text}

    def delete(self, params: Params) -> Answer:
        """Remove a message of the bot."""
        if (index := self._own(params)) is None:
            return {"ok": False, "error": "message_not_found"}
        old = self.posted.pop(index)
        return {"ok": True, "channel": old.channel, "ts": old.ts}

    def conversation(self, params: Params) -> Answer:
        """Describe a channel."""
        channel = self.visible(params)
        return {"ok": True, "channel": channel.as_json()} if channel else {"ok": False, "error": "channel_not_found"}

    def history(self, params: Params) -> Answer:
        """List a channel's messages, newest first, a page at a time; their metadata only where it is asked for."""
        channel = self.visible(params)
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if not channel.bot_is_member:
            return {"ok": False, "error": "not_in_channel"}
        oldest, latest = float(params.get("oldest") or 0), float(params.get("latest") or "inf")
        with_metadata = str(params.get("include_all_metadata")).lower() in ("true", "1")
        found = [
            {"type": "message", "ts": sent.ts, "text": sent.text, "bot_id": sent.params.get("bot_id", self.bot_id)}
            | ({"metadata": dict(sent.metadata)} if with_metadata and sent.metadata else {})
            for sent in reversed(self.posted)
            if sent.channel == channel.id and not slack_threads.is_reply(sent) and oldest < float(sent.ts) <= latest
        ]
        answer = _page("messages", found, params)
        return answer | {"has_more": bool(answer["response_metadata"]["next_cursor"])}

    def conversations(self, params: Params) -> Answer:
        """List channels, a page at a time; without types only public ones."""
        kinds = str(params.get("types") or "public_channel").split(",")
        wanted = [
            channel.as_json()
            for channel in self.channels.values()
            if ("im" if channel.direct else "private_channel" if channel.private else "public_channel") in kinds
            and (channel.bot_is_member or not channel.private)
            and not (channel.archived and str(params.get("exclude_archived")).lower() in ("true", "1"))
        ]
        return _page("channels", wanted, params)

    def members(self, params: Params) -> Answer:
        """List the members of a channel."""
        channel = self.visible(params)
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        return _page(
            "members", sorted(channel.members | ({self.bot_user_id} if channel.bot_is_member else set())), params
        )

    def seats(self, params: Params) -> Answer:
        """List the channels of which somebody is a member; without a user those of the bot."""
        if needed := slack_homes.missing_scope(params, self.scopes):
            provided = ",".join(sorted(self.scopes))
            return {"ok": False, "error": "missing_scope", "needed": needed, "provided": provided}
        if params.get("user") and params["user"] not in self.users:
            return {"ok": False, "error": "user_not_found"}
        return _page("channels", slack_homes.seats(params, self.channels.values()), params)

    def user_info(self, params: Params) -> Answer:
        """Describe a user."""
        user = self.users.get(str(params.get("user")))
        return (
            {"ok": True, "user": user.as_json(self.team_id, self.organisation)}
            if user
            else {"ok": False, "error": "user_not_found"}
        )

    def user_list(self, params: Params) -> Answer:
        """List the people, a page at a time."""
        return _page("members", [user.as_json(self.team_id, self.organisation) for user in self.users.values()], params)

    def _view(self, params: Params, view_id: str) -> Answer:
        if wrong := rules.check_view(params.get("view")):
            self.violations += wrong
            return {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": wrong}}
        return {"ok": True, "view": params["view"] | {"id": view_id, "team_id": self.team_id, "hash": self.new_ts()}}

    def publish_view(self, params: Params) -> Answer:
        """Replace somebody's home tab."""
        user = str(params.get("user_id"))
        if refusal := slack_homes.refusal(params, user in self.users, self.homes.get(user), enabled=self.home_enabled):
            return {"ok": False, "error": refusal}
        answer = self._view(params, f"VH{user}")
        if answer["ok"]:
            self.homes[user] = answer["view"]
        return answer


def _page(name: str, found: list[Any], params: Params) -> Answer:
    start, size = int(params.get("cursor") or 0), int(params.get("limit") or 100)
    more = str(start + size) if start + size < len(found) else ""
    return {"ok": True, name: found[start : start + size], "response_metadata": {"next_cursor": more}}
