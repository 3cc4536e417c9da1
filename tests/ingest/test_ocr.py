"""Scanned pages and pictures of text: said to be such, recognised, and how sure that is."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pytest
from fpdf import FPDF
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import BANK, BRIDGE, RELIEF, RIVER
from PIL import Image, ImageDraw, ImageFont
from reading import articles_in, generated, holds, reasons_in, remarks_in

from rag.ingest import UPLOADS, Budget, read_articles
from rag.ingest.failure import Failure, Remark
from rag.ingest.formats import read
from rag.ingest.ocr import engines as ocr
from rag.ingest.ocr.engines import recognise
from rag.ingest.ocr.pages import named
from rag.ingest.ocr.reading_order import Line, in_order
from rag.ingest.source import Source
from rag.types import Article, Page

FONT = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSerif.ttf"
REAL = pytest.mark.models
"""Recognises a page for real, which takes some seconds."""


def picture(*columns: Sequence[str], head: str = "", size: int = 30) -> Image.Image:
    """A scanned page: paragraphs in columns under a headline."""
    image = Image.new("L", (1240, 1000), 255)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, size)
    if head:
        draw.text((80, 60), head, font=ImageFont.truetype(FONT, 2 * size), fill=0)
    for number, column in enumerate(columns):
        text = "\n\n".join(wrapped(one, 60 // len(columns)) for one in column)
        place = (80 + number * 1120 // len(columns), 180)
        draw.multiline_text(place, text, font=font, fill=0, spacing=size // 3)
    return image


def wrapped(text: str, width: int) -> str:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def packed(image: Image.Image, form: str = "PNG") -> bytes:
    data = io.BytesIO()
    image.save(data, form)
    return data.getvalue()


def document(*pages: Image.Image | str) -> bytes:
    """A PDF of pages with text, and of scanned ones."""
    pdf = FPDF()
    for page in pages:
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        if isinstance(page, str):
            pdf.multi_cell(0, 6, page)
        else:
            pdf.image(page, x=0, y=0, w=pdf.w)
    return bytes(pdf.output())


def words(text: str) -> list[str]:
    return text.replace("\n", " ").split()


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that recognises text is installed."""
    monkeypatch.setattr("rag.ingest.pdf.engines", tuple)
    monkeypatch.setattr("rag.ingest.image.engines", tuple)


# --- what is said of a scan -----------------------------------------------------------------


@pytest.mark.usefixtures("without")
def test_a_scan_is_said_to_be_one_with_the_remedy() -> None:
    (reason,) = reasons_in(document(picture([RIVER]), picture([RELIEF])))
    assert reason.startswith("no text: it is a scan, 2 pages that are pictures; run OCR")
    assert "pip install 'byline[ocr]'" in reason
    (reason,) = reasons_in(packed(picture([RIVER]), "JPEG"))
    assert reason.startswith("a picture (JPEG): recognise its text first")


@pytest.mark.usefixtures("without")
def test_scanned_pages_among_others_are_named() -> None:
    data = document(RIVER, picture([RELIEF]), picture([RELIEF]), BRIDGE, "", picture([BANK]))
    (article,) = articles_in(data)
    assert words(article.text) == words(f"{RIVER} {BRIDGE}")
    assert len(article.pages) == 6
    (reason,) = reasons_in(data)
    assert reason.startswith("pages that are pictures, and are not read: 2–3, 6; run OCR")


@pytest.mark.usefixtures("without")
def test_a_logo_and_a_frame_are_no_scan() -> None:
    pdf = FPDF()
    for text in (RIVER, "The Daily Example", ""):
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        pdf.multi_cell(0, 6, text)
        pdf.image(Image.new("L", (300, 200), 128), x=10, y=200, w=40)
        pdf.rect(5, 5, 200, 287)
    data = bytes(pdf.output())
    assert reasons_in(data) == []


# --- recognised for real --------------------------------------------------------------------


@REAL
def test_a_scan_is_read_with_its_certainty() -> None:
    data = document(picture([RIVER, RELIEF]), picture([BRIDGE]))
    (article,) = articles_in(data)
    assert words(article.text) == words(f"{RIVER} {RELIEF} {BRIDGE}")
    assert article.text.count("\n\n") >= 1
    assert [page.number for page in article.pages] == [1, 2]
    assert all(page.certainty and page.certainty > 0.9 for page in article.pages)
    assert article.text[article.pages[1].start :].startswith("The provincial governor")
    (remark,) = remarks_in(data)
    assert remark.startswith("text recognised from pictures of pages: 1–2 (9")


