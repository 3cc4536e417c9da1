"""Averages, intervals and tests that every measure shares; they know nothing of runs."""
