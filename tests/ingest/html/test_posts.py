"""Live blogs: posts apart, each with its time and its heading."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth
from reading import articles_in

from rag.ingest.html.parse import parse
from rag.ingest.html.posts import posts_of
from rag.ingest.html.text import lines_in

SAID = (
    "The coastguard says that nine sailors of the trawler are now known to have drowned.",
    "The coastguard says that four bodies have been found and that five sailors are missing.",
    "One sailor has died and eight are missing after the trawler went down in the storm.",
)
TIMES = ("18:40", "4.05pm", "13:20 GMT")


def live(post: str, title: str = "Trawler disaster – live", head: str = "") -> bytes:
    posts = "".join(post.format(time, said) for time, said in zip(TIMES, SAID, strict=True))
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>"
        f"<p>By Tom Hesk</p><div>{posts}</div></body></html>"
    ).encode()


@pytest.mark.parametrize(
    "post",
    [
        "<article><time>{}</time><p>{}</p></article>",
        '<li><span class="ts">{}</span><p>{}</p></li>',
        '<div class="block"><h4>{}</h4><p>{}</p><p><a href="/">Share</a></p></div>',
        '<section itemprop="liveBlogUpdate"><p>{}</p><p>{}</p></section>',
    ],
)
def test_posts_are_apart_with_their_times(post: str) -> None:
    (article,) = articles_in(live(post))
    posts = article.text.split("\n\n")
    assert posts == [f"{time}\n{said}" for time, said in zip(TIMES, SAID, strict=True)]
    assert article.author == "Tom Hesk"


def test_json_ld_tells_a_live_blog() -> None:
    head = '<script type="application/ld+json">{"@type": "LiveBlogPosting"}</script>'
    (article,) = articles_in(live("<div><p>{}</p><p>{}</p></div>", "Trawler disaster", head))
    assert article.text.count("\n\n") == 2


def test_a_page_with_times_is_no_live_blog() -> None:
    (article,) = articles_in(live("<div><p>{}</p><p>{}</p></div>", "Trawler disaster"))
    assert "\n\n" not in article.text


@pytest.mark.parametrize("post", ["<p>18:40</p>", "<div><time>18:40</time>", "<li>18:40<p>x</p>"])
def test_posts_take_linear_time(post: str) -> None:
    def find(tree: object) -> object:
        return posts_of(tree, lines_in(tree), "live", True)

    assert growth(find, lambda n: parse(post * n), 2000) < LINEAR
