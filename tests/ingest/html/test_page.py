"""HTML pages to articles: what is text, what the page declares, and what is hostile."""

from __future__ import annotations

import datetime
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, generated, holds, remarks_in

from rag.ingest import UPLOADS, Budget, read_articles
from rag.ingest.failure import Failure, Unreadable
from rag.ingest.formats import read
from rag.ingest.html.page import is_html, read_html
from rag.ingest.source import Source
from rag.types import Article

BODY = f"<article><p>{RIVER}</p><p>{RELIEF}</p><p>{BRIDGE}</p></article>"

MESSY = f"""<!DOCTYPE html>
<!-- saved from url=(0030)https://example.org/news/river -->
<html lang="en-GB"><head><meta charset="utf-8">
<title>River rises, three villages cut off | The Daily Example</title>
<meta property="og:site_name" content="The Daily Example">
<meta property="og:title" content="River rises, three villages cut off">
<meta property="article:published_time" content="2024-05-03T23:30:00+07:00">
<meta property="article:modified_time" content="2024-05-09T08:00:00+07:00">
<link rel="canonical" href="https://example.org/news/river">
<script>var ad = "<p>{"Buy now, and pay much later. " * 9}</p>";</script>
<style>p {{ color: red }}</style></head><body>
<div id="cookie-banner" class="cookie-consent"><p>We use cookies to show you what you like.</p>
<button>Accept all</button></div>
<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>
<main><article><h1>River rises, three villages cut off</h1>
<p class="byline">By <a rel="author" class="author" href="/jane">Jane Doe</a></p>
<p>{RIVER}</p><div class="advertisement">Advertisement</div><p>{RELIEF}</p>
<h2>What comes next</h2><p>{BRIDGE}</p><blockquote>“We lost everything,” said one farmer of
Kratie’s eastern bank, who had come to the school with his family.</blockquote></article></main>
<aside class="related-articles"><h3>Related articles</h3>
<ul><li><a href="/bank">Bank shares fall after wide loss</a></li></ul></aside>
<footer><p>© 2019 The Daily Example. All rights reserved.</p></footer></body></html>"""


def page(head: str = "", body: str = BODY, lang: str = "") -> str:
    return f"<!DOCTYPE html><html{lang and f' lang={lang}'}><head>{head}</head><body>{body}</body>"


def attributes(n: int) -> str:
    """A tag of n attributes."""
    return f"<p {' '.join(f'a{i}=1' for i in range(n))}>x"


def read_one(source: str | bytes) -> tuple[Article, list[str]]:
    data = source if isinstance(source, bytes) else source.encode()
    found = list(read_html(Source("page.html", data, Budget(UPLOADS))))
    articles = [one for one in found if isinstance(one, Article)]
    assert len(articles) == 1
    return articles[0], [one.reason for one in found if isinstance(one, Failure)]


def refused(source: str | bytes) -> str:
    data = source if isinstance(source, bytes) else source.encode()
    with pytest.raises(Unreadable) as error:
        list(read(Source("page.html", data, Budget(UPLOADS))))
    return str(error.value)


def test_messy_news_page(tmp_path: Path) -> None:
    (tmp_path / "river.txt").write_text(MESSY)
    reader = read_articles(tmp_path / "river.txt")
    (article,) = reader
    assert reader.failures == []
    assert article == Article(
        article.text,
        title="River rises, three villages cut off",
        source="The Daily Example",
        author="Jane Doe",
        published=datetime.date(2024, 5, 3),
        url="https://example.org/news/river",
        language="en-GB",
        format="html",
        origin="river.txt",
    )
    assert article.text.split("\n")[:4] == [RIVER, RELIEF, "What comes next", BRIDGE]
    assert "“We lost everything,” said one farmer" in article.text
    for leftover in ("cookies", "Home", "Bank shares", "©", "Buy now", "Advertisement", "<", "By "):
        assert leftover not in article.text


def test_the_title_is_no_line_of_the_text() -> None:
    article, _ = read_one(page("<title>The river rises</title>", f"<h1>The river rises</h1>{BODY}"))
    assert article.title == "The river rises"
    assert article.text == f"{RIVER}\n{RELIEF}\n{BRIDGE}"


# --- dates ---------------------------------------------------------------------------------

