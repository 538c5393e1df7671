"""Who wants which entry, and why."""
