"""Answers that a language model writes, measured, with the answers in quotes beside them.

Two runs over the same questions stand side by side in a folder, `extractive` and `written`, so that
`eval compare` sets one against the other. Owns how a model is asked and timed; what is right is
`eval.answers.judge`'s, the averages `eval.generation.scores`'.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.answers import run as answers
from eval.answers.judge import judge
from eval.answers.scores import answer_of
from eval.datasets import Dataset, Query
from eval.generation.scores import EXTRACTIVE, WRITTEN, side_by_side, summarise
from eval.retrieval import run as runs
from eval.runs import machine
from eval.runs.saved import Row, Written, read_run
from rag import Answer, Archive, Article
from rag.errors import InputError, ModelError, QuestionError
from rag.models.chat.load import load
from rag.protocols import ChatModel, TextEncoder
from rag.types import Message, Turn

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
    if "server" in about and not model:
        # An address that is refused or silent is no news for after the quotes. (A file waits: it
        # would count as the memory of quotes.)
        chosen = plan.ask
        load(chosen.model, chosen.allow_remote, chosen.context_tokens, chosen.model_timeout)
    dataset = answers.dataset_of(plan, given=False, topics=None)
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
    quotes, texts = (list(read_run(each.out).rows.values()) for each in (quoting, writing))
    return side_by_side(quotes, texts, plan.ask.threshold)


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
    path = Path(model).expanduser()
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
        return dataclasses.replace(row, answer=dataclasses.replace(answer_of(row), written=written))

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
    """The row of `eval.answers.judge`, with two shares more of an answerable question: "sentences
    right", of those shown, where there are any, and "facts cited", of its gold facts."""
    row = judge(query, answer, articles, 1000 * seconds)
    if not query.relevant:
        return row
    shares = {}
    if row.passages:
        shares["sentences right"] = statistics.fmean(at["right"] for at in row.passages)
    if query.facts:
        shares["facts cited"] = answer_of(row).found / answer_of(row).facts
    return dataclasses.replace(row, measures={**row.measures, **shares})


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
