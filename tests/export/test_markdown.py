"""A conversation in Markdown: what it shows is the text, and nothing of the text is markup."""

from __future__ import annotations

import datetime
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.citation import as_citation
from rag.export.markdown import conversation_markdown, escaped
from rag.text.lines import on_one_line
from rag.types import (
    Absence,
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Passage,
    Rejected,
    Sought,
)
from rag.wording import ENGLISH, note, wording
from rag.wording.visible import visible

DAY = datetime.date(2026, 11, 28)
HOSTILE = {
    "image": "![x](https://evil.example/x.png) ![a][b]",
    "link": "[x](javascript:alert(1)) [a]: https://evil.example",
    "definition": "[1]: https://evil.example \"x\"\n[1]",
    "autolink": "<https://evil.example> <a@evil.example> www.evil.example https://evil.example",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\n<div>\n\n</div>",
    "comment": "<!-- x\n--> <![CDATA[ ]]> <?php ?>",
    "entity": "&lt;b&gt; &#60;i&#62; &amp;amp; &copy;",
    "headings": "# one\n## two\nthree\n===\nfour\n---",
    "lists": "- a\n+ b\n* c\n1. d\n2) e\n123456789. f",
    "code": "`a` ``b`` ```c```\n```\nd\n```\n~~~\ne\n~~~\n    f\n\tg",
    "emphasis": "*a* **b** _c_ __d__ ~~e~~ ==f== ^g^ ~h~",
    "table": "a | b\n--- | ---\nc | d\n:-- | :-:",
    "rules": "***\n---\n___\n* * *",
    "quotes": "> a\n>> b\nc",
    "breaks": "a  \nb\\\nc\\",
    "spaces": "  a \n   \n\n\n\tb\t\n \u00a0c\u00a0\n",
    "backslashes": "\\\\ \\* \\[x](y) \\<b>",
    "math": "$x$ $$y$$ \\(z\\)",
    "footnote": "[^1] [^1]: x",
    "front matter": "---\ntitle: x\n---",
}  # fmt: skip
TAGS = {"h1", "h2", "h3", "p", "em", "strong", "blockquote", "ul", "li", "br", "a"}

any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
marked_text = st.text(
    st.sampled_from(" \n\t\\`*_{}[]()<>#+-.!|~&$=:\"'a1w/@;\r\u00a0"), max_size=40
)
hostile = st.sampled_from(list(HOSTILE.values()))
texts = (any_text | marked_text | hostile).filter(bool)


