"""What people type, and what they get back, the same on every platform."""
