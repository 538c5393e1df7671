"""What a bench prints."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A figure with its goal, such as "<= 2"; empty where there is none."""

    name: str
    value: float
    unit: str
    goal: str = ""
