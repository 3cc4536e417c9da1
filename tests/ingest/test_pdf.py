"""PDFs to articles: how lines become paragraphs, which fields are believed, and what is hostile."""

from __future__ import annotations

import itertools
import random
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest
from fpdf import FPDF
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds

from rag.ingest import UPLOADS, Budget, read_articles
from rag.ingest.failure import Unreadable
from rag.ingest.formats import read
from rag.ingest.paragraphs import paragraphs
from rag.ingest.pdf import is_pdf, read_pdf
from rag.ingest.source import Source
from rag.types import Article, Page

QUICK = replace(UPLOADS, seconds=2, nodes=10**9)


class Paper(FPDF):
    """A document with a running head and the number of each page at its foot."""

    def header(self) -> None:
        self.set_font("Helvetica", size=8)
        self.cell(text="The Daily Example", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-15)
        self.cell(text=f"Page {self.page_no()} of 9")


def written(texts: Sequence[str], pdf: FPDF | None = None) -> FPDF:
    """A document with each text as a paragraph, as wide as the page."""
    pdf = pdf or FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    for text in texts:
        pdf.multi_cell(0, 6, text)
        pdf.ln(4)
    return pdf


def read_one(pdf: FPDF) -> Article:
    (found,) = read_pdf(Source("a.pdf", bytes(pdf.output()), Budget(UPLOADS)))
    assert isinstance(found, Article)
    return found


def joined(pages: Sequence[str]) -> str:
    return paragraphs(pages)[0]


def refused(data: bytes) -> str:
    with pytest.raises(Unreadable) as error:
        list(read(Source("a.pdf", data, Budget(QUICK))))
    return str(error.value)


# --- paragraphs ----------------------------------------------------------------------------


def test_wrapped_lines_are_paragraphs_again(tmp_path: Path) -> None:
    first, second = f"{RIVER} {RELIEF}", f"{BRIDGE} {RIVER} {RELIEF}"
    written([first, "What comes next", second, BRIDGE]).output(str(tmp_path / "report.txt"))
    reader = read_articles(tmp_path / "report.txt")
    (article,) = reader
    assert reader.failures == []
    assert article == Article(
        "\n\n".join((first, "What comes next", second, BRIDGE)),
        format="pdf",
        pages=(Page(1, 0),),
        origin="report.txt",
    )


def test_a_sentence_that_runs_over_a_page_stays_whole() -> None:
    texts = [f"{n}. {RIVER} {RELIEF} {BRIDGE}" for n in range(40)]
    pdf = written(texts, Paper())
    assert pdf.pages_count > 3
    assert read_one(pdf).text == "\n\n".join(texts)


def test_two_columns_are_read_one_after_the_other() -> None:
    data = (Path(__file__).parent / "files" / "two-columns.pdf").read_bytes()
    (article,) = read(Source("a.pdf", data, Budget(UPLOADS)))
    assert isinstance(article, Article)
    assert (article.title, article.language) == ("Police search harbour office", "en")
    assert article.pages == (Page(1, 0),)
    paragraphs = unicodedata.normalize("NFKC", article.text).split("\n\n")
    assert [one.split(" ")[0] for one in paragraphs] == [
        "Police", "By", "The", "Police", "The", "Mara", "The",
        "Passengers", "Year", "2020", "2021", "2022",
    ]  # fmt: skip
    assert "the chief of the finance department, Otto Feffer, was questioned" in paragraphs[3]
    assert paragraphs[4].endswith("noticed by an official of the municipal accounting office.")
    assert paragraphs[-2:] == ["2021 305 5", "2022 412 6"]


