"""Passages for a question, from the opened index."""