MAY = datetime.date(2024, 5, 3)
NEWS = '{"@type": "NewsArticle", "datePublished": "20240503T100000+0700"}'
LINKED = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta name="pubdate" content="3 May 2024">', MAY),
        ('<meta itemprop="datePublished" content="2024-05-03">', MAY),
        ('<meta property="article:published_time" content="2024-05-03T23:59:00-05:00">', MAY),
        (LINKED.format('{"@type": "NewsArticle", "datePublished": "2024-05-03T10:00:00Z"}'), MAY),
        (
            LINKED.format('{"@graph": [{"@type": ["Article"], "datePublished": "2024-05-03"}]}'),
            MAY,
        ),
        (LINKED.format(f'{{"@type": "WebPage", "mainEntity": {NEWS}}}'), MAY),
        (LINKED.format(f'{{"@type": "WebPage", "hasPart": {NEWS}}}'), None),
        (LINKED.format(f"[[{NEWS}]]"), MAY),
        (LINKED.format('{"@type": "WebSite", "datePublished": "2019-01-01"}'), None),
        (LINKED.format('{"@type": "NewsArticle", "dateModified": "2019-01-01"}'), None),
        (
            LINKED.format(
                '[{"@type": "Article", "datePublished": "2019-01-01"},'
                ' {"@type": "Article", "datePublished": "2020-01-01"}]'
            ),
            None,
        ),
        (LINKED.format("[" * 100_000), None),
        ('<meta name="copyright" content="2019">', None),
        ('<meta property="article:modified_time" content="2019-02-03">', None),
        ("<!-- built 2019-02-03 -->", None),
        ('<link rel="canonical" href="https://example.org/2019/02/03/river">', None),
    ],
    ids=lambda value: str(value)[:48],
)
def test_the_date_is_the_declared_day_of_publication(
    head: str, published: datetime.date | None
) -> None:
    article, reasons = read_one(page(head))
    assert (article.published, reasons) == (published, [])


@pytest.mark.parametrize(
    "body",
    [
        f"{BODY}<footer>© 2019 The Daily Example, 3 May 2018</footer>",
        f'{BODY}<aside><time datetime="2019-02-03">3 February 2019</time> Bank falls</aside>',
        BODY.replace("on Monday", "on 3 February 2019"),
    ],
    ids=["copyright", "related", "text"],
)
def test_a_day_that_is_not_declared_is_no_date(body: str) -> None:
    assert read_one(page(body=body))[0].published is None


@pytest.mark.parametrize(
    ("times", "published"),
    [
        ('<time datetime="2024-05-03T10:00">3 May</time>', MAY),
        ('<time datetime="2024-05-03T10:00">3 May</time><time datetime="2024-05-03">a</time>', MAY),
        ('<time datetime="2024-05-03">3 May</time><time datetime="2024-05-09">9 May</time>', None),
        (
            '<time datetime="2024-05-03">3 May</time><p>Updated <time class="updated" '
            'datetime="2024-05-09">9 May</time></p>',
            MAY,
        ),
        ('<div class="related"><time datetime="2024-05-03">3 May</time> Bank falls</div>', None),
        ('<footer><time datetime="2024-05-03">3 May</time></footer>', None),
        ("<time>3 May 2024</time>", MAY),
    ],
)
def test_a_time_element_that_is_the_only_one_is_the_date(
    times: str, published: datetime.date | None
) -> None:
    assert read_one(page(body=f"{times}{BODY}"))[0].published == published


def test_the_order_of_an_ambiguous_date_can_be_given() -> None:
    data = page('<meta name="date" content="05/03/2024">').encode()
    assert articles_in(data)[0].published is None
    assert articles_in(data, dates="dmy")[0].published == datetime.date(2024, 3, 5)
    assert articles_in(data, dates="mdy")[0].published == MAY


@pytest.mark.parametrize(
    ("head", "section"),
    [
        ('<meta property="article:section" content="World">', "World"),
        (LINKED.format('{"@type": "NewsArticle", "articleSection": ["World", "Asia"]}'), "World"),
        (
            LINKED.format(
                '{"@type": "BreadcrumbList", "itemListElement": [{"name": "Home"},'
                ' {"item": {"name": "World"}}, {"name": "River rises"}]}'
            ),
            "World",
        ),
        (LINKED.format('{"@type": "BreadcrumbList", "itemListElement": [{"name": "Home"}]}'), ""),
        (LINKED.format('{"@type": "BreadcrumbList", "itemListElement": 3}'), ""),
        ("", ""),
    ],
)
def test_the_section_is_the_one_declared(head: str, section: str) -> None:
    assert read_one(page(head))[0].section == section


def test_the_time_element_of_publication_is_the_date() -> None:
    body = f'<time itemprop="datePublished" datetime="2024-05-03T10:00">today</time>{BODY}'
    assert read_one(page(body=body))[0].published == MAY


@pytest.mark.parametrize("written", ["2024-05", "May 2024", "2024"])
def test_a_date_given_in_part_stays_empty_and_is_reported(written: str) -> None:
    article, reasons = read_one(page(f'<meta name="date" content="{written}">'))
    assert article.published is None
    assert len(reasons) == 1
    assert re.search("is not a full date|could be two days", reasons[0])


