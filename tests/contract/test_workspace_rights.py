"""Who may in workspaces, whatever way a change takes, and each workspace for itself."""

from __future__ import annotations

from functools import partial

import pytest

from bot import channels
from bot.adapters import terminal
from bot.buttons import Action, Press, encode
from bot.commands.handlers import Commands
from bot.db import Database
from bot.membership import Member, Obstacle, Workspace
from bot.ports import Reply, Request, is_refusal
from tests.contract.conversations import NOW, no, yes

ADMIN, MEMBER = Member("U0ADA", "ada", is_admin=True), Member("U0BOB", "bob")


async def _is(member: Member) -> Member:
    return member


async def _nobody(_name: str) -> tuple[Member, ...]:
    return ()


async def _open() -> Obstacle:
    return ""


def workspace_of(request: Request) -> Workspace:
    """Answer as a platform does: the workspace stands in the address."""
    ask = partial(_is, ADMIN if request.actor_id == ADMIN.id else MEMBER)
    return Workspace(request.address.rpartition("/")[0], ask, ask, _nobody, _open, "/invite")


@pytest.fixture
def commands(database: Database) -> Commands:
    """Answer for a platform with workspaces."""
    made = Commands(database, lambda: NOW, lambda: None, "Europe/London")
    made.meet("slack", workspace_of)
    return made


def by(member: Member, text: str, address: str = "T0ONE/C1") -> Request:
    """Ask for something as a member, whatever the adapter says of who may."""
    may_write = yes if member is MEMBER else no
    return Request("slack", address, text, f"@{member.name}", may_write, actor_id=member.id, has_buttons=True)


def shown(reply: Reply) -> str:
    """Read a reply."""
    return terminal.reply(reply)


async def test_each_workspace_chooses_for_itself(commands: Commands) -> None:
    """Also for channels that were made later."""
    await commands.answer(by(ADMIN, "settings who admins"))
    assert is_refusal(await commands.answer(by(MEMBER, "follow Priya Ashdown")))
    assert is_refusal(await commands.answer(by(MEMBER, "follow Priya Ashdown", "T0ONE/C2")))
    assert "Following" in shown(await commands.answer(by(MEMBER, "follow Priya Ashdown", "T0TWO/C1")))


@pytest.mark.parametrize(
    ("action", "choice", "detail"), [("set", "silent", "on"), ("remove", "1", "0"), ("filters", "0", "")]
)
async def test_buttons_are_no_way_around(
    commands: Commands, database: Database, action: Action, choice: str, detail: str
) -> None:
    """Whoever may not type a change may not press it either."""
    await commands.answer(by(ADMIN, "follow Priya Ashdown"))
    await commands.answer(by(ADMIN, "settings who admins"))
    channel = await database.read(channels.find, "slack", "T0ONE/C1", "")
    assert channel is not None
    pressed = await commands.press(by(MEMBER, encode(Press(action, channel.id, choice, detail))))
    assert pressed.alert
    assert is_refusal(pressed.toast)
    assert "Priya Ashdown" in shown(await commands.answer(by(MEMBER, "filters")))


async def test_settings_with_buttons_say_who_may_above_them(commands: Commands) -> None:
    """The choice is the workspace's, and no button of a channel."""
    assert "filters are changed by: all members" in shown(await commands.answer(by(MEMBER, "settings")))


async def test_other_settings_are_bound_by_who_may(commands: Commands) -> None:
    """Only what administrators decide is asked of them alone."""
    await commands.answer(by(ADMIN, "settings who admins"))
    assert is_refusal(await commands.answer(by(MEMBER, "settings corrections off")))
    assert is_refusal(await commands.answer(by(MEMBER, "pause")))
    assert is_refusal(await commands.answer(by(MEMBER, "forget everything")))
