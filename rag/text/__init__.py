"""English on the page, without an index or a model: sentences, stems, names, dates, quantities."""
