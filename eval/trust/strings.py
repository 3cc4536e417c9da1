"""Shows hostile strings in Chromium, in every field: none runs, none asks the network, none turns
what stands around it."""

from __future__ import annotations

import datetime
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from eval.load.pages import chromium, profile
from eval.runs.serving import served
from eval.trust import archives
from eval.trust.trials import Found, Plan
from rag import Archive, Article
from rag.chat.place import Place
from rag.evaluation.extra import require
from rag.export.markdown import conversation_markdown
from rag.pack import evidence, evidence_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_TOGETHER = 100
"""Strings that stand in one archive, each in an article of its own."""
_EACH = 20
"""Strings that one page asks for: as many as a conversation keeps."""
_RUN = "window.ran=1"
_PAYLOADS = (
    f"<script>{_RUN}</script>", f"<img src=x onerror={_RUN}>", f"<svg onload={_RUN}>",
    f"\"'><img src=x onerror='{_RUN}'>", f"${{{_RUN}}}", f"`+({_RUN})+`", f"\\${{{_RUN}}}",
    f"{{{{{_RUN}}}}}", f"<%={_RUN}%>", f"javascript:{_RUN}", f"[x](javascript:{_RUN})",
    f"<a href='javascript:{_RUN}'>x</a>", f"<iframe srcdoc='<script>parent.{_RUN}</script>'>",
    f"</script><script>{_RUN}</script>", f"</style><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>", f"<details open ontoggle={_RUN}>",
    f"<math><mtext><img src=x onerror={_RUN}>", f"--><script>{_RUN}</script>",
    f"]]><script>{_RUN}</script>", f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    "<base href='https://evil.example/'>", "<link rel=stylesheet href=//evil.example/x>",
    "![x](https://evil.example/x.png)", "<img src=https://evil.example/x>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>", "@import '//evil.example'",
    "$$\\href{javascript:" + _RUN + "}{x}$$", "<form action=//evil.example><button>x",
    "\u202eevil\u202c", "\u2067evil\u2069\u2069", "\u2066\u202e\u2068", "\u202bevil", "\x1b[2J\x9b",
)  # fmt: skip
_TURNING = re.compile("[\u202a-\u202e\u2066\u2067\x1b\x9b]")
_FIRST = datetime.date(2024, 1, 1)
_FIELDS = ("title", "source", "author", "section")
_IN_ORDER = """() => [...document.querySelectorAll('.byline, .origin')].filter(line => {
  const boxes = [...line.querySelectorAll(':scope > bdi, :scope > span > bdi')]
    .map(one => one.getClientRects()).filter(rects => rects.length === 1).map(rects => rects[0]);
  return boxes.some((box, i) => i && Math.abs(box.top - boxes[i - 1].top) < 2
    && box.left < boxes[i - 1].right - 1);
}).length"""
"""Lines of which a field does not stand to the right of the one before it."""


def measure(plan: Plan, found: Found) -> None:
    bar = tqdm(total=plan.size, initial=found.tried, desc="strings", disable=None)
    with chromium() as browser:
        while found.tried < plan.size:
            numbers = range(found.tried, min(plan.size, found.tried + _TOGETHER))
            hostile = [_string(plan.chance(number)) for number in numbers]
            with tempfile.TemporaryDirectory() as folder:
                archive = archives.build(_articles(hostile), Path(folder))
                with served(archives.chat(Path(folder))) as server:
                    for first in range(0, len(hostile), _EACH):
                        part = range(len(hostile))[first : first + _EACH]
                        _show(browser, server.address, archive, part, hostile, found)
                        bar.update(len(part))
                        found.tried += len(part)
                        plan.keep(found)
                    for said in server.tracebacks():
                        found.fault(f"the server printed: {said}")
            plan.keep(found)


def _show(
    browser: Browser,
    address: str,
    archive: Archive,
    strings: Sequence[int],
    hostile: Sequence[str],
    found: Found,
) -> None:
    """Show the strings of these numbers in a page of the chat, in its views, and in documents."""
    raised: list[str] = []
    with profile(browser, raised) as page:
        _watch(page, address, found)
        _chat(page, address, strings, found)
        _views(page, address, strings, hostile, found)
    with profile(browser, raised) as page:
        _watch(page, "", found)
        _documents(page, archive, strings, found)
    for said in raised:
        found.fault(f"a script of the page failed: {said}")


