"""Renders a pack as one HTML page to read and print: no script, no external resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rag.errors import InputError
from rag.export.escaping import escape, fields
from rag.export.glance import glance, in_one_line, strength_of
from rag.export.reference import one_line, page_in_words, reference, web_address
from rag.export.searched import searched
from rag.pack.contents import Facts, Pack, Source, parse
from rag.text.lines import on_one_line
from rag.types import FIELDS, Answer, Citation, Claim, Difference, Filters, Listing
from rag.wording import ENGLISH
from rag.wording.visible import isolated

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --line: #8886; }
body { font: 1rem/1.5 Georgia, "Noto Serif", serif; max-width: 44rem; margin: 2rem auto;
  padding: 0 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
.turn { border-top: 1px solid var(--line); margin-top: 2.5rem; }
blockquote, .words { white-space: pre-wrap; }
blockquote { border-inline-start: 3px solid var(--line); margin: .75rem 0; padding-inline: 1rem 0; }
.place, .note, td, th { font: .85rem/1.5 system-ui, sans-serif; }
.written { border: 1px dashed var(--line); padding: 0 1rem; }
table { border-collapse: collapse; }
td, th { border-bottom: 1px solid var(--line); padding: .15rem 1rem .15rem 0; text-align: start;
  vertical-align: top; }
code { font-size: .85em; }
@media print { body { margin: 0; max-width: none; } blockquote, li { break-inside: avoid; } }
"""
_VERIFY = (
    "<h2>How to verify it</h2><p>Each quote is the article’s text between two character positions "
    "(counted in Unicode code points from 0, the second not included). The SHA-256 is of the whole "
    "text of the article in UTF-8. The file <code>evidence.json</code>, which comes with this "
    "page, holds the same for programs; Byline checks it against an index or against the articles "
    "themselves, and says so if this page, in the zip that it came in, was changed:</p>"
    "<pre><code>byline verify byline-evidence.zip --index DIR\n"
    "byline verify byline-evidence.zip --articles FOLDER</code></pre>"
    "<p>That the archive does not answer a question is shown by asking it again, in the index: the "
    "first of the two commands does, and compares what was looked through.</p>"
    "<p>A page by itself proves nothing: anyone can write one.</p>"
)


def evidence_html(pack: Mapping[str, Any]) -> str:
    """Render a pack as an HTML document; the same text for the same pack.

    Raises InputError for what is no pack.
    """
    try:
        read = parse(pack)
    except ValueError as error:
        raise InputError(f"This is no evidence pack: {error}. Make it anew.") from None
    turns = "".join(_turn(read, number) for number in range(len(read.answers)))
    made = read.made.isoformat(sep=" ", timespec="seconds")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>Evidence pack</title><style>{_STYLE}</style></head><body>"
        f'<h1>Evidence pack</h1><p class="note">Made with Byline on {_escape(made)}.</p>{turns}'
        f'<section class="turn"><h2>What it was made with</h2>{_table("Index", read.index)}'
        f"{_table('Settings', read.settings)}{_VERIFY}</section></body></html>\n"
    )


def _turn(pack: Pack, number: int) -> str:
    """One question with its answer, its quotes and the remarks on them."""
    answer, turn = pack.answers[number], number + 1
    parts = [f'<section class="turn"><h2 dir="auto">{_escape(answer.question)}</h2>']
    if answer.understood != answer.question:
        parts.append(_note(f"Understood as: {isolated(answer.understood)}"))
    parts += [_note(line) for line in _filters(pack.filters[number])]
    status = f"{answer.status}, {answer.mode}, confidence {answer.confidence:.2f}"
    parts.append(_note(f"Status: {status}"))
    if answer.status == "unanswered":
        parts.append(_absent(answer, pack, number))
    else:
        parts.append(_glance(answer, pack.articles))
        parts.append(_claims(answer, turn))
        parts.append(_listed(answer.listing, pack.articles) if answer.listing else "")
        cited = {citation.label: citation for citation in answer.citations}
        parts += [_difference(d, cited, pack.articles, turn) for d in answer.differences]
    parts += [_note(line) for line in _remarks(answer)]
    if answer.citations:
        ordered = sorted(answer.citations, key=lambda citation: citation.label)
        quotes = "".join(_quote(citation, pack.articles, turn) for citation in ordered)
        parts.append(f"<h3>Quotes</h3>{quotes}")
    return "".join([*parts, "</section>"])