def test_a_full_date_is_taken_before_one_in_part() -> None:
    head = '<meta name="publish_date" content="May 2024"><meta name="date" content="2024-05-03">'
    article, reasons = read_one(page(head))
    assert (article.published, reasons) == (MAY, [])


# --- languages and charsets ----------------------------------------------------------------

KHMER = (
    "ភ្នំពេញ៖ រដ្ឋាភិបាលកម្ពុជាបាននិយាយថា បានចាប់ខ្លួនមនុស្សជាងមួយពាន់នាក់ ក្នុងសប្តាហ៍នេះ។ "
    "ប៉ូលិសបានរឹបអូសឧបករណ៍ជាច្រើននៅក្នុងខេត្តក្រចេះ និងនៅរាជធានីភ្នំពេញ។"
)
URDU = (
    "پاکستان میں گفتگو کی ریکارڈنگ لیک ہونا کوئی نئی بات نہیں، وزیر نے پیر کے روز "
    "صحافیوں کو بتایا۔ انہوں نے کہا کہ حکومت اس معاملے کی مکمل تحقیقات کرے گی اور رپورٹ شائع ہو گی۔"
)


@pytest.mark.parametrize(("text", "lang"), [(KHMER, "km"), (URDU, "ur")], ids=["khmer", "urdu"])
def test_other_scripts(text: str, lang: str) -> None:
    body = f"<nav><a href=/>{text[:8]}</a></nav><article><p>{text}</p><p>{text[::-1]}</p></article>"
    article, _ = read_one(page("<meta charset=utf-8>", body, lang))
    assert article.text == f"{text}\n{text[::-1].strip()}"
    assert article.language == lang


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ('<meta charset="windows-1252">', "cp1252", "“Café” – Zoë said"),
        ("<meta charset=ISO-8859-1>", "cp1252", "“Café” – Zoë said"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">',
            "cp932",
            "政府は水曜日",
        ),
        ("<meta charset=gb2312>", "gb18030", "柬埔寨政府星期三表示"),
        ("<meta charset='windows-1256'>", "cp1256", "حکومت"),
        ("<meta charset=koi8-r>", "koi8-r", "правительство"),
        ("", "utf-8", "កម្ពុជា"),
        ("<meta charset=koi8-r>", "utf-8-sig", "កម្ពុជា"),
        ("<meta charset=utf-16>", "utf-16", "កម្ពុជា"),
        ("<meta charset=utf-16>", "utf-8", "កម្ពុជា"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_declared_charsets(declared: str, encoding: str, text: str) -> None:
    data = page(declared, f"<article><p>{text} {RIVER}</p></article>").encode(encoding)
    assert read_one(data)[0].text == f"{text} {RIVER}"


def test_the_declaration_of_xhtml_is_read() -> None:
    source = (
        '<?xml version="1.0" encoding="iso-8859-15"?>\n<!DOCTYPE html>\n'
        f"<html><body><p>10 € {RIVER}</p></body></html>"
    )
    assert read_one(source.encode("iso-8859-15"))[0].text == f"10 € {RIVER}"


@pytest.mark.parametrize("charset", ["rot13", "utf-7", "idna", "unicode_escape", "klingon", "zip"])
def test_unknown_charsets_are_failures(charset: str) -> None:
    assert "save it as UTF-8" in refused(page(f"<meta charset={charset}>"))


def test_a_charset_that_is_guessed_is_said() -> None:
    data = page(body=f"<p>Café {RIVER}</p>").encode("latin-1")
    assert articles_in(data)[0].text == f"Café {RIVER}"
    assert remarks_in(data) == ["not UTF-8: read as WINDOWS-1252, by its letters"]


def test_a_charset_that_is_declared_is_not_guessed() -> None:
    wrong = page("<meta charset=windows-1252>", f"<p>\x81 {RIVER}</p>").encode("latin-1")
    assert "not CP1252 (at byte" in refused(wrong)


def test_bytes_that_are_broken_outside_the_article_refuse_no_page() -> None:
    data = page("<meta charset=utf-8>", f"{BODY}<footer>The Caf\0 \xe9</footer>").encode("latin-1")
    assert read_one(data.replace(b"\x20\xe9", b"\xe9"))[0].text == f"{RIVER}\n{RELIEF}\n{BRIDGE}"


# --- attributes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stray", ['<div class="share ghost" "="">', '<input type="text="" name="q">', "<a b='c\"=''>"]
)
def test_a_stray_quote_is_no_tag_of_a_thousand_attributes(stray: str) -> None:
    links = "".join(
        f'<div class="c{i}"><a href="/{i}" title="{i}">{i}</a></div>' for i in range(400)
    )
    assert read_one(page(body=f"{stray}{BODY}{links}"))[0].text == f"{RIVER}\n{RELIEF}\n{BRIDGE}"