def _string(chance: random.Random) -> str:
    """One or two payloads, with what may break out of its surroundings between them."""
    chosen = chance.choices(_PAYLOADS, k=chance.randint(1, 2))
    between = chance.choice(("", "'", '"', ">", "`", "\\", "\n", "\u202e", "*/", "-->", "}}"))
    return between.join([*chosen, ""])


def _articles(hostile: Sequence[str]) -> Iterator[Article]:
    for number, one in enumerate(hostile):
        fields: dict[str, Any] = dict.fromkeys(_FIELDS, f"Town {number} {one}")
        yield Article(
            f"Police arrested {300 + number} people in Town{number} {one}. It rained there.",
            published=_FIRST + datetime.timedelta(days=number), url=one, origin=one, **fields,
        )  # fmt: skip


def _question(number: int) -> str:
    return f"How many people did police arrest in Town{number}?"


def _watch(page: Page, address: str, found: Found) -> None:
    """Stop what goes beyond the server, and take it and every dialog for a fault."""

    def route(route: Any) -> None:
        url = route.request.url
        if (address and url.startswith(address)) or url.startswith(("data:", "blob:", "about:")):
            route.continue_()
        else:
            found.fault(f"a request to {url}")
            route.abort()

    def dialog(box: Any) -> None:
        found.fault(f"a dialog: {box.message}")
        box.dismiss()

    page.route("**/*", route)
    page.on("dialog", dialog)


def _chat(page: Page, address: str, strings: Sequence[int], found: Found) -> None:
    """Ask of each article in the page, and open it in the reading view."""
    page.goto(address)
    page.locator("#narrow-down").wait_for()
    box = page.locator("#question textarea")
    for turns, number in enumerate(strings, 1):
        box.fill(_question(number))
        page.keyboard.press("Enter")
        turn = page.locator(f"#turn-{turns}")
        turn.locator(".claim, .verdict").first.wait_for()
        if (opens := turn.locator("button.label, button.titled")).count():
            opens.first.click()
            page.locator("dialog .article-text").first.wait_for(state="attached")
        found.count("answers shown")
    _judge(page, f"page of {len(strings)} strings", found)


def _views(
    page: Page, address: str, strings: Sequence[int], hostile: Sequence[str], found: Found
) -> None:
    """Look through the articles, and for a string that the address of the page holds."""
    number, one = 1 + strings[0] // _EACH, hostile[strings[0]]
    places = (
        Place("articles", page=number),
        Place("search", find="police", page=number),
        Place("search", find=f"{one} OR police", source=(one,)),
        Place("names", find=one),
        Place("name", name=one),
    )
    for place in places:
        page.goto(address + "/" + place.link())
        page.locator("#browse").locator("h2, .results, [role=alert]").first.wait_for()
        found.count("views shown")
        _judge(page, f"view {place.view!r} of {len(strings)} strings", found)


def _documents(page: Page, archive: Archive, strings: Sequence[int], found: Found) -> None:
    """Show the same answers in an evidence pack, and in Markdown as a renderer shows it."""
    markdown = require("markdown_it").MarkdownIt("commonmark", {"html": True, "linkify": False})
    answers = [archive.ask(_question(number)) for number in strings]
    articles = {one.id: one for one in archive.articles()}
    made = datetime.datetime(2024, 5, 31, tzinfo=datetime.timezone.utc)
    text = conversation_markdown(answers, articles, made.date())
    values = evidence(answers, articles, archive.settings, archive.info(), made)
    for name, html in (("pack", evidence_html(values)), ("Markdown", markdown.render(text))):
        page.set_content(html)
        found.count("documents shown")
        _judge(page, f"{name} of {len(strings)} strings", found)


def _judge(page: Page, where: str, found: Found) -> None:
    page.wait_for_timeout(300)
    if page.evaluate("() => window.ran"):
        found.fault(f"{where}: a string ran")
    shown = page.evaluate("() => document.body.innerText")
    if turning := _TURNING.search(shown):
        found.fault(f"{where}: U+{ord(turning[0]):04X} is shown raw")
    if lines := page.evaluate(_IN_ORDER):
        found.fault(f"{where}: {lines} lines are out of order")