def test_letters_beyond_latin() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.add_font("D", fname=f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf")
    pdf.set_font("D", size=12)
    text = "Sân bay mới mở cửa – “hôm nay”. Премьер-министр сказал: «Да»."
    pdf.multi_cell(0, 8, text)
    assert read_one(pdf).text == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (
            "The river had risen by two metres\nand more",
            "The river had risen by two metres and more",
        ),
        ("Villages were cut off\nRescuers came", "Villages were cut off Rescuers came"),
        ("A head\nVillages were cut off by it", "A head\n\nVillages were cut off by it"),
        ("Villages were cut off\n\nRescuers came", "Villages were cut off\n\nRescuers came"),
        ("Villages were cut off\n\nby the river", "Villages were cut off by the river"),
        ("The well-\nknown minister spoke", "The well-known minister spoke"),
        ("A meeting of infor-\nmation officers", "A meeting of infor-mation officers"),
        ("A meeting of infor\u00ad\nmation officers", "A meeting of information officers"),
        ("From Monday to Tuesday -\nand on", "From Monday to Tuesday - and on"),
        (
            "They brought rice:\n• some rice\n• water",
            "They brought rice:\n\n• some rice\n\n• water",
        ),
        ("The river had\nrisen  by\ttwo metres ", "The river had risen by two metres"),
        ("\n \nThe river rose\n ", "The river rose"),
        ("", ""),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_the_rule_of_lines(page: str, text: str) -> None:
    assert joined([page]) == text


def test_the_rule_holds_across_pages() -> None:
    assert joined(["The river rose in", "", "three villages"]) == "The river rose in three villages"
    assert joined(["It rose in Kratie", "Rescuers came"]) == "It rose in Kratie Rescuers came"
    assert joined(["Long is this line\nIt rose", "Rescuers came"]).endswith("rose\n\nRescuers came")


def test_heads_and_feet_go_only_where_most_pages_share_them() -> None:
    pages = [f"The Daily Example\n{text}\n{n}" for n, text in enumerate((RIVER, RELIEF, BRIDGE))]
    assert joined(pages) == " ".join((RIVER, RELIEF, BRIDGE))
    assert joined([f"The Daily Example\n{RIVER}\n1"]).startswith("The Daily Example")
    different = ["One head\nx", "Another head\ny", "A third\nz"]
    assert "One head" in joined(different)


@generated
@given(st.lists(st.text(alphabet="aB é-\u00ad•\n.1", max_size=30), max_size=6))
def test_no_letter_is_lost(pages: list[str]) -> None:
    text = joined(pages)
    assert text == text.strip()
    assert "\n\n\n" not in text
    if len(pages) == 1:
        kept = [c for c in "".join(pages) if c.isalnum()]
        assert [c for c in text if c.isalnum()] == kept


# --- pages ---------------------------------------------------------------------------------


@generated
@given(st.lists(st.text(alphabet="aB -\u00ad•\n.1", max_size=30), max_size=6))
def test_pages_start_where_their_lines_do(pages: list[str]) -> None:
    text, starts = paragraphs(pages)
    assert len(starts) == len(pages)
    assert starts == sorted(starts)
    assert all(0 <= start <= len(text) for start in starts)
    assert not any(text[start : start + 1].isspace() for start in starts)


def test_a_page_starts_with_its_first_word() -> None:
    text, starts = paragraphs(["The river rose in infor\u00ad", "", "mation", "Head\n\nIt fell"])
    assert text == "The river rose in information Head\n\nIt fell"
    assert [text[start:][:4] for start in starts] == ["The ", "mati", "mati", "Head"]


def test_a_span_is_on_the_pages_that_it_touches() -> None:
    article = Article("one two three", pages=(Page(1, 0, label="i"), Page(2, 4), Page(3, 4)))
    assert [page.name for page in article.pages_at(0, 3)] == ["i"]
    assert [page.name for page in article.pages_at(2, 6)] == ["i", "3"]
    assert [page.name for page in article.pages_at(8, 13)] == ["3"]
    assert Article("one").pages_at(0, 3) == ()


def test_pages_have_the_names_that_the_document_gives_them() -> None:
    pdf = FPDF()
    for number, text in enumerate((RIVER, RELIEF, BRIDGE, RIVER)):
        written([text], pdf)
        if number == 0:
            pdf.set_page_label(label_style="r")
        if number == 2:
            pdf.set_page_label(label_style="D", label_start=1)
    article = read_one(pdf)
    assert [page.number for page in article.pages] == [1, 2, 3, 4]
    assert [page.label for page in article.pages] == ["i", "ii", "1", "2"]
    start = article.text.index(BRIDGE)
    assert [page.name for page in article.pages_at(start, start + len(BRIDGE))] == ["1"]


# --- fields --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "author", "believed"),
    [
        ("River rises", "Jane Doe", ("River rises", "Jane Doe")),
        ("Untitled", "admin", ("", "")),
        ("Microsoft Word - river_v2.docx", "User1 Office", ("", "")),
        ("river.indd", "jane@example.org", ("", "")),
        ("Document 1", "jdoe", ("", "")),
        ("Báo cáo", "Đạt", ("Báo cáo", "Đạt")),
        ("A\x07 title\n ", "the editors", ("A title", "")),
    ],
)
def test_fields_are_taken_where_they_are_sensible(
    title: str, author: str, believed: tuple[str, str]
) -> None:
    pdf = written([RIVER])
    pdf.set_title(title)
    pdf.set_author(author)
    pdf.set_lang("en-GB")
    article = read_one(pdf)
    assert (article.title, article.author) == believed
    assert article.language == "en-GB"
    assert article.published is None  # The day on which the PDF was made is in it.


# --- failures ------------------------------------------------------------------------------


