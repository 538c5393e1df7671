"""PhiWire Bot: political news from the wire into the chat."""

__version__ = "0.1.0"
