"""Exports of news databases: one file of many documents, each with its fields.

A document is recognised by what the database repeats around each of them, a marker or a block of
labels, in any of the languages that the database speaks.
"""