def _glance(answer: Answer, articles: Mapping[str, Source]) -> str:
    """How sure an answer is, and the short answer, where one is sure."""
    known = {name: source.article() for name, source in articles.items()}
    cited = all(citation.article_id in known for citation in answer.citations)
    found = glance(answer, known) if cited else None
    line = in_one_line(found) if found and found.kind == "words" else ""
    said = strength_of(answer)
    return _note(said) * bool(said) + f'<p class="words">{_escape(line)}</p>' * bool(line)


def _absent(answer: Answer, pack: Pack, number: int) -> str:
    """That the archive does not answer, what was looked through, and what comes near."""
    said = "<p>The archive does not hold an answer to this question.</p>"
    if answer.absence is None:
        return said + _related(pack, number)
    looked = "".join(map(_note, searched(answer.absence)))
    spelt = ", ".join(answer.absence.spellings)
    tried = _note(f"Other spellings tried: {spelt}") * bool(spelt)
    unread = "".join(
        f'<li dir="auto"><code>{_escape(file)}</code>: {_escape(why)}</li>'
        for file, why in pack.unread.items()
    )
    files = f"{_note('Files that could not be read:')}<ul>{unread}</ul>" * bool(unread)
    near = "".join(_near(one, pack.articles) for one in answer.absence.near)
    heading = "<h3>Nearest passages, which do not answer it</h3>" * bool(near)
    return f"{said}{looked}{tried}{files}{heading}{near}"


def _near(passage: Citation, articles: Mapping[str, Source]) -> str:
    source = articles.get(passage.article_id)
    known = _reference(source) if source else "(an article that the pack does not describe)"
    return (
        f'<div><p dir="auto">{known}</p><blockquote dir="auto">'
        f"{_escape(on_one_line(passage.quote))}</blockquote>"
        f'<p class="place">Characters {passage.start} to {passage.end} of article '
        f"<code>{_escape(passage.article_id)}</code></p></div>"
    )


def _claims(answer: Answer, turn: int) -> str:
    claims = "".join(_claim(claim, turn) for claim in answer.claims)
    if not claims:
        return "<p>No quote could be verified, so none is shown.</p>"
    if answer.mode == "extractive":
        return claims
    by = "Written by a language model; every sentence was checked against the quotes below."
    return f'<div class="written">{_note(by)}{claims}</div>'


def _claim(claim: Claim, turn: int) -> str:
    tag = "blockquote" if claim.verdict == "verbatim" else "p"
    words = f'<span class="words" dir="auto">{_escape(on_one_line(claim.text))}</span>'
    return f"<{tag}>{words} {''.join(_label_link(label, turn) for label in claim.labels)}</{tag}>"


def _listed(listing: Listing, articles: Mapping[str, Source]) -> str:
    """Every article of a list, with its reference."""
    known = (articles[one] for one in listing.articles if one in articles)
    items = "".join(f'<li dir="auto">{_reference(source)}</li>' for source in known)
    note = "Verifying checks each of these articles, but not that there are no others."
    return f"<h3>Articles counted</h3>{_note(note)}<ol>{items}</ol>"


