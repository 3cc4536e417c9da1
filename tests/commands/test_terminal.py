"""Lists of articles, quotes and reports on a terminal."""

from __future__ import annotations

from lists import listed

from rag.citation import LISTED, cite
from rag.commands.terminal import Page, print_hits, print_report
from rag.ingest.report import Count, FileReport, Report
from rag.types import Answer, Article, Claim, Hit, Passage
from rag.types import Page as Leaf


class Held:
    """What a page needs of an archive."""

    writes = False

    def __init__(self, articles):
        self.article = articles.__getitem__


def test_all_articles_are_printed_after_those_that_are_quoted(capsys):
    answer, articles = listed(12)
    Page(Held(articles)).end(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("12 articles of 30,000 contain “Mara Dolin” in title or text.")
    assert "[2] Ann Lee, “Day <1>”" in printed
    assert "3. Ann Lee, “Day <2>”" in printed
    assert "12. Ann Lee, “Day <11>”" in printed


def test_of_very_many_it_says_how_to_get_the_others(capsys):
    answer, articles = listed(LISTED + 7)
    Page(Held(articles)).end(answer)
    assert "… and 7 more: --json names them all." in capsys.readouterr().out


def test_quotes_and_passages_name_their_page(capsys):
    text = "The river rose. It fell again."
    article = Article(text, "River", "a", pages=(Leaf(1, 0, label="iv"), Leaf(2, 16, 0.9)))
    citation = cite(article, (16, len(text)), 1)
    claims = (Claim(citation.quote, (1,)),)
    answer = Answer("?", "?", citation.quote, "answered", citations=(citation,), claims=claims)
    Page(Held({"a": article})).end(answer)
    said = "[1] “River”, undated, page 2, text recognised from a scan, 90% sure\n"
    assert said in capsys.readouterr().out
    print_hits(Held({"a": article}), [Hit(Passage("a", 0, 15, text[:15]), 1, 1, 1)])
    assert capsys.readouterr().out.startswith("1. “River”, undated, page iv\n")


def test_a_correction_is_said_with_the_quote(capsys):
    text = "The river rose.\nCorrection: It was the lake."
    article = Article(text, "River", "a")
    citation = cite(article, (0, 15), 1)
    claims = (Claim(citation.quote, (1,)),)
    answer = Answer("?", "?", citation.quote, "answered", citations=(citation,), claims=claims)
    Page(Held({"a": article})).end(answer)
    said = "    The article says that it was corrected: “Correction: It was the lake.”\n"
    assert said in capsys.readouterr().out


def test_a_report_is_short_where_an_index_tells_the_rest(capsys):
    report = Report(
        1, 30, 0,
        (Count("csv", "A\nB", 1, 9), *(Count("html", str(n), 2, 5) for n in range(20))),
        tuple(FileReport(f"{n:02}.txt", ("a",) * 5, ("b",)) for n in range(30)),
    )  # fmt: skip
    print_report(report, "i")
    short = capsys.readouterr().out
    assert "Read 41 articles of 109 characters from 1 of 31 files." in short
    assert "A B" in short
    assert "…         9 more" in short
    assert short.count(".txt: a\n") == 20 * 3
    assert "  00.txt: … and 2 more\n" in short
    assert "  … and 10 more files: byline info --failed --index i\n" in short
    print_report(report)
    whole = capsys.readouterr().out
    assert whole.count(".txt: a\n") == 30 * 5
    assert whole.count(".txt: b\n") == 30
    assert "more" not in whole
    print_report(Report(1, 0, 0, (Count("text", "", 1, 5),)))
    assert "Left out" not in capsys.readouterr().out
