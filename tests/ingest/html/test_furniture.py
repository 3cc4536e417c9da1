"""Comments, related boxes and dialogs are no text, however they are marked; opinions are."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in

from rag.ingest.html.furniture import take_out
from rag.ingest.html.parse import parse

TEXT = f"{RIVER}\n{RELIEF}\n{BRIDGE}"
ARTICLE = f"<article><h1>The river rises</h1><p>{RIVER}</p><p>{RELIEF}</p><p>{BRIDGE}</p></article>"
SAID = (
    "The minister took money from the dam builders, everybody in the village knows it.",
    "There was never any rice in the boats. My brother counted three of them, ask anybody.",
    "The river was higher when I was young and nobody wrote about it, so resign at once.",
)
LINK = '<a href="/1">Bank shares fall after a wide loss</a>'


def page(body: str) -> bytes:
    return f"<!DOCTYPE html><html><title>The river rises</title><body>{body}".encode()


def comments(item: str) -> str:
    return "".join(item.format(i, said) for i, said in enumerate(SAID))


@pytest.mark.parametrize(
    "box",
    [
        '<ol class="commentlist">'
        + comments('<li class="comment"><cite class="author">Rat{}</cite><p>{}</p></li>')
        + "</ol>",
        comments(
            '<div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Rat{}'
            "</span><p>{}</p></div>"
        ),
        '<section id="commentaires"><h3>Commentaires</h3>'
        + comments('<div><span class="author">Rat{}</span><p>{}</p></div>')
        + "</section>",
        "<h3>Comments (3)</h3>" + comments("<div><b>Rat{}</b><p>{}</p></div>"),
        "<div><div><h2>Join the conversation</h2></div>"
        + comments("<div><b>Rat{}</b><p>{}</p></div>")
        + "</div>",
        '<div id="disqus_thread">' + comments("<div><b>Rat{}</b><p>{}</p></div>") + "</div>",
        '<div><h3>What readers say</h3>'
        + comments('<div class="sf_commentBody"><b>Rat{}</b><p>{}</p></div>')
        + "</div>",
    ],
    ids=["list", "schema", "french", "heading", "heading apart", "disqus", "unnamed box"],
)  # fmt: skip
@pytest.mark.parametrize("inside", [False, True], ids=["after", "inside"])
def test_comments_are_no_text_and_no_author(box: str, inside: bool) -> None:
    body = ARTICLE.replace("</article>", f"{box}</article>") if inside else ARTICLE + box
    (article,) = articles_in(page(body))
    assert (article.text, article.author) == (TEXT, "")


@pytest.mark.parametrize(
    "body",
    [
        f'<div class="comment tone-comment">{ARTICLE}</div>',
        ARTICLE.replace("<article>", '<article class="post comments-open">'),
        ARTICLE.replace("<article>", '<article><p class="comments-link"><a>3 Comments</a></p>'),
        ARTICLE.replace("<p>", '<p class="commentary">'),
        f'<div class="modal-open cookies-accepted">{ARTICLE}</div>',
    ],
    ids=["opinion", "open", "count", "commentary", "cookies accepted"],
)
def test_an_article_that_is_named_so_is_kept(body: str) -> None:
    assert articles_in(page(body))[0].text == TEXT


@pytest.mark.parametrize(
    "box",
    [
        f"<p><strong>READ ALSO: {LINK}</strong></p>",
        f"<p>Read more | {LINK}</p>",
        f"<p>{LINK}</p>",
        f"<div><span>Also on the Courier</span>{LINK}</div>",
        f"<div><h4>Related</h4><ul><li>{LINK}</li><li><a>Mayor denies all</a></li></ul></div>",
        f"<aside><p>Recommended</p><p>{LINK}</p></aside>",
    ],
)
def test_a_box_between_paragraphs_is_no_text(box: str) -> None:
    assert articles_in(page(ARTICLE.replace(f"<p>{BRIDGE}", f"{box}<p>{BRIDGE}")))[0].text == TEXT


def test_a_pointer_within_a_paragraph_is_no_text() -> None:
    pointer = f' <span class="inline-related">See also: {LINK}</span>'
    body = ARTICLE.replace(f"{RELIEF}</p>", f"{RELIEF}{pointer}</p>")
    assert articles_in(page(body))[0].text == TEXT


def test_links_within_sentences_are_text() -> None:
    linked = RELIEF.replace("the", '<a href="/2">the</a>')
    assert articles_in(page(ARTICLE.replace(RELIEF, linked)))[0].text == TEXT
    whole = ARTICLE.replace(RELIEF, f'<a href="/2">{RELIEF}</a>')
    assert articles_in(page(whole))[0].text == TEXT


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="comment">x</div>', '<div class="comment">', '<p class="cookie">cookie privacy',
        '<span class="related"><a>x</a></span>', "<h1>x", '<div><p class="comments">x',
    ],
)  # fmt: skip
def test_taking_out_takes_linear_time(markup: str) -> None:
    trees = {n: [parse(markup * n) for _ in range(11)] for n in (2000, 4000)}
    assert growth(lambda n: take_out(trees[n].pop()), lambda n: n, 2000) < LINEAR
