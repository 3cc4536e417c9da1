"""A saved page of plain text, split into the articles that it holds."""
