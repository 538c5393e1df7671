"""Compose replies about channels that are managed from a private chat."""

from __future__ import annotations

from bot.commands.replies import bold, code, command, line
from bot.model import Channel
from bot.ports import Line, Reply, Span

_RIGHTS = "with the rights to post and to edit messages"
_PUT_AWAY: Line = (Span("", picks="none"),)


def named(channel: Channel) -> Line:
    """Name the channel that an answer is about."""
    return line("📣 ", bold(channel.title or "The channel"))


def which(managed: Channel | None, home: str) -> Reply:
    """Ask which channel, with a button by which Telegram lets one choose."""
    now = (
        ()
        if managed is None
        else (line("What you type here acts on ", bold(managed.title), "; ", command("manage off"), " ends that."),)
    )
    return (
        *now,
        line("Which channel? Choose it with the button below: I become its administrator, ", _RIGHTS, "."),
        line(
            "Or add me there first: ",
            Span("add to a channel", url=f"{home}?startchannel&admin=post_messages+edit_messages"),
            ". One with a public name can be typed: ",
            command("manage @its_name"),
            ".",
        ),
        (Span("Choose a channel", picks="channel"),),
    )


def begun(channel: Channel) -> Reply:
    """Say what is managed from now on."""
    return (
        named(channel),
        line("What you type here acts on this channel from now on, until ", command("manage off"), "."),
        line("Try ", command("filters"), ", ", command("subscribe nhs -football"), " or ", command("settings"), "."),
        _PUT_AWAY,
    )


def ended(channel: Channel | None) -> Reply:
    """Say that a chat is itself again."""
    said = (
        line("No channel was managed from here.")
        if channel is None
        else line("What you type here acts on this chat again, and not on ", bold(channel.title), ".")
    )
    return (said, _PUT_AWAY)


def bot_is_none(title: str) -> Reply:
    """Say that the bot can do nothing there."""
    return (
        line("I am no administrator of ", bold(title or "this channel"), " that may post there. Nothing was changed."),
        line("Add me there ", _RIGHTS, ", then ", command("manage"), " again."),
        _PUT_AWAY,
    )


def not_yours(title: str) -> Reply:
    """Say that the person may not decide there."""
    return (
        line("Only administrators of ", bold(title or "this channel"), " that may post there can manage it."),
        line("Nothing was changed; what you type here acts on this chat."),
        _PUT_AWAY,
    )


def why_there(channel: Channel) -> Reply:
    """Say how a message of a channel is asked about: from here nobody can point at it."""
    return (
        named(channel),
        line(
            "Which message? Tap ", bold("Why"), " under it in the channel, or answer it there with ", code("/why"), "."
        ),
        line("A message of this chat is answered here. ", command("why not ferry vote"), " is about the channel."),
    )


def not_here() -> Reply:
    """Say where channels are managed."""
    return (
        line(
            "Broadcast channels of Telegram are managed from a private chat with me: type ", code("/manage"), " there."
        ),
    )
