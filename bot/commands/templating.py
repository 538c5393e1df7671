"""Answer `settings template`: what a channel's messages look like, tried before it is saved."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from bot import audit, channels, telling, text
from bot.commands.call import Call
from bot.commands.replies import code, command, line
from bot.db import Database
from bot.languages import say
from bot.ports import Line, Reply, Span
from bot.sentences import say_line
from bot.template import FIELDS, TemplateError

EXAMPLE = "settings template {icon} *{headline}* – {author}, {time}"
DEFAULT = "default"
# What a line of an export begins with that is a template.
WORD = "template"


class Templating:
    """Looks after the template of the channel that a call comes from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def template(self, call: Call, value: str) -> Reply:
        """Answer settings template, and what is typed after it."""
        if not value:
            return shown(call.channel.template)
        if value.casefold() == DEFAULT:
            await self._database.write(save, call, "")
            return (say_line("Messages look as they do without a template from now on."),)
        written = read(value)
        try:
            telling.checked(written)
        except TemplateError as error:
            return refused(error)
        await self._database.write(save, call, written)
        seen = telling.preview(written, call.channel, call.now)
        said = say_line(
            "Messages look like this from now on; {command} ends it.", command=command("settings template default")
        )
        return (said, *seen)


def save(connection: sqlite3.Connection, call: Call, written: str) -> None:
    """Remember a channel's template, empty for none."""
    channels.set_preference(connection, call.channel.id, "template", value=written)
    audit.record(connection, call.channel.id, call.request.actor, "template", written or DEFAULT, call.now)


def read(value: str) -> str:
    r"""Read the lines of a template; where only one can be typed, a \n begins another."""
    lines = (text.clean(each) for each in re.split(r"\n|\\n", value))
    return "\n".join(lines).strip()


def on_one_line(written: str) -> str:
    """Write a template so that it stands in one line, as `read` reads it."""
    return written.replace("\n", "\\n")


def shown(written: str) -> Reply:
    """Show a template, and what there is to make one of."""
    fields = tuple(line("• ", code(f"{{{name}}}"), f" — {what}") for name, what in _fields())
    now: tuple[Line, ...] = ((Span(written, block=True),),) if written else ()
    said = (
        say_line("Messages here follow this template:")
        if written
        else say_line("Messages here look as they do without a template.")
    )
    ends = say_line("{command} ends it.", command=command("settings template default"))
    return (
        said,
        *now,
        say_line(
            "Make one of any text, these fields, {bold} and {italic}:", bold=code("*bold*"), italic=code("_italic_")
        ),
        *fields,
        say_line("For example: {command}. What is empty goes with the signs before it.", command=command(EXAMPLE)),
        *((ends,) if written else ()),
    )


def _fields() -> Iterator[tuple[str, str]]:
    return ((name, say(what)) for name, what in FIELDS.items())


def refused(error: TemplateError) -> Reply:
    """Show a template with a caret under what is wrong."""
    written, caret, problem = error.lines()
    return (line(code(written)), line(code(caret)), line(problem), say_line("Nothing was changed."))


def row(written: str) -> Line:
    """Show the template among the settings."""
    value = code(text.shorten(on_one_line(written), 60)) if written else say("none")
    return line("• ", *say_line("Template: {template}", template=value), " — ", command("settings template"))
