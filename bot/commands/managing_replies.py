"""Compose replies about channels that are managed from a private chat."""

from __future__ import annotations

from bot.commands.replies import bold, code, command, line
from bot.languages import say
from bot.model import Channel
from bot.ports import Line, Reply, Span
from bot.sentences import say_line

_PUT_AWAY: Line = (Span("", picks="none"),)


def named(channel: Channel) -> Line:
    """Name the channel that an answer is about."""
    return line("📣 ", bold(channel.title or say("The channel")))


def which(managed: Channel | None, home: str) -> Reply:
    """Ask which channel, with a button by which Telegram lets one choose."""
    label = say("add to a channel")
    now = () if managed is None else (_acts_on(managed),)
    return (
        *now,
        say_line(
            "Which channel? Choose it with the button below: I become its administrator, with the rights to post and "
            "to edit messages."
        ),
        say_line(
            "Or add me there first: {link}. One with a public name can be typed: {manage}.",
            link=Span(label, url=f"{home}?startchannel&admin=post_messages+edit_messages"),
            manage=command("manage @its_name"),
        ),
        (Span(say("Choose a channel"), picks="channel"),),
    )


def _acts_on(channel: Channel) -> Line:
    return say_line(
        "What you type here acts on {channel}; {manage_off} ends that.",
        channel=bold(channel.title),
        manage_off=command("manage off"),
    )


def begun(channel: Channel) -> Reply:
    """Say what is managed from now on."""
    return (
        named(channel),
        say_line(
            "What you type here acts on this channel from now on, until {manage_off}.", manage_off=command("manage off")
        ),
        say_line(
            "Try {filters}, {subscribe} or {settings}.",
            filters=command("filters"),
            subscribe=command("subscribe nhs -football"),
            settings=command("settings"),
        ),
        _PUT_AWAY,
    )


def ended(channel: Channel | None) -> Reply:
    """Say that a chat is itself again."""
    said = (
        say_line("No channel was managed from here.")
        if channel is None
        else say_line("What you type here acts on this chat again, and not on {channel}.", channel=bold(channel.title))
    )
    return (said, _PUT_AWAY)


def bot_is_none(title: str) -> Reply:
    """Say that the bot can do nothing there."""
    return (
        say_line(
            "I am no administrator of {channel} that may post there. Nothing was changed.",
            channel=_called(title),
        ),
        say_line(
            "Add me there with the rights to post and to edit messages, then {manage} again.", manage=command("manage")
        ),
        _PUT_AWAY,
    )


def _called(title: str) -> Span:
    return bold(title or say("this channel"))


def not_yours(title: str) -> Reply:
    """Say that the person may not decide there."""
    return (
        say_line(
            "Only administrators of {channel} that may post there can manage it.",
            channel=_called(title),
        ),
        say_line("Nothing was changed; what you type here acts on this chat."),
        _PUT_AWAY,
    )


def why_there(channel: Channel) -> Reply:
    """Say how a message of a channel is asked about: from here nobody can point at it."""
    button = say("Why")
    return (
        named(channel),
        say_line(
            "Which message? Tap {button} under it in the channel, or answer it there with {why}.",
            button=bold(button),
            why=code("/why"),
        ),
        say_line(
            "A message of this chat is answered here. {why_not} is about the channel.",
            why_not=command("why not ferry vote"),
        ),
    )


def not_here() -> Reply:
    """Say where channels are managed."""
    return (
        say_line(
            "Broadcast channels of Telegram are managed from a private chat with me: type {manage} there.",
            manage=code("/manage"),
        ),
    )
