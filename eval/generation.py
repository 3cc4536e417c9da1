"""Answers that a language model writes, measured, with the answers in quotes beside them.

Two runs over the same questions stand side by side in a folder, `extractive` and `written`, so that
`eval compare` sets one against the other. Owns how a model is timed and what its writing comes to;
what is right is `eval.judge`'s, and what the averages are called `eval.answer_scores`'.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import math
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval import answer_scores, answers, machine, runs
from eval.answer_scores import answer_of
from eval.datasets import Dataset, Query
from eval.judge import judge
from eval.saved import Row, Written, read_run
from eval.text import aligned, plain
from rag import Answer, Archive, Article
from rag.errors import InputError, ModelError, QuestionError
from rag.types import ChatModel, Message, TextEncoder, Turn

EXTRACTIVE, WRITTEN = "extractive", "written"
MEASURES = (
    "first right", "any right", "answer string shown", "citation precision", "fact recall",
    "answerable declined", "unanswerable declined",
)  # fmt: skip
"""Of those in `eval.answer_scores`, what can differ between a written answer and its quotes."""
_SECONDS = ("quotes", "first word", "first sentence", "whole answer")
"""The times that are counted from the question."""
_WARMING: tuple[Message, ...] = ({"role": "user", "content": "Say yes."},)


@dataclass
class Writing:
    """One text as a model wrote it: what it was asked, when, and when its words came, in seconds
    of `time.perf_counter`."""

    messages: Sequence[Message]
    began: float
    pieces: list[str] = field(default_factory=list)
    first: float | None = None
    last: float | None = None


class Timed:
    """A chat model with a clock: `writing` is the last text that it was asked for."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.writing: Writing | None = None

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def context(self) -> int:
        return self._model.context

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    def write(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        grammar: str = "",
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        writing = self.writing = Writing(messages, time.perf_counter())
        for piece in self._model.write(messages, max_tokens, grammar, stopped):
            writing.pieces.append(piece)
            if piece.strip():
                writing.last = time.perf_counter()
                writing.first = writing.first or writing.last
            yield piece


def run(
    plan: runs.Plan, encoder: TextEncoder | None = None, model: ChatModel | None = None
) -> dict[str, Any]:
    """Ask the questions that have no row yet, in quotes and then in writing; return what all come
    to.

    A question is asked as a reader asks it, at the threshold of the settings. The earlier turns of
    a conversation are answered in quotes both times, so that the last one is understood the same.
    `model` replaces loading the one that `plan.ask` names. Raises InputError when the folder holds
    another run, ModelError when the model cannot be loaded. Interrupted, it leaves runs that the
    same call continues.
    """
    about = model_facts(plan.ask.model)
    dataset = answers._dataset(plan, given=False, topics=None)
    quoting = dataclasses.replace(
        plan, system=EXTRACTIVE, out=plan.out / EXTRACTIVE,
        ask=dataclasses.replace(plan.ask, model=""),
    )  # fmt: skip
    writing = dataclasses.replace(plan, system=WRITTEN, out=plan.out / WRITTEN)
    manifest = runs.manifest_of(writing, dataset)
    manifest["settings"]["model"] = about
    manifest["packages"]["xllamacpp"] = _version("xllamacpp")

    def opened_quoting() -> runs.Measuring:
        archive = runs.open_archive(quoting, dataset.articles, encoder)
        asking = _Quoting(archive, dataset)
        return runs.Measuring(asking.row, asking.warm, _facts(archive))

    def opened_writing() -> runs.Measuring:
        archive = runs.open_archive(writing, dataset.articles, encoder)
        asking = _Asking(archive, dataset, model)
        facts = {"model": asking.model.name, "context": asking.model.context}
        return runs.Measuring(asking.row, asking.warm, {**_facts(archive), **facts})

    def summarised(rows: Sequence[Row]) -> dict[str, Any]:
        return summarise(rows, plan.ask.threshold)

    runs.carry_out(
        quoting.out, dataset, runs.manifest_of(quoting, dataset), opened_quoting, summarised
    )
    runs.carry_out(writing.out, dataset, manifest, opened_writing, summarised)
    return side_by_side(
        *(list(read_run(each.out).rows.values()) for each in (quoting, writing)),
        plan.ask.threshold,
    )


def default_out(plan: runs.Plan) -> Path:
    """The folder for a plan that names none, in `runs/` of the checkout: one for each model and
    data set."""
    about = model_facts(plan.ask.model, hashed=False)
    model = about.get("name") or Path(about.get("file") or "server").stem
    name = f"generation-{model}-{plan.data.resolve().name.partition('.')[0]}"
    return machine.ROOT / "runs" / re.sub(r"[^\w.-]+", "-", name)


def model_facts(model: str, hashed: bool = True) -> dict[str, Any]:
    """What a run says of its model: no folder, and no secret that an address may hold.

    Of a file its name, size and SHA-256 (if `hashed`), of a server its address and the model's
    name. Raises InputError where no model is named, ModelError where there is no such file.
    """
    if not model:
        raise InputError(
            "No model is named that could write answers. Name one with --model: a GGUF file, or "
            "the address of a server, as http://127.0.0.1:11434/v1#NAME."
        )
    address = urlsplit(model)
    if address.scheme in ("http", "https"):
        host = address.netloc.rpartition("@")[2]
        return {
            "server": f"{address.scheme}://{host}{address.path}",
            "name": address.fragment,
        }
    if "://" in model:
        return {"file": model}
    path = Path(model)
    if not path.is_file():
        raise ModelError(f"There is no file {path}. Name a GGUF file with --model.")
    facts: dict[str, Any] = {"file": path.name, "bytes": path.stat().st_size}
    return {**facts, "sha256": _sha256(path)} if hashed else facts


class _Quoting:
    """Asks for quotes, which is how the question is answered where no model is named."""

    def __init__(self, archive: Archive, dataset: Dataset) -> None:
        self._archive = archive
        self._articles = {article.id: article for article in dataset.articles}

    def warm(self) -> None:
        self._archive.ask(runs.WARMING, written=False)

    def row(self, query: Query) -> Row:
        history = _history(self._archive, query)
        began = time.perf_counter()
        try:
            answer = self._archive.ask(query.text, history, written=False)
        except QuestionError:  # What Byline refuses is not answered, and scores so.
            answer = _refused(query)
        return judged(query, answer, self._articles, time.perf_counter() - began)


class _Asking:
    """Asks for written answers, one question at a time, and times them.

    What the process needs without the model is measured before that is loaded.
    """

    def __init__(self, archive: Archive, dataset: Dataset, model: ChatModel | None) -> None:
        archive.ask(runs.WARMING, written=False)
        self._without = _peak()
        loaded = model or archive.load_model()
        assert loaded is not None, "the settings name a model"
        self.model = Timed(loaded)
        self._archive = Archive.open(
            archive.home, archive.settings, archive.load_encoder(), model=self.model
        )
        self._articles = {article.id: article for article in dataset.articles}

    def warm(self) -> None:
        for _ in self.model.write(_WARMING, max_tokens=2):
            pass

    def row(self, query: Query) -> Row:
        history = _history(self._archive, query)
        self.model.writing = None
        began = time.perf_counter()
        seconds: dict[str, float] = {}
        found: list[Answer] = []
        try:
            for answer in self._archive.stream(query.text, history):
                passed = time.perf_counter() - began
                seconds.setdefault("quotes", passed)
                if answer.mode == "generated":
                    seconds.setdefault("first sentence", passed)
                found.append(answer)
        except QuestionError:
            found = [_refused(query)]
        seconds["whole answer"] = time.perf_counter() - began
        row = judged(query, found[-1], self._articles, seconds["whole answer"])
        written = self._written(found[0], found[-1], seconds, began)
        return dataclasses.replace(
            row, answer=dataclasses.replace(answer_of(row), written=written)
        )

    def _written(
        self, quoted: Answer, answer: Answer, seconds: dict[str, float], began: float
    ) -> Written:
        """What the model wrote between the first answer, in quotes, and the last."""
        writing = self.model.writing
        raw = "".join(writing.pieces) if writing else ""
        if writing and writing.first and writing.last:
            seconds["first word"] = writing.first - began
            seconds["reading"] = writing.first - writing.began
            seconds["writing"] = writing.last - writing.first
        asked = [message["content"] for message in writing.messages] if writing else []
        note = " ".join(answer.notes[len(quoted.notes) :])
        memory = {"without": self._without, "with": _peak()}
        return Written(
            verified=sum(claim.verdict == "supported" for claim in answer.claims),
            rejected=[dataclasses.asdict(rejected) for rejected in answer.rejected],
            instead=bool(writing or note) and answer.mode == "extractive",
            note=note,
            raw=raw,
            tokens=self.model.count_tokens(raw) if raw else 0,
            prompt_tokens=sum(map(self.model.count_tokens, asked)),
            seconds={name: round(value, 4) for name, value in seconds.items()},
            memory={name: round(peak, 1) for name, peak in memory.items() if peak is not None},
        )


def judged(query: Query, answer: Answer, articles: Mapping[str, Article], seconds: float) -> Row:
    """The row of `eval.judge`, with two shares more of an answerable question: "sentences right",
    of those shown, where there are any, and "facts cited", of its gold facts."""
    row = judge(query, answer, articles, 1000 * seconds)
    if not query.relevant:
        return row
    shares = {}
    if row.passages:
        shares["sentences right"] = statistics.fmean(at["right"] for at in row.passages)
    if query.facts:
        shares["facts cited"] = answer_of(row).found / answer_of(row).facts
    return dataclasses.replace(row, measures={**row.measures, **shares})


def summarise(rows: Sequence[Row], threshold: float) -> dict[str, Any]:
    """What one of the two runs comes to: its scores, by kind too, its times, and its writing."""
    writing = {"writing": writing_of(rows)} if _texts(rows) else {}
    return {
        **_scores(rows, threshold),
        "milliseconds": runs.times_of(rows),
        "kinds": {kind: _scores(some, threshold) for kind, some in runs.by_kind(rows).items()},
        **writing,
    }


def side_by_side(
    extractive: Sequence[Row], written: Sequence[Row], threshold: float
) -> dict[str, Any]:
    """Both runs' scores over all questions, and over those that a written answer remains of."""
    kept = {row.id for row in written if any(text.verified for text in _texts([row]))}
    both = {EXTRACTIVE: extractive, WRITTEN: written}
    return {
        "threshold": threshold,
        "all": {name: _scores(rows, threshold) for name, rows in both.items()},
        "answered in writing": {
            name: _scores([row for row in rows if row.id in kept], threshold)
            for name, rows in both.items()
        },
        "writing": writing_of(written),
    }


def writing_of(rows: Sequence[Row]) -> dict[str, Any]:
    """What the model wrote, over all questions, and how fast.

    "verified" is the share of written sentences that entered an answer; the others are counted by
    what is wrong with them. "instead" counts the questions asked of the model whose answer is not
    its own, by what the reader was told, and how many of them have no answer. Tokens a second are those
    after the first word, over the time from the first word to the last, so that checking the
    sentences between them counts; those read are the prompts', over the time to the first word.
    """
    texts = _texts(rows)
    asked = [text for text in texts if text.prompt_tokens]
    timed = [text for text in asked if "writing" in text.seconds]
    verified = sum(text.verified for text in texts)
    written = verified + sum(len(text.rejected) for text in texts)
    left_out = Counter(
        said.get("kind") or said["reason"] for text in texts for said in text.rejected
    )
    unanswerable = [row for row in rows if not answer_of(row).answerable]
    instead, without_answer = (
        Counter(text.note for text in _texts(some) if text.instead) for some in (rows, unanswerable)
    )
    return {
        "questions asked of the model": len(asked),
        "sentences": written,
        "verified": verified / written if written else None,
        "left out": dict(left_out.most_common()),
        "instead": {
            note: {"questions": count, "unanswerable": without_answer[note]}
            for note, count in instead.most_common()
        },
        "tokens": sum(text.tokens for text in asked),
        "tokens a second": _rate(
            sum(text.tokens - 1 for text in timed), sum(text.seconds["writing"] for text in timed)
        ),
        "prompt tokens": _spread([text.prompt_tokens for text in asked]),
        "prompt tokens a second": _rate(
            sum(text.prompt_tokens for text in timed),
            sum(text.seconds["reading"] for text in timed),
        ),
        "seconds": {
            name: _spread([text.seconds[name] for text in asked if name in text.seconds])
            for name in _SECONDS
        },
        "memory in MiB": {
            name: max((text.memory[name] for text in texts if name in text.memory), default=None)
            for name in ("without", "with")
        },
    }


def table(found: Mapping[str, Any]) -> str:
    """What `run` found, as aligned text."""
    everything, kept = found["all"], found["answered in writing"]
    columns = {
        EXTRACTIVE: everything[EXTRACTIVE], WRITTEN: everything[WRITTEN],
        f"{EXTRACTIVE}*": kept[EXTRACTIVE], f"{WRITTEN}*": kept[WRITTEN],
    }  # fmt: skip
    lines = [["", *columns], ["questions", *(str(each["questions"]) for each in columns.values())]]
    for name in MEASURES:
        values = [each["measures"].get(name) for each in columns.values()]
        if any(value is not None for value in values):
            lines.append([name, *("-" if x is None else f"{x:.4f}" for x in values)])
    lines.append(
        ["broken citations", *(str(each["broken citations"]) for each in columns.values())]
    )
    notes = [
        "* only the questions whose answer is a written one in the end",
        f"threshold {found['threshold']:g}",
    ]
    return "\n".join([*aligned(lines), *notes, "", *_told(found["writing"])])


def _told(writing: Mapping[str, Any]) -> Iterator[str]:
    """What the model wrote, line by line."""
    verified = writing["verified"]
    share = "" if verified is None else f", {verified:.1%} of them verified"
    yield f"asked of the model: {writing['questions asked of the model']} questions"
    yield f"sentences written: {writing['sentences']}{share}"
    yield "left out, and why:"
    yield from _counted(writing["left out"])
    yield "not answered in writing, and why:"
    yield from _counted(
        {
            f"{note} ({counts['unanswerable']} without an answer)": counts["questions"]
            for note, counts in writing["instead"].items()
        }
    )
    yield (
        f"tokens written: {writing['tokens']}, {_number(writing['tokens a second'])} a second; "
        f"read: {_number(writing['prompt tokens a second'])} a second"
    )
    yield "median and 95th percentile:"
    yield f"  {'tokens of a prompt':24} {_both(writing['prompt tokens'], 0)}"
    for name, spread in writing["seconds"].items():
        yield f"  {f'seconds to {name}':24} {_both(spread, 2)}"
    memory = writing["memory in MiB"]
    yield (
        f"peak memory of this process, in MiB: {_number(memory['without'], 0)} without the model, "
        f"{_number(memory['with'], 0)} with it"
    )


def _counted(counts: Mapping[str, int]) -> Iterator[str]:
    for text, count in counts.items():
        yield f"  {count:4} {plain(text)}"
    if not counts:
        yield "  none"


def _both(spread: Mapping[str, float] | None, digits: int) -> str:
    return "-" if spread is None else ", ".join(_number(x, digits) for x in spread.values())


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _scores(rows: Sequence[Row], threshold: float) -> dict[str, Any]:
    found = answer_scores.scores(rows, threshold, rows) if rows else {}
    return {
        "questions": len(rows),
        "measures": {name: found[name] for name in MEASURES if name in found},
        "broken citations": sum(answer_of(row).broken for row in rows),
    }


def _texts(rows: Sequence[Row]) -> list[Written]:
    return [text for row in rows if (text := answer_of(row).written)]


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    """The median and the 95th percentile; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 4),
        "95th percentile": round(ordered[math.ceil(0.95 * len(ordered)) - 1], 4),
    }


def _rate(count: float, seconds: float) -> float | None:
    return round(count / seconds, 2) if seconds > 0 else None


def _history(archive: Archive, query: Query) -> list[Turn]:
    """The earlier turns of a conversation, answered in quotes."""
    history: list[Turn] = []
    for turn in query.turns:
        history.append((turn, archive.ask(turn, history, written=False).text))
    return history


def _refused(query: Query) -> Answer:
    return Answer(query.text, query.text, "", "unanswered")


def _facts(archive: Archive) -> dict[str, Any]:
    info = archive.info()
    return {"precision": info["encoder"]["precision"], "passages": info["passages"]}


def _peak() -> float | None:
    """The most memory that this process has held, in MiB; None where the system does not say."""
    try:
        import resource  # Not on Windows.
    except ImportError:
        return None
    # macOS counts bytes, Linux KiB.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _sha256(path: Path) -> str:
    """Read in pieces: a whole model in memory would count as the memory of quotes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
