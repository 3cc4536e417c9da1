"""The text of HTML as a browser shows it."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from reading import generated

from rag.ingest.encoding import unfit
from rag.ingest.html.text import html_to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        (" \n", ""),
        ("<!-- nothing -->", ""),
        ("a < b and 3 > 2", "a < b and 3 > 2"),
        ("The pier &amp; the quay", "The pier & the quay"),
        ("<p>The <b>old</b>\n   <i>ferry</i> pier</p>closes", "The old ferry pier\ncloses"),
        ("7 to 2<br>in <br/> favour", "7 to 2\nin\nfavour"),
        ("<ul><li>one<li>two</ul>three", "one\ntwo\nthree"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
        ("<pre>first\n  second</pre>", "first\nsecond"),
        ("10\N{NO-BREAK SPACE}km", "10\N{NO-BREAK SPACE}km"),
        ("<style>p {}</style><script>x()</script>b<p hidden>a</p>", "b"),
        ("b<p style='Display : none'>c</p>", "b"),
        ("<!DOCTYPE html><html><head><title>a</title></head><body>b</body></html>", "b"),
        (
            "<table><tr><th>Region<th>Votes<tr><td>North</td> <td> 12 </td></table>",
            "Region\tVotes\nNorth\t12",
        ),
        ("<table><tr><td><a>Home</a><td><p>One.<p>Two.</table>", "Home\nOne.\nTwo."),
        ("<table><tr><td>One.<br><br>Two.</table>", "One.\nTwo."),
    ],
)  # fmt: skip
def test_a_line_for_each_block(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


PIECES = st.sampled_from(
    ["<p>", "</p>", "<div ", "hidden", ' a="', ">", "<pre>", "\n", "<table>", "<tr>", "</tr>",
     "<td>", "<br>", "<script>", "</table>", "<svg>", "<!--", "-->", "&#0;", "&#xD800;", "text"]
)  # fmt: skip


@generated
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_markup_has_a_text(markup: str) -> None:
    text = html_to_text(markup)
    assert unfit(text) is None
    assert all(line == line.strip(" \t") != "" for line in text.split("\n") if text)


@pytest.mark.parametrize("markup", ["<p>x", "<div>", "<tr><td>x", "x\n", "<br>", "</p>", "<b>x"])
def test_it_takes_linear_time(markup: str) -> None:
    assert growth(html_to_text, lambda n: markup * n, 5000) < LINEAR