class Page(HTMLParser):
    """The text of each block quote and paragraph, every tag, and where links lead."""

    def __init__(self, markdown: str, extended: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.blocks: list[str] = []
        self.inside = False
        reader = MarkdownIt("gfm-like" if extended else "commonmark", {"html": True})
        if extended:
            reader.disable("linkify")  # Needs a package more; without it nothing is linkified.
        self.feed(reader.render(markdown))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag in ("p", "h2", "li"):
            self.blocks.append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("p", "h2", "li")

    def handle_data(self, data):
        if self.inside:
            self.blocks[-1] += data

    def handle_comment(self, data):
        raise AssertionError("a comment")

    def handle_decl(self, decl):
        raise AssertionError("a declaration")

    def handle_pi(self, data):
        raise AssertionError("a processing instruction")

    def unknown_decl(self, data):
        raise AssertionError("a section")


def told(quote, **changes):
    article = Article(f"{quote} It rained.", "Rain", "a", "The Post", published=DAY)
    answer = Answer(
        "Who?", "Who?", "", "answered",
        citations=(Citation(1, "a", 0, len(quote), quote),),
        claims=(Claim(quote, (1,)),),
        confidence=1.0,
    )  # fmt: skip
    return replace(answer, **changes), article


def written(answer, article, say=ENGLISH):
    return conversation_markdown([answer], {article.id: article}, DAY, say)


@pytest.mark.parametrize("extended", [False, True], ids=["commonmark", "extended"])
@given(quote=texts)
def test_a_quote_is_shown_character_for_character(extended, quote):
    markdown = written(*told(quote))
    page = Page(markdown, extended)
    shown = next(block for block in page.blocks if block.startswith("“"))
    assert shown == f"“{visible(on_one_line(quote))}” [1]"
    assert set(page.tags) <= TAGS
    assert page.links == []
    start = markdown.index("> “")
    quoted = markdown[start:].split("\n\n")[0]
    assert all(line.startswith("> ") for line in quoted.split("\n"))


@pytest.mark.parametrize("quote", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_quote_in_all_places(quote):
    answer, article = told(
        quote,
        question=quote,
        understood=f"{quote} and",
        notes=(quote,),
        rejected=(Rejected(quote, quote),),
        differences=(
            Difference((Account(1, (0, 1), "rained"), Account(1, (0, len(quote)), "It"))),
        ),
    )
    hostile = replace(article, title=quote, source=quote, author=quote, url=quote)
    for extended in (False, True):
        page = Page(written(answer, hostile), extended)
        assert set(page.tags) <= TAGS
        assert page.links == []
        note = next(block for block in page.blocks if block.startswith("Note:"))
        assert note.split() == ["Note:", *quote.split()]


@given(texts)
def test_a_paragraph_shows_its_text(text):
    # Of control characters at its ends this renderer makes white space, which it takes away.
    for whole in (f"a{text}b", f"\n {text}b\n\n"):
        assert Page(escaped(whole)).blocks == [visible(whole)]


def test_a_document():
    answer, article = told("Police held 312 people.", understood="Who was held?")
    linked = replace(article, url="https://example.org/a_b?c=1&d=2", author="Sok Dara")
    markdown = written(answer, linked)
    page = Page(markdown)
    assert "# Questions to a news archive\n\nMade with Byline on 28 November 2026." in markdown
    assert "Understood as: Who was held?" in page.blocks
    assert page.links == ["https://example.org/a_b?c=1&d=2"]
    assert (
        "[1] Sok Dara, “Rain”, The Post, 28 November 2026, https://example.org/a_b?c=1&d=2. "
        "Characters 0 to 23, as of 28 November 2026." in page.blocks
    )


def test_no_answer_is_said_plainly_with_what_comes_near():
    _, article = told("Rain fell.")
    passage = Passage("a", 0, 10, "Rain fell.")
    looked = Absence(1, 1, 1, near=(as_citation(passage),) * 2, words=(Sought("Rain", 1),))
    answer = Answer("Who?", "Who?", "", "unanswered", absence=looked)
    blocks = Page(written(answer, article)).blocks
    assert "The archive does not hold an answer to: “Who?”" in blocks
    assert "Searched: 1 article · 1 source" in blocks
    assert "In how many articles each word stands, in any of its forms: “Rain” 1" in blocks
    assert "Near the question, but not an answer to it." in blocks
    assert sum("“Rain”, The Post, 28 November 2026" in block for block in blocks) == 1


@pytest.mark.parametrize("language", ["fr", "km", "ur"])
def test_a_document_in_the_readers_language(language):
    say, remark, why = wording(language), note("no_article_fits"), note("not_entailed")
    answer, article = told(
        "Police held 312 people.", confidence=0.0, notes=(remark,), rejected=(Rejected("x", why),)
    )
    text = "\n".join(Page(written(answer, article, say)).blocks)
    assert "“Police held 312 people.” [1]" in text
    for part in (
        say("match_weak"),
        say("left_out", n=1),
        say.day(DAY),
        say.note(remark),
        say.note(why),
    ):
        assert part in text
    for english in (
        "match",
        "left out",
        "November",
        "filters",
        "Characters",
        "Made",
        "Note",
        "follow",
    ):
        assert english not in text


def test_what_is_known_of_an_article_is_said_with_its_quote():
    answer, article = told("Police held 312 people.")
    known = replace(article, section="Crime", language="en", format="html", partial=True)
    text = "\n".join(Page(written(answer, known)).blocks)
    assert "Section: Crime · Language: English · Format: HTML." in text
    assert "Only the opening of this article was on the page." in text
    assert "Only the opening" not in written(answer, article)


def test_a_correction_is_said_with_the_quote():
    answer, article = told("Police held 312 people.")
    corrected = replace(article, text=f"{article.text}\nCorrection: They held 313.")
    text = "\n".join(Page(written(answer, corrected)).blocks)
    assert "The article says that it was corrected: “Correction: They held 313.”" in text


def test_a_written_answer_says_so_and_shows_its_quotes():
    answer, article = told("Police held 312 people.", mode="generated")
    claim = Claim("312 were held.", (1,), "supported")
    page = Page(written(replace(answer, claims=(claim,)), article))
    assert any(block.startswith("Written by a language model") for block in page.blocks)
    assert "312 were held. [1]" in page.blocks
    assert "“Police held 312 people.”" in page.blocks


def test_accounts_that_differ():
    differ = Difference((Account(1, (0, 6), "It"), Account(1, (12, 15))))
    page = Page(written(*told("Police held 312 people.", differences=(differ,))))
    assert any("“312” — The Post" in block for block in page.blocks)
    assert "strong" in page.tags


def test_a_quote_that_fails_is_left_out_and_counted():
    answer, article = told("Police held 312 people.")
    markdown = written(answer, replace(article, text="Police held 27 people. It rained."))
    assert "312" not in markdown
    assert "No quote could be verified, so none is shown." in markdown
    assert "1 quote was left out" in markdown
