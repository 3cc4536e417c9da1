"""Measures of Byline, run from a checkout: `python -m eval --help`."""
