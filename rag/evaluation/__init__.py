"""Scores of retrieval and of quoted answers of any system: formats, measures, reports."""
