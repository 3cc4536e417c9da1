"""Saved runs: what is run over which index, and how its rows are written, read and tabulated."""
