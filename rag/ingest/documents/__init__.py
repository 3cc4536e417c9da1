"""Readers of documents that are no web pages: of office programs, e-books and subtitles."""
