"""What stands between a platform's page of somebody's channels and the rest: who looks, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Channel
from bot.ports import Keyboard, Line, Place, Reply


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the overview: `actors` is how the record names them, `direct` the conversation with them alone.

    `places` are the channels of which they are a member, None where the platform does not say; of all others nothing
    may be told. Addresses of their workspace begin `within` it.
    """

    platform: str
    actor_id: str
    actors: tuple[str, ...]
    direct: str = ""
    places: tuple[Place, ...] | None = None
    within: str = ""


@dataclass(frozen=True, slots=True)
class Managed:
    """A channel in an overview; `trouble` says in the platform's words why nothing can be sent there."""

    channel: Channel
    trouble: str = ""
    lines: Reply = ()
    buttons: Line = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What one person sees, in a language, of the channels that they manage; examples are `offered` for their own."""

    about: Reply = ()
    channels: tuple[Managed, ...] = ()
    direct: Managed | None = None
    offered: Keyboard = ()
    operators: Reply = ()
    help: Line = ()
    language: str = ""
