"""Conversations to draw. A new one is a function of a few lines here, an entry in `catalogue.py`, a place in docs/."""