def _quote(citation: Citation, articles: Mapping[str, Source], turn: int) -> str:
    """A quote with the reference of its article, its offsets and the article's hash."""
    source = articles.get(citation.article_id)
    language = f' lang="{_escape(source.language)}"' if source and source.language else ""
    known = _reference(source) if source else "(an article that the pack does not describe)"
    digest = source.content_hash if source else ""
    return (
        f'<div id="a{turn}-{citation.label}"><p dir="auto"><b>[{citation.label}]</b> {known}</p>'
        f'<blockquote dir="auto"{language}>{_escape(on_one_line(citation.quote))}</blockquote>'
        f'<p class="place">Characters {citation.start} to {citation.end} of article '
        f"<code>{_escape(citation.article_id)}</code>, SHA-256 <code>{_escape(digest)}</code>"
        f"{_file(source)}{_page(citation)}</p></div>"
    )


def _page(citation: Citation) -> str:
    words = page_in_words(citation.page, citation.certainty)
    return f", {_escape(words)}" * bool(words)


def _file(source: Source | None) -> str:
    said = f", from <code>{_escape(source.origin)}</code>" if source and source.origin else ""
    said += f". {ENGLISH('partial')}" * bool(source and source.partial)
    notice = one_line(source.corrected or "") if source else ""
    return said + f". {_escape(ENGLISH('corrected', notice=notice))}" * bool(notice)


def _reference(source: Source) -> str:
    """The reference of an article, its URL a link."""
    article = source.article()
    url = web_address(article)
    words = _escape(reference(article).removesuffix(f", {url}"))
    link = f', <a href="{_escape(url)}" rel="noopener noreferrer">{_escape(url)}</a>'
    return words + link * bool(url)


def _related(pack: Pack, number: int) -> str:
    known = [pack.articles[i] for i in pack.related[number] if i in pack.articles]
    items = "".join(f'<li dir="auto">{_reference(source)}</li>' for source in known)
    return f"{_note('Related reading, which does not answer it:')}<ul>{items}</ul>" * bool(items)


def _difference(
    difference: Difference,
    cited: Mapping[int, Citation],
    articles: Mapping[str, Source],
    turn: int,
) -> str:
    """Conflicting accounts: the words of each, with speaker and source."""
    items = []
    for account in difference.accounts:
        citation = cited.get(account.label)
        words = on_one_line(citation.quote[slice(*account.span)]) if citation else ""
        source = articles.get(citation.article_id) if citation else None
        told = account.speaker, source.source if source else "", account.recency
        says = fields(told, ", ")
        items.append(
            f'<li dir="auto"><b class="words">{_escape(words)}</b> {says} '
            f"{_label_link(account.label, turn)}</li>"
        )
    return f"<h3>Accounts differ</h3><ul>{''.join(items)}</ul>"


def _remarks(answer: Answer) -> Iterator[str]:
    yield from answer.notes
    if answer.dropped:
        yield f"Quotes left out, not found word for word in the article: {answer.dropped}"
    for sentence in answer.rejected:
        yield f"A sentence of the model left out: “{isolated(sentence.text)}” {sentence.reason}"


def _filters(filters: Filters) -> Iterator[str]:
    if filters.sources:
        yield f"Only from: {', '.join(map(isolated, filters.sources))}"
    for field in FIELDS:
        if filters.of(field):
            yield f"Only these {field}: {', '.join(map(isolated, filters.of(field)))}"
    if filters.since or filters.until:
        yield f"Only published: {filters.since or '…'} to {filters.until or '…'}"
    if filters.article:
        yield f"Only the article: {filters.article}"


def _table(heading: str, facts: Facts) -> str:
    rows = "".join(
        f"<tr><th>{_escape(name)}</th><td>{_escape(value)}</td></tr>"
        for name, value in _flat(facts)
    )
    return f"<h3>{heading}</h3><table>{rows}</table>"


def _flat(facts: Facts) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}: {inner}", str(v)) for inner, v in value.items())
        else:
            yield name, str(value)


def _label_link(label: int, turn: int) -> str:
    return f'<a href="#a{turn}-{label}">[{label}]</a>'


def _note(text: str) -> str:
    return f'<p class="note" dir="auto">{_escape(one_line(text))}</p>'


def _escape(text: str) -> str:
    # A page's reader would make another line end of a carriage return.
    return escape(text).replace("\r", "&#13;")
