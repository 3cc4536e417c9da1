"""Runs questions for quotes and for answers that a language model writes.

The two runs over the same questions are saved in one folder, as `extractive` and `written`, so that
`eval compare` can compare them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.answers.run import dataset_of
from eval.generation.asking import Asking, Quoting, index_facts
from eval.generation.scores import EXTRACTIVE, WRITTEN, side_by_side, summarise
from rag.errors import InputError, ModelError
from rag.evaluation.datasets import Dataset
from rag.evaluation.runs import machine
from rag.evaluation.runs.harness import Measuring, measure_questions
from rag.evaluation.runs.index import open_archive
from rag.evaluation.runs.plan import Plan, manifest_of
from rag.evaluation.runs.saved import Row, read_run
from rag.models.chat.load import load
from rag.protocols import ChatModel, TextEncoder


def run(
    plan: Plan, encoder: TextEncoder | None = None, model: ChatModel | None = None
) -> dict[str, Any]:
    """Ask the questions that have no row yet, in quotes and then in writing; return the summary.

    A question is asked as a reader asks it, at the threshold of the settings. The earlier turns of
    a conversation are answered in quotes both times, so that the last one is understood the same.
    `model` replaces loading the one that `plan.ask` names. Raises InputError when the folder holds
    another run, ModelError when the model cannot be loaded. Interrupted, it leaves runs that the
    same call continues.
    """
    if "server" in model_facts(plan.ask.model) and not model:
        # An address that is refused or silent is no news for after the quotes. (A file waits: it
        # would count as the memory of quotes.)
        chosen = plan.ask
        load(chosen.model, chosen.allow_remote, chosen.context_tokens, chosen.model_timeout)
    dataset = dataset_of(plan, given=False, topics=None)
    quoting = dataclasses.replace(
        plan, system=EXTRACTIVE, out=plan.out / EXTRACTIVE,
        ask=dataclasses.replace(plan.ask, model=""),
    )  # fmt: skip
    writing = dataclasses.replace(plan, system=WRITTEN, out=plan.out / WRITTEN)
    _quote(quoting, dataset, encoder)
    _write(writing, dataset, encoder, model)
    quotes, texts = (list(read_run(each.out).rows.values()) for each in (quoting, writing))
    return side_by_side(quotes, texts, plan.ask.threshold)


def _quote(plan: Plan, dataset: Dataset, encoder: TextEncoder | None) -> None:
    """Run the questions for quotes."""

    def opened() -> Measuring:
        archive = open_archive(plan, dataset.articles, encoder)
        asking = Quoting(archive, dataset)
        return Measuring(asking.row, asking.warm, index_facts(archive))

    _measure(plan, dataset, manifest_of(plan, dataset), opened)


def _write(
    plan: Plan, dataset: Dataset, encoder: TextEncoder | None, model: ChatModel | None
) -> None:
    """Run the questions for written answers."""
    manifest = manifest_of(plan, dataset)
    manifest["settings"]["model"] = model_facts(plan.ask.model)
    manifest["packages"]["xllamacpp"] = _version("xllamacpp")

    def opened() -> Measuring:
        archive = open_archive(plan, dataset.articles, encoder)
        asking = Asking(archive, dataset, model)
        facts = {"model": asking.model.name, "context": asking.model.context}
        return Measuring(asking.row, asking.warm, {**index_facts(archive), **facts})

    _measure(plan, dataset, manifest, opened)


def _measure(
    plan: Plan, dataset: Dataset, manifest: dict[str, Any], opened: Callable[[], Measuring]
) -> None:
    def summarised(rows: Sequence[Row]) -> dict[str, Any]:
        return summarise(rows, plan.ask.threshold)

    measure_questions(plan.out, dataset, manifest, opened, summarised)


def default_out(plan: Plan) -> Path:
    """The folder for a plan that names none, in `runs/` of the checkout: one for each model and
    data set."""
    about = model_facts(plan.ask.model, hashed=False)
    model = about.get("name") or Path(about.get("file") or "server").stem
    name = f"generation-{model}-{plan.data.resolve().name.partition('.')[0]}"
    return machine.ROOT / "runs" / re.sub(r"[^\w.-]+", "-", name)


def model_facts(model: str, hashed: bool = True) -> dict[str, Any]:
    """Describe a model for the manifest, without folders or secrets of an address.

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
