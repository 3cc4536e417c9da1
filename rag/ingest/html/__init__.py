"""Read HTML: the article of a page, and the text of a fragment."""
