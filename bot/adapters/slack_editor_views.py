"""The views of Slack's editor of filters, within what Slack takes: a sheet of filters, and a form for one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

from bot import bidi, text
from bot.adapters import slack_markup
from bot.editing_ports import Draft, Form, Lasts, Name, Row, Sheet
from bot.languages import say, sentence
from bot.model import SubscriptionKind
from bot.ports import Reply

View = dict[str, Any]
Block = dict[str, Any]

# Callback ids of views, and action ids.
SHEET, FORM = "filters", "filter"
ROW, ADD, EARLIER, LATER = "filter_row", "filter_add", "filters_earlier", "filters_later"
KIND, QUERY, NAME, LASTS, MARKS = "filter_kind", "filter_query", "filter_name", "filter_lasts", "filter_marks"
# docs.slack.dev/reference/views and /reference/block-kit.
LONGEST_TITLE = 24
LONGEST_TEXT = 3000
LONGEST_OPTION = 75
LONGEST_VALUE = 150
# A line that is longer gets no marks: cut ones would not be read as such.
LONGEST_LINE = 2500
# Stands for a name that is too long for the value of an option.
_KEPT = "="
_KINDS: Mapping[SubscriptionKind, str] = {
    "match": sentence("Subscribe to what matches a query"),
    "follow": sentence("Follow an author or an organisation"),
    "mute": sentence("Mute what matches a query"),
}
_LASTS: Mapping[Lasts, str] = {
    "ever": sentence("For good"),
    "hour": sentence("For an hour"),
    "day": sentence("For a day"),
    "week": sentence("For a week"),
}


@dataclass(frozen=True, slots=True)
class Where:
    """What a view carries with it: whose filters it shows, which page or filter, and as they were at which version.

    `words` is a name that no option can hold, `until` when a mute ends.
    """

    address: str
    page: int = 0
    version: int = 0
    filter: int = 0
    words: str = ""
    until: str = ""


def where(view: Mapping[str, Any]) -> Where:
    """Read what a view carries."""
    return Where(**json.loads(view["private_metadata"]))


def _modal(title: str, close: str, blocks: list[Block], carried: Where, **more: object) -> View:
    words = {name: value for name, value in asdict(carried).items() if value}
    return {
        "type": "modal",
        "title": _plain(title, LONGEST_TITLE),
        "close": _plain(close, LONGEST_TITLE),
        "blocks": blocks,
        "private_metadata": json.dumps({"address": carried.address} | words, ensure_ascii=False),
        **more,
    }


def notice(said: Reply, carried: Where) -> View:
    """Show nothing but some sentences."""
    return _modal(say("Edit filters"), say("Close"), _said(said), carried)


def waiting(carried: Where) -> View:
    """Show that something is on its way."""
    return _modal(say("Edit filters"), say("Close"), [_context(say("One moment …"))], carried)


def sheet(sheet: Sheet, carried: Where, said: Reply = ()) -> View:
    """Show a page of filters; `said` is what came of the last change."""
    blocks = [*_said(said), *([{"type": "divider"}] if said else []), *_said(sheet.head)]
    blocks += [_row(row, may_write=sheet.may_write) for row in sheet.rows]
    buttons = [_button(ADD, say("Add filter"), "0", style="primary")] if sheet.may_write else []
    if sheet.page > 0:
        buttons.append(_button(EARLIER, say("‹ Earlier"), str(sheet.page - 1)))
    if sheet.page < sheet.pages - 1:
        buttons.append(_button(LATER, say("Later ›"), str(sheet.page + 1)))
    if sheet.pages > 1:
        blocks.append(_context(say("Page {page} of {pages}", page=sheet.page + 1, pages=sheet.pages)))
    if buttons:
        blocks.append({"type": "actions", "block_id": "buttons", "elements": buttons})
    here = Where(carried.address, sheet.page, sheet.version)
    return _modal(say("Edit filters"), say("Done"), blocks, here, callback_id=SHEET)


def _row(row: Row, *, may_write: bool) -> Block:
    block: Block = {"type": "section", "block_id": f"row:{row.filter}", "text": _mrkdwn(row.about)}
    if not may_write:
        return block
    options = [_option(say("Edit"), f"edit:{row.filter}")]
    if row.may_be_urgent:
        label = say("Not urgent any more") if row.is_urgent else say("Make it urgent")
        options.append(_option(label, f"{'calm' if row.is_urgent else 'urgent'}:{row.filter}"))
    options.append(_option(say("Delete"), f"delete:{row.filter}"))
    return block | {"accessory": {"type": "overflow", "action_id": ROW, "options": options}}


def form(form: Form, carried: Where) -> View:
    """Show a draft in fields. Slack keeps what stands in fields whose ids stay, so they change with the version."""
    draft = form.draft
    fields = [_kind(draft), _name(draft) if draft.kind == "follow" else _query(draft)]
    fields.append(_lasts(draft, form.until) if draft.kind == "mute" else _marks(draft))
    trial = [_context(_marked(form.trial))] if form.trial else []
    blocks = [*_said(form.said), *fields[:2], *trial, *fields[2:]]
    words = draft.words if draft.kind == "follow" and len(draft.words) > LONGEST_VALUE else ""
    here = Where(carried.address, carried.page, draft.version, draft.filter, words, form.until)
    title = say("Edit a filter") if draft.filter else say("Add a filter")
    submit = _plain(say("Save"), LONGEST_TITLE)
    return _modal(title, say("Back"), blocks, here, callback_id=FORM, submit=submit)


def _kind(draft: Draft) -> Block:
    options = {kind: _option(say(label), kind) for kind, label in _KINDS.items()}
    element = {"type": "radio_buttons", "options": list(options.values()), "initial_option": options[draft.kind]}
    return _input(KIND, draft, say("What is it to do?"), element, dispatches=True)


def _query(draft: Draft) -> Block:
    on = {"trigger_actions_on": ["on_character_entered", "on_enter_pressed"]}
    element: Block = {"type": "plain_text_input", "dispatch_action_config": on}
    if draft.words:
        element["initial_value"] = draft.words[:LONGEST_TEXT]
    return _input(QUERY, draft, say("Query"), element, dispatches=True)


def _name(draft: Draft) -> Block:
    element: Block = {
        "type": "external_select",
        "min_query_length": 1,
        "placeholder": _plain(say("Type how the name begins"), LONGEST_VALUE),
    }
    if draft.words:
        value = draft.words if len(draft.words) <= LONGEST_VALUE else _KEPT
        element["initial_option"] = _option(bidi.closed(draft.words), value)
    return _input(NAME, draft, say("Whom?"), element, dispatches=True)


def _lasts(draft: Draft, until: str) -> Block:
    options = {name: _option(say(label), name) for name, label in _LASTS.items()}
    if until:
        options["kept"] = _option(say("As it is: until {moment}", moment=until), "kept")
    initial = options.get(draft.lasts, options["ever"])
    element = {"type": "static_select", "options": list(options.values()), "initial_option": initial}
    return _input(LASTS, draft, say("For how long?"), element)


def _marks(draft: Draft) -> Block:
    urgent = _option(say("Urgent: never held back, however much comes"), "urgent")
    silent = _option(say("Silent: without a sound, where the platform can"), "silent")
    element: Block = {"type": "checkboxes", "options": [urgent, silent]}
    if chosen := [urgent] * draft.urgent + [silent] * draft.silent:
        element["initial_options"] = chosen
    return _input(MARKS, draft, say("How does it come?"), element, optional=True)


def _input(name: str, draft: Draft, label: str, element: Block, *, dispatches: bool = False, **more: object) -> Block:
    return {
        "type": "input",
        "block_id": f"{name}:{draft.version}",
        "label": _plain(label, LONGEST_TEXT),
        "element": element | {"action_id": name},
        **({"dispatch_action": True} if dispatches else {}),
        **more,
    }


def draft(view: Mapping[str, Any]) -> Draft:
    """Read what somebody has written into a form."""
    carried = where(view)
    fields = {name: field for block in view["state"]["values"].values() for name, field in block.items()}
    kind = _chosen(fields.get(KIND), get_args(SubscriptionKind), "match")
    words = fields.get(QUERY, {}).get("value") or ""
    if kind == "follow":
        words = (fields.get(NAME, {}).get("selected_option") or {}).get("value", "")
        words = carried.words if words == _KEPT else words
    marks = {option["value"] for option in fields.get(MARKS, {}).get("selected_options") or ()}
    return Draft(
        filter=carried.filter,
        version=carried.version,
        kind=kind,
        words=words,
        lasts=_chosen(fields.get(LASTS), get_args(Lasts), "ever"),
        urgent="urgent" in marks,
        silent="silent" in marks,
    )


def _chosen(field: Mapping[str, Any] | None, values: Sequence[str], otherwise: str) -> Any:
    value = ((field or {}).get("selected_option") or {}).get("value")
    return value if value in values else otherwise


def field_of_words(view: Mapping[str, Any]) -> str:
    """Name the block of a form in which the words stand."""
    names = [block["block_id"] for block in view["blocks"] if block["block_id"].startswith((QUERY, NAME))]
    return str(names[0])


def options(names: Iterable[Name]) -> list[Block]:
    """Offer names; what is too long to come back as it is cannot be chosen."""
    fitting = [each for each in names if len(each.name) <= LONGEST_VALUE]
    return [_option(f"{bidi.isolate(each.name)} — {each.about}", each.name) for each in fitting]


def _said(said: Reply) -> list[Block]:
    return [{"type": "section", "text": _mrkdwn(said)}] if said else []


def _context(words: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": words, "verbatim": True}]}


def _mrkdwn(said: Reply) -> Block:
    return {"type": "mrkdwn", "text": _marked(said), "verbatim": True}


def _marked(said: Reply) -> str:
    """Mark up lines, as many as fit."""
    lines: list[str] = []
    length = 0
    for line in said:
        shown = slack_markup.reply((line,))
        if len(shown) > LONGEST_LINE:
            plain = "".join(span.text for span in line)
            shown = slack_markup.escape(bidi.closed(text.shorten(plain, LONGEST_LINE // 5)))
        length += len(shown) + 1
        if length > LONGEST_TEXT:
            break
        lines.append(shown)
    return "\n".join(lines) or "…"


def _plain(words: str, most: int) -> Block:
    return {"type": "plain_text", "text": text.shorten(words, most), "emoji": False}


def _option(label: str, value: str) -> Block:
    return {"text": _plain(label, LONGEST_OPTION), "value": value}


def _button(name: str, label: str, value: str, **more: object) -> Block:
    return {"type": "button", "action_id": name, "text": _plain(label, LONGEST_OPTION), "value": value, **more}
