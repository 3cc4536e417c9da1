"""A list of articles on a terminal."""

from __future__ import annotations

from lists import listed

from rag.citation import LISTED
from rag.terminal import Page


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
