"""The delivery's diagram under any interleaving: nothing is lost, nothing is sent twice without a doubt."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from bot import channels, db, erasure, schema
from bot.filters import store as filters
from bot.filters.matcher import Matcher
from bot.model import Channel, Delivery, Item, Source
from bot.outbox import policy, store
from bot.outcomes import Ambiguous, Gone, Moved, Outcome, Rejected, Sent, Throttled, Unavailable
from bot.wire import source_store
from bot.wire import store as wire
from bot.wire.entry_store import Arrival

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = Source("wire", "The Wire", "phiwire", "https://example.org")
PLATFORM = "telegram"
# What a platform says without having taken the message.
REFUSALS: list[Outcome] = [
    Throttled(7),
    Unavailable("down", "token"),
    Unavailable("not in channel"),
    Rejected("no"),
    Gone("blocked"),
    Gone("not found", sure=False),
]
ENDED = ("sent", "failed", "expired")


class DeliveryMachine(RuleBasedStateMachine):
    """An outbox, the platform that really took messages, and everything that may happen to either."""

    claimed = Bundle("claimed")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.connection = db.connect(Path(self.folder.name) / "machine.db")
        schema.migrate(self.connection)
        # Power cuts are the crash suite's; here thousands of steps are to be quick.
        self.connection.execute("PRAGMA synchronous = OFF")
        self.now = NOON
        self.published = 0
        self.headlines: dict[int, str] = {}
        self.addresses = 0
        self.taken: Counter[tuple[int, int]] = Counter()
        self.doubtful: set[tuple[int, int]] = set()
        self.matcher = Matcher()

    def teardown(self) -> None:
        """Close the file."""
        self.connection.close()
        self.folder.cleanup()

    def write(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        """Begin a transaction, as every write of the bot is one."""
        return db.transaction(self.connection)

    @initialize()
    def begin(self) -> None:
        """Have two chats that want everything, one of them some of it at once, and a source that was read."""
        with self.write():
            source_store.put_source(self.connection, WIRE, "file")
            wire.commit_poll(self.connection, WIRE, self.now, self.now)
            for _ in range(2):
                self.new_channel()

    def new_channel(self) -> Channel:
        """Make a chat that wants everything, and ferries urgently."""
        self.addresses += 1
        channel = channels.ensure(self.connection, PLATFORM, str(self.addresses), "", "", "Europe/London", self.now)
        filters.add(self.connection, channel.id, "match", "kind:wire", "Ada", self.now)
        filters.add(self.connection, channel.id, "match", "ferry", "Ada", self.now, urgent=True)
        return channel

    @rule(count=st.integers(1, 13), word=st.sampled_from(["harbour", "ferry"]))
    def publish(self, count: int, word: str) -> None:
        """Bring news, one or a burst."""
        items = [
            Item(
                f"k{self.published + n}",
                "wire",
                f"{word} {self.published + n}",
                url=f"https://e.org/{self.published + n}",
            )
            for n in range(1, count + 1)
        ]
        self.published += count
        with self.write():
            wire.commit_poll(self.connection, WIRE, self.now, self.now, new=[Arrival(item, item) for item in items])
            while self.matcher.match(self.connection, self.now).more:
                pass

    @rule(number=st.integers(1, 20), word=st.sampled_from(["closes", "sinks", "sails"]))
    def correct(self, number: int, word: str) -> None:
        """Correct a headline."""
        row = self.connection.execute("SELECT * FROM entries WHERE id = ?", (number,)).fetchone()
        if row is not None:
            item = Item(row["key"], "wire", f"{row['headline'].split(' and ')[0]} and {word}", url=row["url"])
            with self.write():
                wire.commit_poll(self.connection, WIRE, self.now, self.now, changed=[(number, Arrival(item, item))])

    @rule(target=claimed, limit=st.integers(1, 5))
    def claim(self, limit: int) -> object:
        """Take what is due, as the sender does."""
        with self.write():
            found = store.claim(self.connection, PLATFORM, self.now, limit)
        by_address = Counter(delivery.channel.address for delivery in found)
        assert all(count == 1 for count in by_address.values())
        return multiple(*found)

    @rule(delivery=consumes(claimed))
    def sent(self, delivery: Delivery) -> None:
        """Have the platform take the message and say so."""
        self.take(delivery)
        self.settle(delivery, Sent(delivery.edits or f"m{delivery.id}"))

    @rule(delivery=consumes(claimed), outcome=st.sampled_from(REFUSALS))
    def refused(self, delivery: Delivery, outcome: Outcome) -> None:
        """Have the platform refuse it, and say why."""
        self.settle(delivery, outcome)

    @rule(delivery=consumes(claimed))
    def moved(self, delivery: Delivery) -> None:
        """Have the group become a supergroup."""
        self.addresses += 1
        self.settle(delivery, Moved(str(self.addresses)))

    @rule(delivery=consumes(claimed), arrived=st.booleans())
    def unanswered(self, delivery: Delivery, arrived: bool) -> None:
        """Give no answer: nobody knows."""
        self.doubt(delivery)
        if arrived:
            self.take(delivery)
        self.settle(delivery, Ambiguous("no answer"))

    @rule(delivery=consumes(claimed), arrived=st.booleans())
    def crashed(self, delivery: Delivery, arrived: bool) -> None:
        """Die before the settle, with all that was claimed."""
        self.doubt(delivery)
        if arrived:
            self.take(delivery)
        for row in self.connection.execute("SELECT entry, channel FROM deliveries WHERE status = 'sending'"):
            self.doubtful.add((row["entry"], row["channel"]))
        with self.write():
            store.recover(self.connection, self.now)

    @rule(minutes=st.sampled_from([0.1, 1, 3, 11, 61, 400]))
    def time_passes(self, minutes: float) -> None:
        """Let leases run out, pauses end, news grow old."""
        for row in self.connection.execute("SELECT entry, channel FROM deliveries WHERE status = 'sending'"):
            self.doubtful.add((row["entry"], row["channel"]))
        self.now += timedelta(minutes=minutes)

    @rule(channel=st.integers(1, 3), minutes=st.sampled_from([None, 5]))
    def pause(self, channel: int, minutes: int | None) -> None:
        """Pause a channel."""
        until = None if minutes is None else self.now + timedelta(minutes=minutes)
        with self.write():
            channels.pause(self.connection, channel, until)

    @rule(channel=st.integers(1, 3))
    def resume(self, channel: int) -> None:
        """Resume a channel."""
        with self.write():
            store.resume(self.connection, channel)

    @rule(address=st.integers(1, 4), returns=st.booleans())
    def leave(self, address: int, returns: bool) -> None:
        """Remove the bot from a chat, or bring it back."""
        with self.write():
            if returns:
                channels.returned(self.connection, PLATFORM, str(address))
            else:
                channels.gone(self.connection, PLATFORM, str(address), "kicked", self.now)

    @rule(old=st.integers(1, 4), new=st.integers(1, 4))
    def migrate(self, old: int, new: int) -> None:
        """Have a chat take another over."""
        with self.write():
            channels.move(self.connection, PLATFORM, str(old), str(new), self.now)

    @rule(channel=st.integers(1, 3))
    def erase(self, channel: int) -> None:
        """Forget a channel, and make a new one."""
        with self.write():
            erasure.erase(self.connection, channel, self.now)
            self.new_channel()

    def take(self, delivery: Delivery) -> None:
        """Have the platform show a message; an edit shows nothing new."""
        if not delivery.edits:
            for entry in delivery.folded or (delivery.entry,):
                self.taken[entry.id, delivery.channel.id] += 1

    def doubt(self, delivery: Delivery) -> None:
        """Note that nobody knows whether a message has arrived."""
        for entry in delivery.folded or (delivery.entry,):
            self.doubtful.add((entry.id, delivery.channel.id))

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Decide and write down, as the sender does."""
        with self.write():
            store.settle(self.connection, delivery, policy.decide(outcome, delivery, self.now, 0.5), self.now)

    @invariant()
    def what_was_taken_once_without_doubt_is_taken_once(self) -> None:
        """Nobody gets a message twice, unless nobody could know."""
        merged = {row["id"] for row in self.connection.execute("SELECT id FROM channels")}
        for (entry, channel), count in self.taken.items():
            if count > 1 and channel in merged:
                assert (entry, channel) in self.doubtful or self.is_folded_with_doubt(entry, channel)

    def is_folded_with_doubt(self, entry: int, channel: int) -> bool:
        """Tell whether an entry shares a message of which nobody could know."""
        leader = self.connection.execute(
            """
            SELECT l.entry FROM deliveries AS d JOIN deliveries AS l ON l.id = d.folded_into
            WHERE d.entry = ? AND d.channel = ?
            """,
            (entry, channel),
        ).fetchone()
        return leader is not None and (leader["entry"], channel) in self.doubtful

    @invariant()
    def rows_are_as_the_diagram_says(self) -> None:
        """No state that has no way out."""
        wrong = self.connection.execute(
            """
            SELECT d.id, d.status, 'folded into nothing' AS how FROM deliveries AS d
            WHERE d.status = 'folded' AND NOT EXISTS (
                SELECT 1 FROM deliveries AS l WHERE l.id = d.folded_into AND l.status IN ('pending', 'sending'))
            UNION ALL
            SELECT id, status, 'sent without a message' FROM deliveries WHERE status = 'sent' AND message_ref = ''
            UNION ALL
            SELECT id, status, 'sending without a lease' FROM deliveries
            WHERE status = 'sending' AND lease_until IS NULL
            UNION ALL
            SELECT id, status, 'a lease without sending' FROM deliveries
            WHERE status <> 'sending' AND lease_until IS NOT NULL
            UNION ALL
            SELECT id, status, 'ended and still to be corrected' FROM deliveries
            WHERE status IN ('sent', 'failed', 'expired') AND revised_at IS NOT NULL
            UNION ALL
            SELECT d.id, d.status, 'waits in a channel that is gone' FROM deliveries AS d
            JOIN channels AS c ON c.id = d.channel WHERE d.status IN ('pending', 'folded') AND c.gone_at IS NOT NULL
                AND d.lease_until IS NULL AND d.attempts = 0
            UNION ALL
            SELECT id, '', 'more left out than there were' FROM channels
            WHERE left_out < 0 OR left_among < left_out
            """
        ).fetchall()
        assert [tuple(row) for row in wrong] == []

    @rule()
    def drain(self) -> None:
        """End all pauses and have everything taken: then nothing waits, and what was sent was taken."""
        with self.write():
            for row in self.connection.execute("SELECT id FROM channels WHERE paused_until IS NOT NULL").fetchall():
                store.resume(self.connection, row["id"])
        for row in self.connection.execute("SELECT entry, channel FROM deliveries WHERE status = 'sending'"):
            self.doubtful.add((row["entry"], row["channel"]))
        for _ in range(2000):
            self.now += timedelta(minutes=1)
            with self.write():
                found = store.claim(self.connection, PLATFORM, self.now, 100)
            for delivery in found:
                self.take(delivery)
                self.settle(delivery, Sent(delivery.edits or f"m{delivery.id}"))
            waiting = self.connection.execute(
                "SELECT count(*) FROM deliveries WHERE status NOT IN ('sent', 'failed', 'expired')"
            ).fetchone()[0]
            if not waiting:
                break
        assert (
            self.connection.execute(
                """
            SELECT d.id, d.status FROM deliveries AS d JOIN channels AS c ON c.id = d.channel
            WHERE d.status NOT IN ('sent', 'failed', 'expired') AND c.gone_at IS NULL
            """
            ).fetchall()
            == []
        )
        for row in self.connection.execute(
            "SELECT entry, channel FROM deliveries WHERE status = 'sent' AND error = ''"
        ).fetchall():
            assert self.taken[row["entry"], row["channel"]] > 0 or self.was_merged(row["channel"])

    def was_merged(self, channel: int) -> bool:
        """Tell whether a channel has taken another over, whose messages are counted elsewhere."""
        row = self.connection.execute(
            "SELECT 1 FROM audit WHERE channel = ? AND action = 'move'", (channel,)
        ).fetchone()
        return row is not None


TestDeliveryMachine = DeliveryMachine.TestCase
TestDeliveryMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