@REAL
def test_of_a_mixed_document_only_the_pictures_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(document(RIVER, picture([RELIEF]), BRIDGE))
    told: list[tuple[str, int, int]] = []
    reader = read_articles(tmp_path, progress=lambda *step: told.append(step))
    (article,) = reader
    assert words(article.text) == words(f"{RIVER} {RELIEF} {BRIDGE}")
    sure = [page.certainty for page in article.pages]
    assert (sure[0], sure[2]) == (None, None)
    assert (sure[1] or 0) > 0.9
    assert ("recognising pages", 1, 1) in told
    assert reader.failures == []
    assert [remark.file for remark in reader.remarks] == ["a.pdf"]


@REAL
@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_the_picture_of_a_clipping_is_read(form: str) -> None:
    (article,) = articles_in(packed(picture([RIVER], [BRIDGE], head="River rises"), form))
    assert words(article.text) == words(f"River rises {RIVER} {BRIDGE}")
    assert article.format == "image"
    ((number, start, certainty, _),) = [
        (page.number, page.start, page.certainty, page.label) for page in article.pages
    ]
    assert (number, start) == (1, 0)
    assert (certainty or 0) > 0.9


@REAL
def test_each_frame_of_a_tiff_is_a_page() -> None:
    data = io.BytesIO()
    picture([RIVER]).save(data, "TIFF", save_all=True, append_images=[picture([BRIDGE])])
    (article,) = articles_in(data.getvalue())
    assert words(article.text) == words(f"{RIVER} {BRIDGE}")
    assert article.text[article.pages[1].start :].startswith("The provincial")


@REAL
def test_a_picture_without_text_is_no_article() -> None:
    image = Image.effect_noise((400, 300), 60)
    assert reasons_in(packed(image)) == [
        "a picture in which no text of an article can be recognised"
    ]
    assert reasons_in(document(image)) == [
        "no text: none is recognised in the pictures of its pages either"
    ]


@REAL
@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not installed")
def test_tesseract_reads_where_it_is_installed() -> None:
    engine = ocr.engines()[-1]
    found = recognise(picture([RIVER], [BRIDGE], head="River rises").convert("RGB"), [engine])
    assert words(found.text) == words(f"River rises {RIVER} {BRIDGE}")
    assert 0.8 < found.certainty <= 1


# --- engines --------------------------------------------------------------------------------

WHITE = Image.new("RGB", (9, 9))


def told(text: str, certainty: float) -> Line:
    return Line(text, certainty, 0, 0, 100, 10)


def test_the_next_engine_is_asked_only_where_the_first_is_unsure() -> None:
    def never(_: Image.Image) -> list[Line]:
        raise AssertionError

    assert recognise(WHITE, [lambda _: [told(RIVER, 0.9)], never]) == (RIVER, 0.9)
    engines = [lambda _: [told(RELIEF, 0.6)], lambda _: [told(RELIEF, 0.7)]]
    assert recognise(WHITE, engines) == (RELIEF, 0.7)
    assert recognise(WHITE, engines[::-1]) == (RELIEF, 0.7)
    assert recognise(WHITE, [lambda _: []]) == ("", 0.0)


def test_an_engine_that_fails_breaks_no_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def failing(_: Image.Image) -> list[Line]:
        raise ImportError("no libX.so")

    monkeypatch.setattr(ocr, "engines", lambda: (failing,))
    failed = "its text cannot be recognised (no libX.so)"
    assert reasons_in(packed(picture([RIVER])))[0].startswith(failed)
    (tmp_path / "a.pdf").write_bytes(document(picture([RIVER])))
    reader = read_articles(tmp_path)
    assert list(reader) == []
    assert str(reader.failures[0].reason).startswith(failed)
    data = document(RIVER, picture([RELIEF]), picture([RELIEF]))
    assert [reason[:50] for reason in reasons_in(data)] == [
        f"page {n}: {failed}"[:50] for n in (2, 3)
    ]
    assert [article.text for article in articles_in(data)] == [RIVER]


def test_an_engine_that_does_not_know_a_script_is_no_sure_one() -> None:
    engines = [lambda _: [told("-", 0.99)], lambda _: [told(RIVER, 0.6)]]
    assert recognise(WHITE, engines) == (RIVER, 0.6)


def test_a_picture_in_which_nothing_is_recognised_is_remarked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ocr, "engines", lambda: (lambda _: [told("-", 0.99)],))
    data = document(RIVER, picture([RELIEF]), BRIDGE)
    assert remarks_in(data) == ["pages that are pictures in which no text is recognised: 2"]
    assert reasons_in(data) == []


def test_what_is_no_text_makes_a_page_less_sure() -> None:
    lines = [told("river", 0.9), Line("#+#+#", 0.1, 0, 50, 100, 60)]
    found = recognise(WHITE, [lambda _: lines])
    assert (found.text, found.certainty) == ("river", pytest.approx(0.5))


