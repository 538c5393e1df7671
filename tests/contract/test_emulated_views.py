"""The emulated Slack refuses views as Slack does, by its names of errors."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import SlackEmulator
from tests.emulators.slack_modals import Modal
from tests.emulators.slack_state import SlackUser

View = dict[str, Any]


def view(**more: object) -> View:
    """Make a modal with a field of text."""
    field = {"type": "plain_text_input", "action_id": "words"}
    label = {"type": "plain_text", "text": "Words"}
    title = {"type": "plain_text", "text": "Filters"}
    blocks = [{"type": "input", "block_id": "words", "label": label, "element": field}]
    return {"type": "modal", "title": title, "submit": title, "blocks": blocks, **more}


@pytest.fixture
def client(slack: SlackEmulator) -> AsyncWebClient:
    """Call as the bot."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.url)


@pytest.fixture
def ada(slack: SlackEmulator) -> SlackUser:
    """Return somebody."""
    return slack.user("ada")


async def opened(slack: SlackEmulator, client: AsyncWebClient, user: SlackUser) -> View:
    """Open a modal."""
    answer = await client.views_open(trigger_id=slack.trigger(user), view=view())
    found: View = answer["view"]
    return found


async def test_a_trigger_is_good_for_three_seconds(slack: SlackEmulator, client: AsyncWebClient) -> None:
    """Whoever reads a database first comes too late."""
    slack.workspace.modals.seconds = 0
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=slack.trigger(), view=view())


async def test_an_old_hash_is_a_conflict(slack: SlackEmulator, client: AsyncWebClient, ada: SlackUser) -> None:
    """Somebody has updated the view meanwhile."""
    first = await opened(slack, client, ada)
    await client.views_update(view_id=first["id"], hash=first["hash"], view=view())
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=first["id"], hash=first["hash"], view=view())


async def test_three_views_lie_on_each_other_at_the_most(
    slack: SlackEmulator, client: AsyncWebClient, ada: SlackUser
) -> None:
    """A view is pushed by what somebody does in the one below."""
    shown = await opened(slack, client, ada)
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_push(trigger_id=slack.trigger(ada), view=view())
    for _ in range(2):
        pushed = await client.views_push(trigger_id=slack.trigger(ada, shown["id"]), view=view())
        assert pushed["view"]["previous_view_id"] == shown["id"]
        shown = pushed["view"]
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=slack.trigger(ada, shown["id"]), view=view())


async def test_what_is_closed_cannot_be_updated(slack: SlackEmulator, client: AsyncWebClient, ada: SlackUser) -> None:
    """The person has gone on."""
    shown = await opened(slack, client, ada)
    await Modal(slack, ada, slack.workspace.modals.stacks[0]).close()
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id=shown["id"], view=view())


async def test_what_is_written_stays_in_fields_whose_ids_stay(
    slack: SlackEmulator, client: AsyncWebClient, ada: SlackUser
) -> None:
    """And in no others."""
    shown = await opened(slack, client, ada)
    modal = Modal(slack, ada, slack.workspace.modals.stacks[0])
    await modal.type("Words", "nhs")
    await client.views_update(view_id=shown["id"], view=view())
    assert modal.shown.endswith("\nnhs")
    others = view()
    others["blocks"][0]["block_id"] = "others"
    await client.views_update(view_id=shown["id"], view=others)
    assert modal.view["state"]["values"] == {"others": {"words": {"type": "plain_text_input", "value": None}}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"private_metadata": "x" * 3001},
        {"callback_id": "x" * 256},
        {"title": {"type": "plain_text", "text": "x" * 25}},
        {"submit": None},
        {"blocks": [{"type": "divider"}] * 101},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]},
    ],
    ids=["metadata", "callback", "title", "submit", "blocks", "text"],
)
async def test_a_view_beyond_the_limits_is_refused(
    slack: SlackEmulator, client: AsyncWebClient, ada: SlackUser, wrong: View
) -> None:
    """And noted as a mistake of the bot."""
    given = {name: value for name, value in (view() | wrong).items() if value is not None}
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=slack.trigger(ada), view=given)
    assert slack.violations
    slack.violations.clear()
