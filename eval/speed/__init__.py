"""Byline beside other libraries of retrieval: building an index, and searching it."""
