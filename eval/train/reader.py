"""Trains Byline's reader: the network of `eval.train.network`, on searches.

All sentences of all passages of a search compete in one softmax with "none of them" (as passages
do in Clark and Gardner 2018), so that scores of different passages can be compared. Where only the
sentence that answers is known, the likelihood of all its tokens as start and end is summed.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.optim import swa_utils
from tqdm import tqdm

from eval.train.examples import (
    Passage,
    Search,
    Searches,
    held_back,
    read_paragraphs,
    read_questions,
    sha256_of,
)
from eval.train.network import ReaderNetwork, new_network
from rag.errors import InputError
from rag.models.encoder import locate
from rag.models.reader.layout import layout
from rag.models.runtime.tokens import bare
from rag.types import Span

_AVERAGED = 0.997  # What the moving average of the weights keeps at each step.
_HEAD = 3  # How much faster the heads learn.
_SPANS = 0.5  # Weight of the loss of spans.
_SAVED = 100  # Steps between checkpoints.
_POOL = 256  # Searches that are put in order of length, so that batches stay random.
_CHARACTERS = 4.3  # Of a token, about.
_LEAST = 0.02  # Share of the rate that is left at the end.


@dataclass(frozen=True)
class Recipe:
    """How a reader is trained.

    `steps`, each of about `batch_tokens` tokens; `rate`: the highest learning rate, reached after
    `warm_up` steps, then falling; `frozen`: layers left as they are, beside the table of words;
    `searches`: share of the examples that have several passages.
    """

    steps: int = 3000
    batch_tokens: int = 3072
    rate: float = 6e-5
    warm_up: int = 100
    frozen: int = 2
    searches: float = 0.7
    seed: int = 0


def train(
    passages: Path,
    questions: Path,
    squad: Path,
    encoder: str,
    out: Path,
    recipe: Recipe,
    start: Path | None = None,
) -> dict[str, Any]:
    """Train, write model, tokenizer and training.json to `out`, and return what that says.

    From the weights of the file `start`, or else from the encoder's own. A third of the topics of
    `squad` is held back. A run that was stopped goes on from its last checkpoint.
    """
    from transformers import AutoTokenizer

    torch.manual_seed(recipe.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    paragraphs = read_paragraphs(squad)
    kept = held_back([example.topic for example in paragraphs])
    mine = [example for example in paragraphs if example.topic not in kept]
    searches = Searches([*read_questions(passages, questions), *mine], recipe.seed, recipe.searches)
    folder = locate(encoder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = _network(folder, start, recipe.frozen).to(device)
    out.mkdir(parents=True, exist_ok=True)
    moving = swa_utils.get_ema_multi_avg_fn(_AVERAGED)  # type: ignore[no-untyped-call]
    average = swa_utils.AveragedModel(model, multi_avg_fn=moving)
    cutter = bare(tokenizer.backend_tokenizer, split_special=True)
    _run(model, average, cutter, searches, recipe, out)
    tokenizer.save_pretrained(out)
    model.encoder.config.save_pretrained(out)
    facts = {
        "made_by": "python -m eval train-reader",
        "encoder": encoder,
        "start": sha256_of(start) if start else None,
        "recipe": dataclasses.asdict(recipe),
        "data": {path.name: sha256_of(path) for path in (passages, questions, squad)},
        "trained_on": sorted({example.topic for example in mine}),
        "held_back": sorted(kept),
        "sha256": sha256_of(out / "model.safetensors"),
    }
    (out / "training.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return facts


def _network(encoder: str | Path, start: Path | None, frozen: int) -> ReaderNetwork:
    """The network to train, the table of words and so many layers of it frozen."""
    from safetensors.torch import load_file

    model = new_network(encoder).train()
    if start is not None:
        model.load_state_dict({name: w.float() for name, w in load_file(start).items()})
    body: Any = model.encoder
    body.embeddings.requires_grad_(False)
    for layer in body.encoder.layer[:frozen]:
        layer.requires_grad_(False)
    return model


def _run(
    model: ReaderNetwork,
    average: swa_utils.AveragedModel,
    tokenizer: Tokenizer,
    searches: Searches,
    recipe: Recipe,
    out: Path,
) -> None:
    learning = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    body = [p for name, p in learning if name.startswith("encoder.")]
    head = [p for name, p in learning if not name.startswith("encoder.")]
    optimiser = torch.optim.AdamW([{"params": body}, {"params": head}], weight_decay=0.01)
    parts = {"model": model, "average": average, "optimiser": optimiser}
    step = _restore(out / "checkpoint.pt", parts, recipe)
    shown = 0.0
    with tqdm(total=recipe.steps, initial=step, mininterval=10) as bar:
        for batch in batches(searches, recipe.batch_tokens, step):
            if step == recipe.steps:
                break
            rise = min(1, (step + 1) / recipe.warm_up)
            rate = recipe.rate * rise * max(_LEAST, 1 - step / recipe.steps)
            for group, times in zip(optimiser.param_groups, (1, _HEAD), strict=True):
                group["lr"] = times * rate
            loss = loss_of(model, tokenizer, batch)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*body, *head], 1.0)
            optimiser.step()
            average.update_parameters(model)
            step += 1
            shown = 0.99 * shown + 0.01 * loss.item() if shown else loss.item()
            bar.set_postfix(loss=f"{shown:.3f}", refresh=False)
            bar.update()
            if step % _SAVED == 0 or step == recipe.steps:
                _save(out / "checkpoint.pt", parts, recipe, step)
                _export(average.module, out / "model.safetensors")


def batches(searches: Searches, tokens: int, first: int = 0) -> Iterator[list[Search]]:
    """Yield batches of searches of about `tokens` tokens, alike in length, from batch `first` on;
    without end."""
    number = done = 0
    while True:
        drawn = list(searches.draw(number, _POOL))
        drawn.sort(key=_longest)
        made: list[list[Search]] = []
        batch: list[Search] = []
        for search in drawn:
            rows = sum(len(one.passages) for one in [*batch, search])
            if batch and rows * _longest(search) > tokens * _CHARACTERS:
                made.append(batch)
                batch = []
            batch.append(search)
        made.append(batch)
        for i in np.random.default_rng(number).permutation(len(made)):
            if done >= first:
                yield made[i]
            done += 1
        number += 1


def _longest(search: Search) -> int:
    """Characters of the longest row that is read."""
    longest = max(len(p.heading) + sum(map(len, p.sentences)) for p in search.passages)
    return len(search.question) + longest


def loss_of(model: ReaderNetwork, tokenizer: Tokenizer, batch: Sequence[Search]) -> Tensor:
    """The negative log-likelihood of the sentences that are right, averaged over searches, and of
    the starts and ends that are, averaged over passages."""
    passages = [(search.question, passage) for search in batch for passage in search.passages]
    texts = [passage.text() for _, passage in passages]
    rows = layout(
        tokenizer, [question for question, _ in passages], [p.heading for _, p in passages],
        [text for text, _, _ in texts],
    )  # fmt: skip
    # A text that is too long takes more rows: here the first is enough.
    rows = rows.part(np.unique(rows.text_of, return_index=True)[1].tolist())
    device = model.scale.device
    inputs = {n: torch.from_numpy(values).to(device) for n, values in rows.inputs.items()}
    marked = rows.segments([sentences for _, sentences, _ in texts])
    scores, spans = model(inputs, torch.from_numpy(marked).to(device))
    found = [[n in p.answers for n in range(scores.shape[1])] for _, p in passages]
    right = torch.tensor(found, device=device) & scores.isfinite()
    of_sentences = _of_searches(scores, right, [len(search.passages) for search in batch])
    of_spans = _of_spans(spans, rows.places, [p for _, p in passages], [t[2] for t in texts])
    return of_sentences + _SPANS * of_spans


def _of_searches(scores: Tensor, right: Tensor, counts: Sequence[int]) -> Tensor:
    """The loss of the sentences: those of one search against each other and against none, 0."""
    losses = []
    first = 0
    for count in counts:
        mine, true = scores[first : first + count].flatten(), right[first : first + count].flatten()
        first += count
        against = torch.cat([mine, mine.new_zeros(1)]).logsumexp(0)
        losses.append(against - mine[true].logsumexp(0) if true.any() else against)
    return torch.stack(losses).mean()


def _of_spans(
    spans: Tensor,
    places: npt.NDArray[np.int64],
    passages: Sequence[Passage],
    answers: Sequence[Sequence[Span]],
) -> Tensor:
    """The loss of starts and ends, each against the others of its passage and the first token."""
    right = np.stack(
        [
            targets(place, spans_of, passage.exact)
            for place, spans_of, passage in zip(places, answers, passages, strict=True)
        ]
    )
    allowed = torch.from_numpy(places[..., 1] > 0).to(spans.device)
    allowed[:, 0] = True
    logits = spans.transpose(1, 2).masked_fill(~allowed.unsqueeze(1), float("-inf"))
    chosen = logits.masked_fill(~torch.from_numpy(right).to(spans.device), float("-inf"))
    return (logits.logsumexp(2) - chosen.logsumexp(2)).mean()


def targets(
    places: npt.NDArray[np.int64], spans: Sequence[Span], exact: bool
) -> npt.NDArray[np.bool_]:
    """Which tokens may start and which may end an answer, shape (2, tokens); the first: none.

    `places` are those of the tokens in their text, shape (tokens, 2).
    """
    found = np.zeros((2, len(places)), bool)
    for start, end in spans:
        inside = np.flatnonzero((places[:, 0] < end) & (places[:, 1] > start) & (places[:, 1] > 0))
        if len(inside):
            found[0, inside[:1] if exact else inside] = True
            found[1, inside[-1:] if exact else inside] = True
    found[:, 0] = not found.any()
    return found


def _export(network: Any, path: Path) -> None:
    """Write the weights in half precision, replacing the file in one move."""
    from safetensors.torch import save_file

    weights = {k: v.detach().half().contiguous().cpu() for k, v in network.state_dict().items()}
    save_file(weights, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def _restore(checkpoint: Path, parts: dict[str, Any], recipe: Recipe) -> int:
    """Put the parts back to where the checkpoint, if there is one, had them; return its step."""
    if not checkpoint.exists():
        return 0
    saved = torch.load(checkpoint, map_location=parts["model"].scale.device, weights_only=True)
    # Steps may change: a run can be ended earlier, or later.
    if {**saved["recipe"], "steps": recipe.steps} != dataclasses.asdict(recipe):
        raise InputError(
            f"{checkpoint} was made with another recipe. Remove it, or choose another --out."
        )
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    return int(saved["step"])


def _save(checkpoint: Path, parts: dict[str, Any], recipe: Recipe, step: int) -> None:
    state = {name: part.state_dict() for name, part in parts.items()}
    # Replaced in one move: a run killed while it writes keeps the last one.
    facts = {"recipe": dataclasses.asdict(recipe), "step": step}
    torch.save({**state, **facts}, checkpoint.with_suffix(".new"))
    checkpoint.with_suffix(".new").replace(checkpoint)
