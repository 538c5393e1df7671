"""Who somebody is in a workspace, and what keeps the bot's messages out of one of its conversations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

Obstacle = Literal["", "not invited", "archived", "closed"]
"""Why nothing can be posted: nobody has invited the bot, it is over, or others talk there, who cannot invite it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with their id and what others call them ("Ada"), who is of another organisation as an outsider.

    A `handle` ("ada") is theirs alone in the workspace.
    """

    id: str
    name: str
    is_admin: bool = False
    is_outsider: bool = False
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What can be asked about where a request comes from: its workspace `team`, empty where there is only one.

    `member` asks who the person is, or remembers it for a moment, and `member_anew` does not; `find` asks who is called
    by a name. All raise RightsUnknownError. `obstacle` asks what keeps messages out, and finds nothing where nobody
    answers. `invitation` is what people type to invite the bot. What the person and the bot have for themselves
    `is_own`.
    """

    team: str
    member: Callable[[], Awaitable[Member]]
    member_anew: Callable[[], Awaitable[Member]]
    find: Callable[[str], Awaitable[tuple[Member, ...]]]
    obstacle: Callable[[], Awaitable[Obstacle]]
    invitation: str
    is_own: bool = False
