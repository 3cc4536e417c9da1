"""Answers, hits and proofs as text on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.citation import LISTED, shown
from rag.export.glance import glance, in_one_line, remarks, strength_of
from rag.export.reference import one_line, reference, remarks_on
from rag.export.searched import searched
from rag.text.excerpt import excerpt
from rag.wording import ENGLISH

if TYPE_CHECKING:
    from rag.answer.refit import Refit
    from rag.answer.reliability import Scores
    from rag.archive import Archive
    from rag.ingest import Report
    from rag.pack.verify import Proof
    from rag.types import Answer, Article, Citation, Difference, Hit, Listing

_WRITTEN = "Written by a language model; every sentence was checked against the quotes below."
_ROOM = 240
"""Characters of a passage that are printed."""
_BESIDE = "That does not answer the question; in the articles' words:"


@dataclass
class Page:
    """An answer on standard output; `text` is what stands there while a model writes."""

    archive: Archive
    text: str = ""

    def begin(self, answer: Answer) -> None:
        """Say that a model is writing, to a reader who waits at a terminal."""
        if self.archive.writes and answer.status == "answered" and sys.stderr.isatty():
            print(ENGLISH("writing"), file=sys.stderr, flush=True)

    def grow(self, answer: Answer) -> None:
        """Print the sentences that are new in a written answer."""
        if answer.mode == "generated":
            if not self.text:
                _understood(answer)
                print(f"{_WRITTEN}\n")
            print(answer.text.removeprefix(self.text), end="", flush=True)
            self.text = answer.text

    def end(self, answer: Answer) -> None:
        """Print the answer but for what stands already, and what there is to say of it."""
        if not self.text:
            _understood(answer)
        elif answer.mode != "generated":  # What stands does not hold.
            print(f"\n\n{_BESIDE}\n")
            self.text = ""
        if answer.status == "answered":
            written = answer.mode == "generated"
            if not written:  # The strength is that of the best quote, not of what a model says.
                self._glance(answer)
            print(answer.text.removeprefix(self.text) + "\n")
            if written:
                self._differences(answer)
            for citation in sorted(answer.citations, key=lambda citation: citation.label):
                article = self.archive.article(citation.article_id)
                span = citation.start, citation.end
                print(f"[{citation.label}] {reference(article, span=span)}")
                print(f"    {article.origin}, characters {citation.start} to {citation.end}")
                for remark in remarks_on(article):
                    print(f"    {remark}")
                if answer.mode == "generated":
                    print(f"    “{' '.join(citation.quote.split())}”")
            if answer.listing:
                self._print_rest(answer.listing, len(answer.citations))
            if said := " ".join(remarks(answer, self._cited(answer))):
                print(f"\n{said}")
        else:
            print(ENGLISH("no_answer", question=answer.understood))
            for line in searched(answer.absence) if answer.absence else ():
                print(line)
            if near := shown(answer):
                print("\nRelated reading:\n")
                self._near(near)
        if answer.rejected:
            print("\nLeft out:")
            for sentence in answer.rejected:
                print(f"- {sentence.text}\n  {sentence.reason}")
        for note in answer.notes:
            print(f"\nNote: {note}")

    def _glance(self, answer: Answer) -> None:
        """Print how sure an answer is, the short answer where one is sure, and the accounts that
        differ."""
        if answer.stated or not answer.citations:
            return
        print(strength_of(answer))
        found = glance(answer, self._cited(answer))
        if found and found.kind == "words":
            print(in_one_line(found))
        self._differences(answer)
        if not answer.differences:
            print()

    def _cited(self, answer: Answer) -> dict[str, Article]:
        return {c.article_id: self.archive.article(c.article_id) for c in answer.citations}

    def _near(self, passages: Sequence[Citation]) -> None:
        """Print passages that come near a question, each with its reference and its beginning."""
        for number, near in enumerate(passages, start=1):
            span = near.start, near.end
            print(f"{number}. {reference(self.archive.article(near.article_id), span=span)}")
            print(f"   {one_line(near.quote)[:240]}")

    def _print_rest(self, listing: Listing, done: int) -> None:
        """Print the articles of a list that are not quoted, the first `LISTED` of them."""
        for number, article_id in enumerate(listing.articles[done:LISTED], start=done + 1):
            print(f"{number}. {reference(self.archive.article(article_id))}")
        if len(listing.articles) > LISTED:
            print(f"… and {len(listing.articles) - LISTED} more: --json names them all.")

    def _differences(self, answer: Answer) -> None:
        for difference in answer.differences:
            self._differ(difference, {c.label: c for c in answer.citations})

    def _differ(self, difference: Difference, cited: Mapping[int, Citation]) -> None:
        """Print the accounts that differ, each with who says so, when, and whether it is newest."""
        print(f"{ENGLISH('differ')}:")
        for account in difference.accounts:
            citation = cited[account.label]
            article = self.archive.article(citation.article_id)
            words = one_line(citation.quote[slice(*account.span)])
            told = account.speaker, article.source, article.day, account.recency
            print(f"- “{words}”: {one_line(', '.join(filter(None, told)))} [{account.label}]")
        print()


def _understood(answer: Answer) -> None:
    if answer.understood != answer.question:
        print(f"Understood as: {answer.understood}\n")


def print_hits(archive: Archive, hits: Sequence[Hit], question: str = "") -> None:
    """Print passages in order, each with its reference and the part that fits the question."""
    for number, hit in enumerate(hits, start=1):
        span = hit.passage.start, hit.passage.end
        print(f"{number}. {reference(archive.article(hit.passage.article_id), span=span)}")
        print(f"   {_part(archive, hit.passage.text, question)}")


def _part(archive: Archive, text: str, question: str) -> str:
    """The part of a passage that fits a question, on one line; the beginning without one."""
    start, end = excerpt(text, question, archive.index.idf, _ROOM) if question else (0, len(text))
    part = one_line(text[start:end])
    before, after = "… " * (start > 0), " …" * (end < len(text) or len(part) > _ROOM)
    return f"{before}{part[:_ROOM]}{after}"


_SAID = 160
"""Characters that are shown of what is not verified; --json has it whole."""


def print_proof(proof: Proof, questions: Sequence[str]) -> None:
    """A line for each quote, under its question where there are several, what else was verified,
    and what was not."""
    last = 0
    for quote in proof.quotes:
        if quote.answer != last and len(questions) > 1:
            print(one_line(questions[quote.answer - 1]))
        last = quote.answer
        remark = f" ({one_line(quote.remark)})" if quote.remark else ""
        print(f"[{quote.label}] {quote.status:<9} {one_line(quote.title)}{remark}")
    for problem in proof.problems:
        print(f"fault: {one_line(problem)}")
    for said in proof.verified:
        print(f"verified: {said}")
    if proof.not_verified:
        print("Not verified, as no article says it:")
    for one in proof.not_verified:
        whose = f"answer {one.answer}" if one.answer else "pack"
        print(f"  {whose}, {one_line(one.what)}: {one_line(one.said):.{_SAID}}")
    held = sum(quote.status == "holds" for quote in proof.quotes)
    print(f"{held} of {len(proof.quotes)} quotes hold, character for character.")
    print(f"Result: what was verified {'holds' if proof.holds else 'does not hold'}.")


_FILES, _REASONS, _KINDS = 20, 3, 12
"""Files of a report that are named, reasons for each, and rows of its table; `byline info --failed`
names all."""


def print_report(report: Report, index: str = "") -> None:
    """Print what became of the files of a reading; with `index`, in short, and the command that
    shows the rest."""
    files = report.read + report.unread
    print(
        f"Read {_count(report.articles, 'article')} of {report.characters:,} characters from "
        f"{report.read:,} of {_count(files, 'file')}.\n"
    )
    print(f"{'format':<10}{'source':<40}{'articles':>10}{'characters':>14}")
    counts = report.counts[: _KINDS if index else None]
    for one in counts:
        source = one_line(one.source) or "(not named)"
        print(f"{one.format:<10}{source:<40.38}{one.articles:>10,}{one.characters:>14,}")
    if len(counts) < len(report.counts):
        rest = report.counts[_KINDS:]
        print(f"{'…':<10}{f'{len(rest):,} more':<40}{sum(one.articles for one in rest):>10,}")
    more = f"byline info --failed --index {index}" if index else ""
    _print_files("Left out", [(one.file, one.failures) for one in report.failed], more)
    _print_files("Remarks", [(one.file, one.remarks) for one in report.remarked], more)
    print()


def _print_files(heading: str, files: Sequence[tuple[str, Sequence[str]]], more: str) -> None:
    """Print what is to be said of each file; `more`: in short, with the command for the rest."""
    if not files:
        return
    print(f"\n{heading}, in {_count(len(files), 'file')}:")
    for name, said in files[: _FILES if more else None]:
        reasons = said[: _REASONS if more else None]
        for reason in reasons:
            print(f"  {one_line(name)}: {one_line(reason)}")
        if len(reasons) < len(said):
            print(f"  {one_line(name)}: … and {len(said) - len(reasons):,} more")
    if more and len(files) > _FILES:
        print(f"  … and {_count(len(files) - _FILES, 'more file')}: {more}")


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def print_refit(refit: Refit) -> None:
    """A table: what the packaged confidence and the refitted one are worth on the judgements."""
    print(f"{refit.judgements} judgements tell whether the best quote answers.")
    for reason, count in refit.left_out.items():
        print(f"{count} are left out: {reason}.")
    rows = zip(_lines(refit.before), _lines(refit.after), strict=True)
    print(f"\n{'':<20}{'packaged':>18}{'refitted':>18}")
    for (name, before), (_, after) in rows:
        print(f"{name:<20}{before:>18}{after:>18}")
    print("\nRefitted: each tenth of the judgements by a fit to the other nine.")
    print(f"Declined: with a confidence below the threshold, {refit.threshold:g}.")
    if refit.proposed is not None:
        print(f"To decline a tenth of what is answerable: --set threshold={refit.proposed:g}")


def _lines(scores: Scores) -> list[tuple[str, str]]:
    measures = {
        "AUROC": scores.auroc,
        "Brier score": scores.brier,
        "calibration error": scores.calibration_error,
        "answerable declined": scores.answerable_declined,
    }
    groups = [
        (one.name, f"{one.questions}" + ("" if one.right is None else f" ({one.right:.0%} right)"))
        for one in scores.groups
    ]
    return [(name, "" if v is None else f"{v:.3f}") for name, v in measures.items()] + groups
