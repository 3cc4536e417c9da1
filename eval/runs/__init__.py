"""Saved runs: their folders, comparisons and reports."""
