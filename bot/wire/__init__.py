"""What is new on the wire, and when to look again."""