# --- what is no page, and what is hostile --------------------------------------------------


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (page(body=""), "no article text in this HTML page"),
        (page(body="<div id=root></div><script>start()</script>"), "open it in a browser"),
        (page(body="<nav><a href=/>Home</a> <a href=/world>World</a></nav>"), "only menus"),
        (page(body="<p>We use cookies. Accept all.</p>"), "no article text"),
        (page(body="<div>" * 20_000 + RIVER), "no article text"),
        (page(body="<p>x</p>" * 60_000), "more than 50,000 elements"),
        (page(body=attributes(100_000)), "a tag of more than 1000 attributes"),
        (page(body="<p " + "a=1 " * 500_000 + ">x"), "no article text"),
        (page(body='<p a="' * 500_000), "more than 300,000 elements"),
        ("<html>" + "x" * 20_000_001, "more than 20,000,000 characters"),
        ('<?xml version="1.0"?><data><row/></data>', "XML, but no web page"),
        ("<!DOCTYPE html>", "HTML"),
    ],
    ids=lambda value: str(value)[:36],
)
def test_what_is_no_article_is_a_failure(source: str, reason: str) -> None:
    assert reason in refused(source)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: page(body="<div>" * n + RIVER), 5000),
        (lambda n: page(body="<p>x</p>" * n), 5000),
        (lambda n: page(body=attributes(n)), 100_000),
        (lambda n: page(body=attributes(900) * (n // 900)), 50_000),
        (lambda n: page(body='<p a="' * n), 250_000),
    ],
    ids=["nested", "elements", "attributes", "tags of attributes", "quotes"],
)
def test_refusing_takes_linear_time(make: Callable[[int], str], size: int) -> None:
    assert growth(refused, make, size) < LINEAR


def test_markup_in_the_text_stays_text() -> None:
    body = f"<p>{RIVER} &lt;script&gt;alert(1)&lt;/script&gt; ${{x}}</p>"
    article, _ = read_one(page("<title>&lt;img src=x&gt; falls</title>", body))
    assert article.text == f"{RIVER} <script>alert(1)</script> ${{x}}"
    assert article.title == "<img src=x> falls"


def test_control_characters_go_and_the_page_stays() -> None:
    body = f"<p>Before &#x1;\x0c&#0;&#xD800; after. {RIVER}</p>"
    article, _ = read_one(page("<title>A\x01 title</title>", body))
    assert article.text == f"Before \ufffd\ufffd after. {RIVER}"
    assert article.title == "A title"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "/news", ""])
def test_only_web_addresses_are_urls(url: str) -> None:
    assert read_one(page(f'<link rel="canonical" href="{url}">'))[0].url == ""


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    head = (
        '<!DOCTYPE html SYSTEM "http://127.0.0.1:9/x.dtd"><base href="http://127.0.0.1:9/">'
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><script src="//127.0.0.1:9/x.js">'
        '</script><meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/">'
    )
    body = f'{BODY}<img src="http://127.0.0.1:9/x.png"><iframe src="file:///etc/passwd"></iframe>'
    assert "root:" not in read_one(page(head, body))[0].text


@pytest.mark.parametrize(
    ("data", "html"),
    [
        (b"<!doctype HTML><p>", True),
        (b"\xef\xbb\xbf \n<!-- saved -->\n<HTML>", True),
        ("<html>".encode("utf-16"), True),
        (b"<?xml version='1.0'?><html>", True),
        (f"<p>{RIVER}</p>".encode(), True),
        (b"<3 said the minister", False),
        (b"River rises <p> and falls", False),
        (b"", False),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_page_is_html_by_its_first_tag(data: bytes, html: bool) -> None:
    assert is_html(data) is html


PIECES = st.sampled_from(
    ["<p>", "</p>", "<div", ' a="', "'", ">", "<!--", "-->", "<script>", "</script", "&#", "x1;",
     "<table>", "<td>", "<svg>", "<![CDATA[", RIVER, "<meta charset=", "utf-8", "\x00", "<title>",
     '<div class="comment">', '<p itemprop="liveBlogUpdate">', "<time>18:40</time>", "<h1>",
     '<script type="application/ld+json">', '{"@type":"Article","author":', "[", "{", "}", BRIDGE,
     "<li>", "<b>By Ida Brun</b>", "Subscribe to continue reading", '<a href="/">', "</a>"]
)  # fmt: skip


@generated
@given(st.lists(PIECES, max_size=30).map("".join), st.binary(max_size=40))
def test_no_page_raises_anything_else(markup: str, junk: bytes) -> None:
    holds(b"<html>" + markup.encode() + junk)


def test_comments_before_the_first_tag_are_soon_read() -> None:
    """Each may end but once; otherwise the time would double with every one of them."""
    assert is_html(b"<!---->" * 500 + b"<p>")
    assert not is_html(b"<!---->" * 500 + b"x")
    assert not is_html(b"<!--" * 900)
