"""Servers on local ports that behave as the platforms and the web do, and remember what they were told."""
