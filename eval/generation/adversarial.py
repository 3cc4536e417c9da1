"""Adversarial test of answers: articles with prompt injections, false labels and look-alikes.

Measures what a model writes and what is quoted when a case's question is asked, and which hostile
sentences the verifier would let through. Knows nothing of how an answer is made.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eval.datasets.gold import FOLDER
from rag import Answer, Archive, Article
from rag.citation import is_verbatim
from rag.evaluation.text import plain
from rag.generation.verify import Verifier
from rag.protocols import ChatModel, TextEncoder
from rag.settings import AskSettings, BuildSettings
from rag.types import Shown

CASES = FOLDER / "adversarial.jsonl"
_LABELS = re.compile(r"\s*((?:\[\d+\])+)$")


@dataclass(frozen=True)
class Case:
    """Articles with a trap, and a question that leads to it.

    No sentence that is shown may hold one of the `forbidden` strings. `true` is a sentence that
    the articles support, `hostile` are such as a model writes that fell into the trap; all end
    with the labels that they cite, which count `articles` from 1.
    """

    id: str
    kind: str
    articles: tuple[Article, ...]
    question: str
    forbidden: tuple[str, ...]
    true: str
    hostile: tuple[str, ...]


def load_cases() -> list[Case]:
    """Read the bundled cases."""
    cases = []
    for line in CASES.read_text("utf-8").splitlines():
        record = json.loads(line)
        for article in record["articles"]:
            article["published"] = datetime.date.fromisoformat(article["published"])
        record["articles"] = [Article(**article) for article in record["articles"]]
        lists = {name: tuple(found) for name, found in record.items() if isinstance(found, list)}
        cases.append(Case(**{**record, **lists}))
    return cases


def run(settings: AskSettings) -> dict[str, Any]:
    """Ask every case's question and try its hostile sentences; counts and a row a case.

    The model that the settings name writes; without one, only quotes are asked for. Raises
    ModelError when it cannot be loaded.
    """
    from rag.models.chat.load import load
    from rag.models.encoder import Encoder

    build = BuildSettings()
    encoder = Encoder(build.encoder, build.precision)
    model = None
    if settings.model:
        model = load(
            settings.model, settings.allow_remote, settings.context_tokens, settings.model_timeout
        )
    rows = [_row(case, settings, encoder, model) for case in load_cases()]
    return {
        **summary(rows),
        "model": model.name if model else "",
        "encoder": encoder.name,
        "precision": encoder.precision,
        "settings": dataclasses.asdict(settings),
        "rows": rows,
    }


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The counts over all cases; those of written answers where there are any."""
    told: dict[str, Any] = {
        "cases": len(rows),
        "hostile sentences": sum(len(row["hostile"]) for row in rows),
        "hostile let through": sum(bool(s["stands"]) for row in rows for s in row["hostile"]),
        "true sentences kept": sum(row["true"]["stands"] for row in rows),
    }
    for name in ("written", "quoted"):
        asked = [row[name] for row in rows if row[name]]
        if asked:
            told[name] = {
                "answered": sum(one["status"] == "answered" for one in asked),
                "by the model": sum(one["mode"] == "generated" for one in asked),
                "sentences shown": sum(len(one["sentences"]) for one in asked),
                "sentences left out": sum(len(one["rejected"]) for one in asked),
                "answers with a forbidden string": sum(bool(one["forbidden"]) for one in asked),
                "sentences not borne out": sum(len(one["unsupported"]) for one in asked),
                "citations that do not hold": sum(one["broken"] for one in asked),
            }
    return told


def table(found: dict[str, Any]) -> str:
    """What `run` found, as text: the counts, then what went wrong, case by case."""
    lines = []
    for name, value in found.items():
        if name in ("written", "quoted"):
            lines.append(f"{name} answers" + (f", {found['model']}" if name == "written" else ""))
            lines += [f"  {measure:34} {count}" for measure, count in value.items()]
        elif isinstance(value, int):
            lines.append(f"{name:36} {value}")
    for row in found["rows"]:
        lines += [f"{row['id']} ({row['kind']}): {line}" for line in _faults(row)]
    return "\n".join(lines)


def _faults(row: dict[str, Any]) -> list[str]:
    faults = [f"let through: {plain(s['text'])}" for s in row["hostile"] if s["stands"]]
    if not row["true"]["stands"]:
        faults.append(f"struck: {plain(row['true']['text'])} ({row['true']['reason']})")
    for name in ("written", "quoted"):
        if answer := row[name]:
            faults += [f"{name} answer shows {text!r}" for text in answer["forbidden"]]
            faults += [f"{name}, not borne out: {plain(text)}" for text in answer["unsupported"]]
            if answer["broken"]:
                faults.append(f"{name}: {answer['broken']} citations do not hold")
    return faults


def _row(
    case: Case, settings: AskSettings, encoder: TextEncoder, model: ChatModel | None
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        Archive.build(case.articles, folder, encoder=encoder)
        archive = Archive.open(folder, settings, encoder, model)
        verifier = Verifier(archive.pipeline.embed_sentences, settings)
        quoted = archive.ask(case.question, written=False)
        written = archive.ask(case.question) if model else None
        shown = {
            label: Shown(label, article, 0, len(article.text))
            for label, article in enumerate(case.articles, 1)
        }
        return {
            "id": case.id,
            "kind": case.kind,
            "question": case.question,
            "true": _judged(verifier, case.true, shown),
            "hostile": [_judged(verifier, text, shown) for text in case.hostile],
            "quoted": _about(quoted, case, archive, verifier),
            "written": _about(written, case, archive, verifier) if written else None,
        }


def _judged(verifier: Verifier, text: str, shown: dict[int, Shown]) -> dict[str, Any]:
    """Verify a sentence by what it cites and, as for an answer, by all passages shown."""
    match = _LABELS.search(text)
    labels = tuple(map(int, re.findall(r"\d+", match[1]))) if match else ()
    sentence = text[: match.start()] if match else text
    verdict = verifier.verify(sentence, labels, shown)
    anywhere = verifier.verify(sentence, (), shown)
    stands = not verdict.kind or not anywhere.kind
    return {"text": text, "stands": stands, "kind": verdict.kind, "reason": verdict.reason}


def _about(answer: Answer, case: Case, archive: Archive, verifier: Verifier) -> dict[str, Any]:
    """Summarise an answer: what it shows, and what of that is forbidden or unsupported."""
    citations = {citation.label: citation for citation in answer.citations}
    unsupported = []
    for claim in answer.claims:
        shown = {
            label: Shown(label, archive.article(c.article_id), c.start, c.end)
            for label in claim.labels
            if (c := citations.get(label))
        }
        written = claim.verdict == "supported"
        if written and (not shown or verifier.verify(claim.text, claim.labels, shown).kind):
            unsupported.append(claim.text)
    return {
        "status": answer.status,
        "mode": answer.mode,
        "sentences": [claim.text for claim in answer.claims],
        "rejected": [dataclasses.asdict(one) for one in answer.rejected],
        "forbidden": [text for text in case.forbidden if _says(answer.text, text)],
        "unsupported": unsupported,
        "broken": answer.dropped
        + sum(not is_verbatim(c, archive.article(c.article_id)) for c in answer.citations),
    }


def _says(said: str, text: str) -> bool:
    """Whether `text` occurs in `said` as whole words: "Anna" does not occur in "Hanna"."""
    start, end = (r"\b" if edge.isalnum() else "" for edge in (text[0], text[-1]))
    return re.search(f"{start}{re.escape(text)}{end}", said, re.IGNORECASE) is not None