def raw(contents: bytes, pages: int = 1) -> bytes:
    """A PDF whose pages all show the same contents."""
    packed = zlib.compress(contents, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, b"5 0 R " * pages),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 3 0 R"
        b"/Resources<</Font<</F1 4 0 R>>>>>>",
    ]
    data = b"%PDF-1.4\n"
    starts = []
    for number, content in enumerate(objects, 1):
        starts.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % at for at in starts
    )
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(data)
    return data + table + end


def test_a_plain_document_is_read() -> None:
    (found,) = read(
        Source("a.pdf", raw(b"BT /F1 12 Tf 10 10 Td (The river rose.) Tj ET"), Budget(QUICK))
    )
    assert isinstance(found, Article)
    assert found.text == "The river rose."


SHOW = b"BT /F1 12 Tf 10 10 Td "


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (raw(b"0 0 10 10 re f", 3), "no text: it is a scan, 3 pages that are pictures"),
        (raw(b"x" * 200_000_000), "unpacks to too much"),
        (raw(SHOW + b"(x) Tj " * 400_000 + b"ET", 400), "unpacks to too much"),
        (raw(b"", 501), "501 pages, more than the bound of 500"),
        (b"%PDF-1.4\n", "a broken PDF"),
    ],
    ids=["scan", "bomb", "long-page", "pages", "no-more"],
)
def test_what_cannot_be_read_is_a_failure(
    data: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingest.pdf.engines", tuple)  # Nothing that recognises text.
    assert reason in refused(data)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: b"1 0 obj\n" * n, 50_000),
        (lambda n: b"<<" * n, 500_000),
        (lambda n: b"1 0 obj\n" + b"[" * n + b"\ntrailer<</Root 1 0 R>>", 250_000),
        (lambda n: random.Random(1).randbytes(n), 250_000),
    ],
    ids=["objects", "nested", "arrays", "junk"],
)
def test_a_broken_document_is_refused_in_linear_time(
    make: Callable[[int], bytes], size: int
) -> None:
    def document(n: int) -> bytes:
        return b"%PDF-1.4\n" + make(n)

    assert "a broken PDF" in refused(document(2 * size))
    assert growth(refused, document, size) < LINEAR


@pytest.mark.parametrize(
    ("content", "pages"),
    [(SHOW + b"0 0 Td (x) Tj " * 1000 + b"ET", 1), (b" " * 1000, 100)],
    ids=["operations of a page", "pages"],
)
def test_the_time_is_looked_at_within_a_page_and_between_pages(content: bytes, pages: int) -> None:
    looks = itertools.count()
    budget = Budget(QUICK, clock=lambda: next(looks) / 10)  # A tenth of a second a look.
    with pytest.raises(Unreadable, match="more than 2 seconds"):
        list(read(Source("a.pdf", raw(content, pages), budget)))
    assert next(looks) == 22


def test_the_text_of_a_document_is_bounded() -> None:
    data = bytes(written([RIVER] * 9).output())
    with pytest.raises(Unreadable, match="more than 1,000 characters, the bound"):
        list(read_pdf(Source("a.pdf", data, Budget(replace(UPLOADS, characters=1000)))))


def test_encrypted_documents() -> None:
    pdf = written([RIVER])
    pdf.set_encryption(owner_password="owner", user_password="user")
    assert refused(bytes(pdf.output())) == "encrypted: save it without a password"
    pdf = written([RIVER])
    pdf.set_encryption(owner_password="owner")  # One that opens without a password.
    assert read_one(pdf).text == RIVER


DOCUMENT = bytes(written([RIVER, RELIEF, BRIDGE]).output())


@pytest.fixture(scope="module")
def no_recognition() -> Iterator[None]:
    """Pages that lost their text to an alteration would be drawn and recognised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.ingest.pdf.engines", tuple)
        yield


@generated
@given(cut_or_altered(DOCUMENT))
def test_cut_and_altered_documents(no_recognition: None, data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize("text", [RIVER, "x" * 40], ids=["wrapped", "short lines"])
def test_the_lines_of_pages_are_joined_in_linear_time(text: str) -> None:
    def pages(n: int) -> list[str]:
        return [f"The Daily Example\n{text}\n\n{text}\n{number}" for number in range(n)]

    assert growth(paragraphs, pages, 3_000) < LINEAR


def test_a_document_is_read_in_linear_time() -> None:
    page = SHOW + b"(The river rose by two metres overnight.) Tj 0 -14 Td " * 40 + b"ET"
    assert growth(articles_in, lambda n: raw(page, n), 40) < LINEAR


def test_a_text_that_speaks_of_pdf_is_none() -> None:
    assert is_pdf(b"\n %PDF-1.7")
    assert not is_pdf(b"The mark %PDF-1.7 opens a PDF")
