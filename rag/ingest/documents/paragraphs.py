"""Collect the paragraphs of a document while its elements are walked through. Pure.

A row of a table is a line, with tabs between its cells; where a cell has several paragraphs, the
table is there for the layout, and each is a line.
"""

from __future__ import annotations


class Paragraphs:
    """The lines of a document, in `lines` once all that was opened is closed.

    A paragraph may hold others, as of a text box, which come before it.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._into = [self.lines]
        self._rows: list[list[list[str]]] = []
        self._open: list[list[str]] = []

    def open_paragraph(self) -> None:
        self._open.append([])

    def add(self, text: str) -> None:
        """Add to the innermost paragraph that is open; what stands outside of all is no text."""
        if self._open:
            self._open[-1].append(text)

    def close_paragraph(self) -> str:
        """End a paragraph and return it."""
        line = "".join(self._open.pop()).strip()
        self._into[-1].append(line)
        return line

    def open_row(self) -> None:
        self._rows.append([])

    def close_row(self) -> None:
        cells = [[line for line in cell if line] for cell in self._rows.pop()]
        if any(len(cell) > 1 or "\n" in "".join(cell) for cell in cells):
            self._into[-1].extend(line for cell in cells for line in cell)
        else:
            self._into[-1].append("\t".join(line for cell in cells for line in cell))

    def open_cell(self) -> None:
        self._into.append([])

    def close_cell(self) -> None:
        cell = self._into.pop()
        if self._rows:
            self._rows[-1].append(cell)
        else:
            self._into[-1].extend(cell)
