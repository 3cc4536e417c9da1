"""Scores of the project's own gold questions."""