def test_a_page_of_which_recognition_is_unsure_is_remarked(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [told(RIVER, 0.95), Line(BRIDGE, 0.55, 0, 50, 100, 60)]
    monkeypatch.setattr(ocr, "engines", lambda: (lambda _: lines,))
    found = list(read(Source("a.pdf", document(picture([RIVER])), Budget(UPLOADS))))
    remarks = [str(one.text) for one in found if isinstance(one, Remark)]
    assert remarks[0] == "text recognised from pictures of pages: 1 (75% sure)"
    assert remarks[1].startswith("pages whose text was recognised with little certainty (from 75%")
    (article,) = [one for one in found if isinstance(one, Article)]
    assert article.pages == (Page(1, 0, pytest.approx(0.75, abs=0.01)),)


def test_recognition_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "engines", lambda: (lambda _: [told(RIVER, 1.0)],))
    pages = [picture([RIVER])] * 4
    monkeypatch.setattr("rag.ingest.pdf._texts", lambda *_: [""] * 4)
    late = iter([False, False, True])
    monkeypatch.setattr(Budget, "late", lambda _: next(late))
    found = list(read(Source("a.pdf", document(*pages), Budget(UPLOADS))))
    (failure,) = [one for one in found if isinstance(one, Failure)]
    assert str(failure.reason).endswith("pages that are pictures, and are not read: 3–4")
    (article,) = [one for one in found if isinstance(one, Article)]
    assert [page.certainty for page in article.pages] == [1.0, 1.0, None, None]


# --- damaged --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_a_damaged_picture_is_a_failure(form: str) -> None:
    data = packed(picture([RIVER]), form)
    for damaged in (data[:20], data[: len(data) // 2]):
        (reason,) = reasons_in(damaged)
        assert reason.startswith((f"a picture ({form}) that is broken", "a picture in which no"))


def test_a_picture_over_the_bound_is_refused_before_it_is_unpacked() -> None:
    for side in (11_000, 14_000):
        (reason,) = reasons_in(packed(Image.new("1", (side, side))))
        assert reason.startswith("a picture of more than 100 million pixels, the bound")


@generated
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*"]), st.binary()
)
def test_any_picture_is_read_or_refused(start: bytes, rest: bytes) -> None:
    holds(start + rest)


# --- reading order --------------------------------------------------------------------------


def lines(text: str, left: float, top: float, width: float = 400) -> list[Line]:
    return [
        Line(line, 1.0, left, top + 30 * number, left + width, top + 30 * number + 20)
        for number, line in enumerate(text.split())
    ]


def test_columns_are_read_one_after_the_other() -> None:
    page = [
        Line("Headline", 1.0, 0, 0, 900, 40),
        *lines("a1 a2 a3 a4 a5", 0, 60),
        *lines("b1 b2 b3 b4", 450, 75),
        Line("Caption", 1.0, 0, 240, 900, 260),
        *lines("c1 c2 c3", 0, 280, 250),
        *lines("d1 d2 d3", 300, 280, 250),
        *lines("e1 e2 e3", 600, 280, 250),
    ]
    said = "Headline a1 a2 a3 a4 a5 b1 b2 b3 b4 Caption c1 c2 c3 d1 d2 d3 e1 e2 e3"
    for number in range(7):
        assert in_order(page[number:] + page[:number]).split() == said.split()


def test_the_parts_of_a_row_are_joined_and_white_space_ends_a_paragraph() -> None:
    page = [
        *lines("one two three", 0, 0, 900),
        Line("left", 1.0, 0, 90, 200, 110),
        Line("right", 1.0, 210, 92, 900, 112),
        *lines("apart", 0, 170, 900),
    ]
    assert in_order(page) == "one\ntwo\nthree\nleft right\n\napart"
    assert in_order([]) == ""


@generated
@given(
    st.lists(
        st.tuples(*[st.integers(0, 500)] * 2, *[st.integers(1, 500)] * 2).map(
            lambda box: Line("x", 1.0, box[0], box[1], box[0] + box[2], box[1] + box[3])
        ),
        max_size=20,
    )
)
def test_no_line_is_lost(page: list[Line]) -> None:
    assert in_order(page).split() == ["x"] * len(page)


@pytest.mark.parametrize("width", [400, 900], ids=["columns", "one column"])
def test_a_page_of_many_lines_takes_little_more_time(width: int) -> None:
    def page(n: int) -> list[Line]:
        text = " ".join(["x"] * n)
        return lines(text, 0, 0, width) + lines(text, 450, 0, width)

    assert growth(in_order, page, 800) < LINEAR


def test_pages_are_named_as_one_writes_them() -> None:
    assert named([3, 1, 4, 5, 9]) == "1, 3–5, 9"
    assert named(range(1, 99, 2)).endswith("23, …")
