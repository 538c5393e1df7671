"""Rows of the shared tables as values of the model."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from bot import db
from bot.model import PICKED, Attachment, Channel, Entry, Item, Quotation, Reason, Source, Subscription, Version

ENTRY = f"""
    SELECT e.*, coalesce(
            s.name, CASE e.source WHEN '' THEN 'PhiWire Bot' WHEN '{PICKED}' THEN 'Hand picked' ELSE e.source END
        ) AS source_name,
        CASE WHEN e.icon LIKE 'https://%' THEN e.icon ELSE coalesce(s.options ->> 'icon', '') END AS shown_icon,
        coalesce(s.options ->> 'emoji', '') AS emoji, coalesce(s.options ->> 'custom_emoji', '') AS custom_emoji
    FROM entries AS e LEFT JOIN sources AS s ON s.slug = e.source
"""


def entry(row: sqlite3.Row) -> Entry:
    """Read a row of the ENTRY query."""
    return Entry(
        id=row["id"],
        source=row["source"],
        source_name=row["source_name"],
        key=row["key"],
        kind=row["kind"],
        headline=row["headline"],
        url=row["url"],
        author=row["author"],
        organisation=row["organisation"],
        topic=row["topic"],
        summary=row["summary"],
        body=row["body"],
        quotations=tuple(Quotation(**quotation) for quotation in json.loads(row["quotations"])),
        icon=row["shown_icon"],
        published_at=db.optional_time(row["published_at"]),
        first_seen_at=db.from_text(row["first_seen_at"]),
        revision=row["revision"],
        emoji=row["emoji"],
        custom_emoji=row["custom_emoji"],
        attachments=tuple(Attachment(**attachment) for attachment in json.loads(row["attachments"])),
        withdrawn=bool(row["withdrawn"]),
        change_note=row["change_note"],
        updated_at=db.optional_time(row["updated_at"]),
    )


def quotations(item: Item) -> str:
    """Write an item's quotations as they stand in the table."""
    return json.dumps([asdict(quotation) for quotation in item.quotations], ensure_ascii=False)


def attachments(item: Item) -> str:
    """Write an item's attachments as they stand in the table."""
    return json.dumps([asdict(attachment) for attachment in item.attachments], ensure_ascii=False)


def channel(row: sqlite3.Row) -> Channel:
    """Read a row of the channels table."""
    values = {field.name: row[field.name] for field in fields(Channel)}
    return Channel(**values | {name: bool(values[name]) for name in ("silent", "buttons", "members", "threads")})


def version(row: sqlite3.Row) -> Version:
    """Read a row of the entries or the revisions table as what messages show of it."""
    return Version(row["headline"], row["author"], row["body"], bool(row["withdrawn"]))


def subscription(row: sqlite3.Row) -> Subscription:
    """Read a row of the subscriptions table."""
    return Subscription(
        id=row["id"],
        channel=row["channel"],
        kind=row["kind"],
        query=row["query"],
        created_by=row["created_by"],
        created_at=db.from_text(row["created_at"]),
        expires_at=db.optional_time(row["expires_at"]),
        urgent=bool(row["urgent"]),
        silent=bool(row["silent"]),
    )


def reason(row: sqlite3.Row) -> Reason:
    """Read a row of the subscriptions table as a reason."""
    return Reason(
        subscription=row["id"],
        kind=row["kind"],
        query=row["query"],
        created_by=row["created_by"],
        created_at=db.from_text(row["created_at"]),
        silent=bool(row["silent"]),
    )


def source(row: sqlite3.Row) -> Source:
    """Read a row of the sources table."""
    options = json.loads(row["options"])
    every = options.pop("every", None)
    return Source(
        slug=row["slug"],
        name=row["name"],
        kind=row["kind"],
        url=row["url"],
        every=None if every is None else timedelta(seconds=every),
        public_only=row["origin"] == "added",
        **options,
    )


def source_options(source: Source) -> str:
    """Write what a source has beyond its own columns; `every` in seconds."""
    options: dict[str, Any] = {
        "timezone": source.timezone,
        "icon": source.icon,
        "emoji": source.emoji,
        "custom_emoji": source.custom_emoji,
        "entry_kind": source.entry_kind,
        "organisation": source.organisation,
        "select": dict(source.select),
    }
    if source.every is not None:
        options["every"] = source.every.total_seconds()
    return json.dumps(options, ensure_ascii=False, sort_keys=True)
