"""Answers that a chat model writes: prompted, and verified against the passages."""
