"""Saved web pages with strings that their text should and should not hold."""
