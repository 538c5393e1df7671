"""Compose what is said about workspaces: who may change filters, and what keeps messages out of a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import text
from bot.commands.replies import code, command
from bot.languages import say
from bot.membership import Member, Obstacle
from bot.ports import Line, Reply
from bot.sentences import say_line
from bot.workspaces import Chosen, Person

LONGEST_NAME = 60
OUTSIDERS_ON, OUTSIDERS_OFF = "settings outsiders on", "settings outsiders off"


def named(people: Sequence[Person | Member]) -> str:
    """Name people as others mention them."""
    return ", ".join(f"@{text.shorten(person.name, LONGEST_NAME)}" for person in people)


def refusal(member: Member, chosen: Chosen, *, admits_outsiders: bool) -> Reply:
    """Refuse whoever may not change filters by what their workspace has chosen, and say whom to ask."""
    if member.is_outsider and not admits_outsiders:
        return _refused(
            say_line(
                "Only people of the organisation that has brought me here can change what comes. Nothing was changed: "
                "ask one of its administrators to type {allow} here.",
                allow=command(OUTSIDERS_ON),
            )
        )
    if chosen.who == "members" or member.is_admin or member.id in {person.id for person in chosen.people}:
        return ()
    if chosen.who == "admins":
        return _refused(
            say_line(
                "Only administrators of this workspace can change what comes. Nothing was changed: ask one of them."
            )
        )
    return _refused(
        say_line(
            "Only {people} and administrators of this workspace can change what comes. Nothing was changed: ask one of "
            "them.",
            people=named(chosen.people),
        )
    )


def _refused(line: Line) -> Reply:
    return (tuple(replace(span, refuses=True) for span in line),)


def governors_only() -> Reply:
    """Say that this is for whoever administers the workspace."""
    return _refused(
        say_line("Only administrators of this workspace can decide that. Nothing was changed: ask one of them.")
    )


def obstructed(obstacle: Obstacle, invitation: str) -> Reply:
    """Say why nothing could come here, and the one thing to do."""
    match obstacle:
        case "not invited":
            return (
                say_line("I am not in this channel, so nothing could come here. Nothing was saved."),
                say_line("Invite me first: {invitation} – then do that again.", invitation=code(invitation)),
            )
        case "archived":
            return (
                say_line(
                    "This channel is archived, so nothing could come here. Nothing was saved: open it again first, or "
                    "choose another channel."
                ),
            )
        case _:
            return (
                say_line(
                    "I cannot post in a conversation between others. Nothing was saved: type that in a channel, or in "
                    "a message to me."
                ),
            )


def rows(chosen: Chosen, *, admits_outsiders: bool) -> Reply:
    """List what a workspace has chosen, with the words that change it."""
    outsiders = (
        say_line("• People of other organisations may change filters here — {forbid}", forbid=command(OUTSIDERS_OFF))
        if admits_outsiders
        else say_line("• People of other organisations may only look — {allow}", allow=command(OUTSIDERS_ON))
    )
    return (
        say_line(
            "• In this workspace filters are changed by: {who} — {members}, {admins}, {people}",
            who=_who(chosen),
            members=command("settings who members"),
            admins=command("settings who admins"),
            people=command("settings who @ada @bob"),
        ),
        outsiders,
    )


def _who(chosen: Chosen) -> str:
    match chosen.who:
        case "members":
            return say("all members")
        case "admins":
            return say("its administrators")
        case _:
            return say("{people} and its administrators", people=named(chosen.people))


def chose(chosen: Chosen) -> Reply:
    """Confirm who may change filters."""
    return (say_line("In all channels of this workspace filters are changed by: {who}.", who=_who(chosen)),)


def chose_outsiders(*, admits: bool) -> Reply:
    """Confirm what people of other organisations may."""
    if admits:
        return (say_line("People of other organisations may change the filters of this channel from now on."),)
    return (say_line("People of other organisations may look at the filters of this channel, and not change them."),)


def how() -> Reply:
    """Say what can be chosen."""
    return (
        say_line(
            "Who may change filters? {members}, {admins}, or {people}. Nothing was changed.",
            members=command("settings who members"),
            admins=command("settings who admins"),
            people=command("settings who @ada @bob"),
        ),
    )


def how_outsiders() -> Reply:
    """Say how people of other organisations are let in."""
    return (
        say_line(
            "May people of other organisations change filters here? {allow} or {forbid}. Nothing was changed.",
            allow=command(OUTSIDERS_ON),
            forbid=command(OUTSIDERS_OFF),
        ),
    )


def nobody(name: str) -> Reply:
    """Say that nobody is called so."""
    return (
        say_line(
            "Nobody in this workspace is called {name}. Nothing was changed: type names as they are completed after @.",
            name=code(text.shorten(name, LONGEST_NAME)),
        ),
    )


def several(name: str, people: Sequence[Member]) -> Reply:
    """Say that a name is that of several people, and how one of them is meant."""
    return (
        say_line(
            "Several people are called {name}. Nothing was changed: use the member id from the profile of whom you "
            "mean: {ids}.",
            name=code(text.shorten(name, LONGEST_NAME)),
            ids=code(", ".join(person.id for person in people)),
        ),
    )
