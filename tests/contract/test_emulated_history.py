"""The emulated Slack shows the history of a conversation to those who may read it, a page at a time."""

from __future__ import annotations

import aiohttp

from tests.emulators.slack import SlackEmulator

MARK = {"event_type": "mark", "event_payload": {"number": 1}}


async def call(emulator: SlackEmulator, method: str, **params: object) -> dict[str, object]:
    """Call a method with the bot's token."""
    headers = {"Authorization": f"Bearer {emulator.bot_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{emulator.url}{method}", json=params) as answer,
    ):
        found: dict[str, object] = await answer.json()
        return found


async def test_history_is_shown_newest_first_by_pages() -> None:
    """Metadata comes only where it is asked for, as with the real one."""
    async with SlackEmulator(scopes=["channels:history"], clock=lambda: 1_700_000_000.0) as slack:
        channel = slack.channel("newsroom").id
        unfurls = {"unfurl_links": False, "unfurl_media": False}
        sent = [
            await call(slack, "chat.postMessage", channel=channel, text=text, metadata=MARK, **unfurls)
            for text in ("first", "second", "third")
        ]
        first = await call(slack, "conversations.history", channel=channel, limit=2, include_all_metadata=True)
        assert isinstance(first["messages"], list)
        assert [(each["text"], each["metadata"]) for each in first["messages"]] == [("third", MARK), ("second", MARK)]
        cursor = first["response_metadata"]["next_cursor"]  # type: ignore[index]
        rest = await call(slack, "conversations.history", channel=channel, limit=2, cursor=cursor)
        assert [each["text"] for each in rest["messages"]] == ["first"]  # type: ignore[attr-defined]
        assert "metadata" not in rest["messages"][0]  # type: ignore[index]
        assert rest["has_more"] is False
        newer = await call(slack, "conversations.history", channel=channel, oldest=sent[1]["ts"])
        assert [each["text"] for each in newer["messages"]] == ["third"]  # type: ignore[attr-defined]


async def test_history_is_kept_from_those_without_its_scope() -> None:
    """There is one for each kind of conversation."""
    async with SlackEmulator(scopes=["channels:history"]) as slack:
        answer = await call(slack, "conversations.history", channel=slack.channel("den", private=True).id)
        assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:history")
        outside = slack.channel("lobby", bot_is_member=False)
        assert (await call(slack, "conversations.history", channel=outside.id))["error"] == "not_in_channel"
        assert (await call(slack, "conversations.history", channel="C0"))["error"] == "channel_not_found"
