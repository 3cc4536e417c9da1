"""Trains Byline's reader from the default encoder's own weights.

The network is BERT's for extractive question answering (Devlin et al. 2019): a start and an end
score for every token, the first token standing for "no answer here". Where only the sentence that
answers is known, the likelihood of all its tokens is summed (Clark and Gardner 2018).
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.optim import swa_utils
from tqdm import tqdm

from eval.train.examples import Epochs, Example, held_back, read_lists, read_paragraphs, sha256_of
from rag.errors import InputError
from rag.models.encoder import locate
from rag.models.reader.span_reader import layout
from rag.types import Span

_AVERAGED = 0.995  # What the moving average of the weights keeps at each step.
_HEAD = 5  # How much faster the new layer learns.
_SAVED = 200  # Steps between checkpoints.
_POOL = 512  # Examples that are put in order of length, so that batches stay random.
_CHARACTERS = 4  # Of a token, about.


@dataclass(frozen=True)
class Recipe:
    """How a reader is trained; the defaults made the one in use.

    `batch_tokens`: tokens of a step. `rate`: the highest learning rate, reached after `warm_up`
    steps, then falling to 0. `frozen`: layers left as they are, beside the table of words.
    `squad`: times the questions in SQuAD's format come in an epoch.
    """

    epochs: int = 2
    batch_tokens: int = 2048
    rate: float = 8e-5
    warm_up: int = 100
    frozen: int = 2
    squad: int = 2
    seed: int = 0


Batch = list[tuple[Example, str]]
"""Examples with their headings."""


def train(lists: Path, squad: Path, encoder: str, out: Path, recipe: Recipe) -> dict[str, Any]:
    """Train, write model, tokenizer and training.json to `out`, and return what that says.

    A third of the topics of `squad` is held back. A run that was stopped goes on from its last
    checkpoint, as if it had not been.
    """
    from transformers import AutoTokenizer

    torch.manual_seed(recipe.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    paragraphs = read_paragraphs(squad)
    kept = held_back([example.topic for example in paragraphs])
    mine = [example for example in paragraphs if example.topic not in kept]
    epochs = Epochs([*read_lists(lists), *(mine * recipe.squad)], recipe.seed)
    start = locate(encoder)
    tokenizer = AutoTokenizer.from_pretrained(start, split_special_tokens=True)
    model = _model(start, recipe.frozen).to(device)
    out.mkdir(parents=True, exist_ok=True)
    moving = swa_utils.get_ema_multi_avg_fn(_AVERAGED)  # type: ignore[no-untyped-call]
    average = swa_utils.AveragedModel(model, multi_avg_fn=moving)
    _run(model, average, tokenizer, epochs, recipe, out / "checkpoint.pt")
    _half(average).save_pretrained(out)
    tokenizer.save_pretrained(out)
    facts = {
        "made_by": "python -m eval train-reader",
        "encoder": encoder,
        "recipe": dataclasses.asdict(recipe),
        "data": {path.name: sha256_of(path) for path in (lists, squad)},
        "trained_on": sorted({example.topic for example in mine}),
        "held_back": sorted(kept),
        "sha256": sha256_of(out / "model.safetensors"),
    }
    (out / "training.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return facts


def _half(average: swa_utils.AveragedModel) -> Any:
    model: Any = average.module
    return model.half()


def _model(start: Path | str, frozen: int) -> Any:
    """The encoder with a new layer on top, without dropout; only its upper layers learn."""
    from transformers import AutoModelForQuestionAnswering

    model = AutoModelForQuestionAnswering.from_pretrained(
        start, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    model.base_model.embeddings.requires_grad_(False)
    for layer in model.base_model.encoder.layer[:frozen]:
        layer.requires_grad_(False)
    return model.train()


def _run(
    model: Any,
    average: swa_utils.AveragedModel,
    tokenizer: Any,
    epochs: Epochs,
    recipe: Recipe,
    checkpoint: Path,
) -> None:
    head = list(model.qa_outputs.parameters())
    body = [p for p in model.base_model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": body}, {"params": head}], weight_decay=0.01)
    parts = {"model": model, "average": average, "optimiser": optimiser}
    step = _restore(checkpoint, parts, recipe)
    batches = functools.lru_cache(maxsize=1)(lambda n: _batches(epochs, n, recipe.batch_tokens))
    per_epoch = len(batches(0))
    total = per_epoch * recipe.epochs
    shown = 0.0
    with tqdm(total=total, initial=step, mininterval=10) as bar:
        while step < total:
            # Epochs differ by a few batches.
            batch = batches(step // per_epoch)[step % per_epoch % len(batches(step // per_epoch))]
            rate = recipe.rate * min(1, (step + 1) / recipe.warm_up) * (1 - step / total)
            for group, times in zip(optimiser.param_groups, (1, _HEAD), strict=True):
                group["lr"] = times * rate
            loss = _loss(model, tokenizer, batch)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*body, *head], 1.0)
            optimiser.step()
            average.update_parameters(model)
            step += 1
            shown = 0.99 * shown + 0.01 * loss.item() if shown else loss.item()
            bar.set_postfix(loss=f"{shown:.3f}", refresh=False)
            bar.update()
            if step % _SAVED == 0 or step == total:
                _save(checkpoint, parts, recipe, step)


def _batches(epochs: Epochs, number: int, tokens: int) -> list[Batch]:
    """The examples of an epoch in batches of about `tokens` tokens, alike in length."""
    drawn = list(epochs.draw(number))
    lengths = [sum(len(s) for s in e.sentences) + len(e.question) + len(h) for e, h in drawn]
    made: list[Batch] = []
    for first in range(0, len(drawn), _POOL):
        order = sorted(range(first, min(first + _POOL, len(drawn))), key=lengths.__getitem__)
        batch: Batch = []
        for i in order:
            if batch and (len(batch) + 1) * lengths[i] > tokens * _CHARACTERS:
                made.append(batch)
                batch = []
            batch.append(drawn[i])
        made.append(batch)
    return [made[i] for i in np.random.default_rng(number).permutation(len(made))]


def _loss(model: Any, tokenizer: Any, batch: Batch) -> torch.Tensor:
    """Marginal negative log-likelihood of the starts and the ends that are right, averaged."""
    passages = [example.text() for example, _ in batch]
    rows = layout(
        tokenizer, [example.question for example, _ in batch], [h for _, h in batch],
        [text for text, _ in passages],
    )  # fmt: skip
    right = np.stack(
        [
            targets(rows.places[row], passages[i][1], batch[i][0].exact)
            for row, i in enumerate(rows.text_of)
        ]
    )
    allowed = torch.from_numpy(rows.places[..., 1] > 0).to(model.device)
    allowed[:, 0] = True
    out = model(**{name: values.to(model.device) for name, values in rows.inputs.items()})
    logits = torch.stack((out.start_logits, out.end_logits), 1).float()
    logits = logits.masked_fill(~allowed.unsqueeze(1), float("-inf"))
    chosen = logits.masked_fill(~torch.from_numpy(right).to(model.device), float("-inf"))
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


def _restore(checkpoint: Path, parts: dict[str, Any], recipe: Recipe) -> int:
    """Put the parts back to where the checkpoint, if there is one, had them; return its step."""
    if not checkpoint.exists():
        return 0
    saved = torch.load(checkpoint, map_location=parts["model"].device, weights_only=True)
    if saved["recipe"] != dataclasses.asdict(recipe):
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
