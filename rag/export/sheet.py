"""Answers as rows of a sheet, and sheets as CSV and XLSX files.

A row for each quote, with its source; one without a quote for a question that has no answer. Every
answer is verified against its articles first. Text is text: no cell is ever run as a formula, and
only an address that `rag.export.reference` lets become a link does.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from rag.citation import verified
from rag.export.reference import day_of, one_line, page_in_words, remarks_on, web_address
from rag.text.characters import fit_for_xml
from rag.text.lines import on_one_line
from rag.types import Answer, Article, Citation, Difference
from rag.wording import ENGLISH, Wording

Articles: TypeAlias = Mapping[str, Article]

# What spreadsheet programs run: a cell that begins so, or what stands behind a semicolon, where
# they take that for the end of a cell. The full-width signs count as the plain ones in some.
_RUN = re.compile(r"^(?=\s*[=+\-@＝＋－＠]|[\t\r\n])|(?<=;)(?=[=+\-@＝＋－＠])")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""What Excel would read as the code of a character."""
_LONGEST_CELL = 32_767
_MOST_LINKS, _LONGEST_LINK = 65_530, 2_079
_OLDEST_DAY = datetime.date(1900, 3, 1)
"""Excel knows no earlier day, and takes 1900 for a leap year."""
_WIDTHS = {"question": 40, "answer": 60, "quote": 60, "title": 40, "link": 30, "remarks": 40}


class Row(NamedTuple):
    """One quote of an answer, or an answer without quotes.

    `line` is the line of the question in the file that it came in. `day` is that of publication.
    """

    question: str
    answer: str
    quote: str = ""
    source: str = ""
    title: str = ""
    day: datetime.date | None = None
    page: str = ""
    link: str = ""
    strength: str = ""
    remarks: str = ""
    line: int = 0


def rows_of(answer: Answer, articles: Articles, line: int = 0, say: Wording = ENGLISH) -> list[Row]:
    """Return the rows of an answer, verified against `articles`, in the order of its labels."""
    answer = verified(answer, articles)
    question = one_line(answer.question)
    remarks = " ".join(_remarks(answer, articles, say))
    if answer.status == "unanswered" or not answer.claims:
        text = say("not_found") if answer.status == "unanswered" else say("no_quote")
        return [Row(question, text, remarks=remarks, line=line)]
    strength = say(f"strength_{answer.strength}")
    whole = Row(question, answer.text, strength=strength, remarks=remarks, line=line)
    cited = sorted(answer.citations, key=lambda citation: citation.label)
    return [_row(whole, one, articles[one.article_id], say) for one in cited] or [whole]


def _row(whole: Row, citation: Citation, article: Article, say: Wording) -> Row:
    recognised = page_in_words("", citation.certainty, say)
    return whole._replace(
        quote=on_one_line(citation.quote),
        source=one_line(article.source),
        title=one_line(article.headline),
        day=article.published,
        page=one_line(citation.page),
        link=web_address(article, (citation.start, citation.end)),
        remarks=" ".join(filter(None, (whole.remarks, recognised, *remarks_on(article, say)))),
    )


def _remarks(answer: Answer, articles: Articles, say: Wording) -> Iterator[str]:
    """What the reader of an answer has to know besides."""
    if answer.understood != answer.question:
        yield say("understood", question=one_line(answer.understood))
    if answer.mode == "generated":
        yield say("written_by_model")
    for difference in answer.differences:
        yield _differ(difference, {c.label: c for c in answer.citations}, articles, say)
    yield from map(say.note, answer.notes)
    if answer.dropped:
        yield say("dropped", n=answer.dropped)
    if answer.rejected:
        yield say("left_out", n=len(answer.rejected))


def _differ(
    difference: Difference, cited: Mapping[int, Citation], articles: Articles, say: Wording
) -> str:
    """The accounts that differ, each with who says so, and when."""
    told = []
    for account in difference.accounts:
        citation = cited[account.label]
        article = articles[citation.article_id]
        says = filter(None, (account.speaker, article.source, day_of(article, say)))
        told.append(f"“{one_line(citation.quote[slice(*account.span)])}” ({', '.join(says)})")
    return f"{say('differ')}: {'; '.join(map(one_line, told))}."


def to_csv(rows: Sequence[Row], say: Wording = ENGLISH) -> bytes:
    """Return rows as CSV in UTF-8, with the mark by which Excel knows that, under a header.

    A cell that would be run as a formula begins with an apostrophe.
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(_header(say))
    for row in rows:
        cells = ("" if cell is None else str(cell) for cell in row)
        writer.writerow(_RUN.sub("'", fit_for_xml(cell)) for cell in cells)
    return file.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Sequence[Row], say: Wording = ENGLISH) -> bytes:
    """Return rows as an Excel workbook of one sheet under a header.

    Texts are stored as texts, which no spreadsheet program runs, days as days, links as links.
    """
    # Imported here: only workbooks need it.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.append(_header(say))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    links = 0
    for number, row in enumerate(rows, start=2):
        for column, (name, value) in enumerate(zip(Row._fields, row, strict=True), start=1):
            cell = sheet.cell(number, column)
            cell.alignment = Alignment(vertical="top", wrap_text=name in _WIDTHS)
            _fill(cell, value)
            if name == "link" and 0 < len(row.link) <= _LONGEST_LINK and links < _MOST_LINKS:
                links += 1
                cell.hyperlink = row.link
                cell.font = Font(underline="single", color="0563C1")
    for column, name in enumerate(Row._fields, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(name, 14)
    sheet.freeze_panes = "A2"
    sheet.sheet_view.rightToLeft = say.direction == "rtl"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(cell: Any, value: str | int | datetime.date | None) -> None:
    """Put a value into a cell of a workbook; a text never becomes anything else."""
    if isinstance(value, datetime.date) and value < _OLDEST_DAY:
        value = value.isoformat()
    if isinstance(value, str):
        text = _ESCAPE.sub("_x005F_", fit_for_xml(value))
        if len(text) > _LONGEST_CELL:
            text = f"{text[: _LONGEST_CELL - 1]}…"
        if text:
            cell.value = text
            # Assigning "=1+1" made it a formula; and it stays a text when somebody edits the cell.
            cell.data_type = "s"
            cell.quotePrefix = bool(_RUN.match(text))
    else:
        cell.value = value
        if isinstance(value, datetime.date):
            cell.number_format = "yyyy-mm-dd"


def _header(say: Wording) -> list[str]:
    return [say(f"sheet_{name}") for name in Row._fields]


SHEETS: Mapping[str, Callable[[Sequence[Row], Wording], bytes]] = {
    ".csv": to_csv,
    ".xlsx": to_xlsx,
}
"""What writes a sheet, by the ending of its file."""
