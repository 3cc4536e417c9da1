"""The way of one question, from its words to a verified answer.

    understand -> parse -> filter -> search -> read -> compose -> write

A question for one source's account is read within that source or else everywhere. Each such
interpretation goes the same way.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rag.answer import calibration, extract, refit
from rag.answer.absence import absence
from rag.answer.compose import Evidence, compose
from rag.answer.listing import list_articles
from rag.answer.metadata import field_answer
from rag.answer.statements import Meanings
from rag.errors import ModelError
from rag.generation.verify import Verifier
from rag.generation.write import written
from rag.index.opened import OpenedIndex
from rag.models.loaded import Models
from rag.protocols import ChatModel, SentenceReader, TextEncoder
from rag.question.courtesy import is_gibberish, is_small_talk
from rag.question.language import is_foreign
from rag.question.lexicon import Lexicon
from rag.question.listing import list_asked, topic_asked
from rag.question.metadata import field_asked, source_asked
from rag.question.parse import QuestionParser, several
from rag.question.rewrite import understand
from rag.question.spelling import absent_names, respelt
from rag.retrieval.filters import Allowed, allowed
from rag.retrieval.hybrid import retrieve
from rag.retrieval.rerank import rerank
from rag.settings import AskSettings
from rag.text.characters import plain
from rag.text.stems import STOP_WORDS, stems
from rag.types import FAIR, NO_QUESTION, Answer, Filters, Hit, Note, Question, Rows, Turn, Vectors
from rag.wording import note, note_with

_log = logging.getLogger(__name__)

_UNFITTED = (
    "Encoder and reader are %s and %s, but the confidence was fitted for %s and %s: answers may be "
    "given or withheld wrongly. Fit it with: python -m eval calibrate"
)
_OUTSIDE = 20  # Passages looked at of the articles that the filters leave out.


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question taken into parts, and the unit rows of itself and of each part that is searched
    for by itself, shape (1 + parts, dimension)."""

    question: Question
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One way to read a question: as which words, and among which passages.

    `rows` are the passages that may answer (None: all). `unreadable` says why it cannot be read
    for, None if it can.
    """

    encoded: EncodedQuestion
    rows: Rows | None = None
    notes: tuple[Note, ...] = ()
    unreadable: Note | None = None


class Pipeline:
    """Answers questions from an opened index, with loaded models. Safe to share between threads.

    `scaling` is that of the archive's own judgements, and `fitted_with` says what it has to be
    fitted with.
    """

    def __init__(self, index: OpenedIndex, models: Models, settings: AskSettings) -> None:
        self.index, self.models, self.settings = index, models, settings
        self._parser = QuestionParser(index.store.sources(), index.store.years())
        self._fitted = Path(settings.evidence or calibration.OWN)
        base = calibration.load(self._fitted, settings.reader)
        self.fitted_with = refit.fitted_with(base, index.manifest.encoder.name, settings.reader)
        self.scaling = refit.read(index.home, self.fitted_with)
        self._calibration = refit.scaled(base, self.scaling)

    def stream(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),  # noqa: B008
        written: bool | None = None,
        stopped: Callable[[], bool] = lambda: False,
        encoded: EncodedQuestion | None = None,
        within: Allowed | None = None,
        model: ChatModel | None = None,
    ) -> Iterator[Answer]:
        """Yield the answer in the articles' own words, then what a chat model writes in its place.

        This is the whole way of a question. `encoded` is what is understood of it, and `within` the
        passages that the filters allow, if they are known already. `model` writes in place of the
        one that the settings name.
        """
        encoded = encoded or self.encode([self.understood(asked, history)])[0]
        answer = self._quoted(plain(asked), encoded, within or allowed(self.index, filters))
        yield answer
        if written is not False:
            yield from self.write(answer, stopped, model)

    def answer(self, asked: str, filters: Filters) -> Answer:
        """Answer a question by itself, in the articles' own words."""
        return next(self.stream(asked, (), filters, written=False))

    def answer_many(
        self,
        asked: Sequence[str],
        filters: Filters = Filters(),  # noqa: B008
        written: bool | None = None,
    ) -> list[Answer]:
        """Answer questions that each stand alone, encoded together."""
        encoded = self.encode([self.understood(question) for question in asked])
        within = allowed(self.index, filters)
        return [
            [*self.stream(question, written=written, encoded=one, within=within)][-1]
            for question, one in zip(asked, encoded, strict=True)
        ]

    def understood(self, asked: str, history: Sequence[Turn] = ()) -> Question:
        """Give a question the context that it leans on, and read its misspelt names as they are
        meant. Raises QuestionError as `understand` does.

        One that may be complete is read without: with it, a reader would answer the earlier one.
        """
        question = understand(asked, history)
        complete = question.alone and not field_asked(question, self._parser)
        foreign = self._foreign(asked)
        if complete or foreign or self._unknown(question.text):
            question = replace(question, context="")
        return question if foreign else respelt(question, self._lexicon())

    def _quoted(self, asked: str, version: EncodedQuestion, within: Allowed) -> Answer:
        """The answer to one version of a question: of its first interpretation that has one."""
        for one in self.interpretations(asked, version, within):
            hits = self._hits(one)
            evidence = self.read(one, hits)
            answer = compose(
                asked, version.question, hits, evidence, self.index, self.settings, self.meanings()
            )
            if answer.status == "answered":
                measured = (
                    None if answer.stated else self._calibration.measured.get(answer.strength)
                )
                return replace(answer, measured=measured)
        return answer if one.unreadable else self._absent(answer, one.encoded, within)

    def _absent(self, answer: Answer, version: EncodedQuestion, within: Allowed) -> Answer:
        """An answer that there is none, with what was looked through."""
        outside: list[Hit] = []
        if within.rows is not None:
            others = np.setdiff1d(np.arange(len(self.index.store)), within.rows)
            outside = self.search(version, _OUTSIDE, others) if len(others) else []
        found = absence(
            version.question, answer.hits, outside, within.filters, within.rows, self.index
        )
        return replace(answer, absence=found)

    def _hits(self, one: Interpretation) -> list[Hit]:
        if one.unreadable and one.unreadable.key in NO_QUESTION:
            return []
        return self.search(one.encoded, self.settings.read_passages, one.rows)

    def encode(self, questions: Sequence[Question]) -> list[EncodedQuestion]:
        """Take questions into parts, and encode them together."""
        parsed = [replace(q, parts=self._parser.parts(str(q))) for q in questions]
        vectors = self.encoder().encode_parts(
            [str(question) for question in parsed],
            [[part.span for part in several(question)] for question in parsed],
        )
        return list(map(EncodedQuestion, parsed, vectors))

    def interpretations(
        self, asked: str, version: EncodedQuestion, within: Allowed
    ) -> Iterator[Interpretation]:
        """Yield the ways to read a version of a question, in the order in which they are tried: in
        the articles of the source whose account it asks for, if it asks for one, and then in all.
        """
        question = version.question
        why = self._unreadable(asked, question)
        notes = within.notes + question.notes + self._long(question)
        one = Interpretation(version, within.rows, notes, why)
        named = source_asked(question, self._parser)
        if named and not why and not list_asked(question, self._parser):
            rows, _ = self.index.store.matching(Filters(tuple(named)))
            yield replace(one, rows=rows if one.rows is None else np.intersect1d(rows, one.rows))
            others = note("sources_silent", sources=" and ".join(sorted(named)))
            one = replace(one, notes=(*one.notes, others))
        yield one

    def search(self, encoded: EncodedQuestion, k: int, rows: Rows | None = None) -> list[Hit]:
        """Return at most `k` passages of `rows` (None: of all) for a question, best first."""
        question, first = encoded.question, self.settings.rerank_passages
        reranker = self.models.reranker()
        wide = max(k, first) if reranker else k
        hits = retrieve(question, encoded.vectors, self.index, self.settings, wide, rows)
        if reranker:
            hits = rerank(str(question), hits, first, reranker, self.index)[:k]
        return hits

    def read(self, one: Interpretation, hits: Sequence[Hit]) -> Evidence:
        """Read `hits`, from here or elsewhere, for what answers: an article's field, or sentences.

        What counts or lists articles is answered from the index, whatever was hit."""
        if one.unreadable:
            return Evidence(notes=(*one.notes, one.unreadable))
        question, vectors = one.encoded.question, one.encoded.vectors
        request = list_asked(question, self._parser) or topic_asked(question, self._parser)
        if request and request.unclear:
            return Evidence(notes=(*one.notes, note("listing_unclear")))
        listed = list_articles(request, self.index, one.rows) if request else None
        if request and listed and (listed.listing.articles or request.sure):
            topic = (note("topic"),) if request.wanted == "topic" else ()
            return Evidence(notes=(*topic, *one.notes), listed=listed)
        field = field_asked(question, self._parser)
        stated = field_answer(field, hits, self.index.article) if field else ()
        if field and (stated or field.called == "article"):
            notes = one.notes if stated else (*one.notes, note("no_article_meant"))
            return Evidence(fields=stated, notes=notes)
        sentences, confidence = extract.read(
            question,
            hits,
            self.index.article,
            self.meaning(vectors[0]),
            self._calibration,
            self.index.memo,
        )
        if confidence < FAIR and (absent := self._absent_names(question)):
            said = " ".join(one.notes)
            told = [note("name_unknown", name=name) for name in absent if f"“{name}”" not in said]
            return Evidence(notes=(*one.notes, *told))
        return Evidence(tuple(sentences), confidence, notes=one.notes)

    def _absent_names(self, question: Question) -> list[str]:
        """The names of a question that no article has: then a doubtful answer is about another. An
        encoder of many languages may know them by another spelling."""
        if self.encoder().multilingual:
            return []
        return list(dict.fromkeys(absent_names(question.text, self._lexicon())))

    def write(
        self,
        quoted: Answer,
        stopped: Callable[[], bool] = lambda: False,
        model: ChatModel | None = None,
    ) -> Iterator[Answer]:
        """Yield what the chat model writes in place of quotes, each sentence verified.

        Nothing without a model, without an answer, or where the index itself answers.
        """
        if quoted.status == "unanswered" or quoted.stated:
            return
        try:
            model = model or self.models.chat_model()
        except ModelError as error:
            # Readers are not told in which folder the model lies.
            folder = str(Path(self.settings.model).expanduser().parent) + os.sep
            yield replace(quoted, notes=(*quoted.notes, note_with(error.message, folder, "")))
            return
        if model:
            reader = self.models.reader()
            answers = functools.partial(_answers, reader, quoted.understood) if reader else None
            verifier = Verifier(self.embed_sentences, self.settings, self._entails, answers)
            yield from written(
                quoted, model, verifier.verify, self.index.article, self.settings, stopped
            )

    def encoder(self) -> TextEncoder:
        """Return the encoder; warns once when the confidence was fitted for other models."""
        encoder = self.models.encoder()
        mine = (encoder.name, self.settings.reader)
        fitted = (self._calibration.encoder, self._calibration.reader)
        if mine != fitted and not self.models.warned:
            self.models.warned = True
            _log.warning(_UNFITTED, *(name or "none" for name in (*mine, *fitted)))
        return encoder

    def meaning(self, vector: Vectors) -> extract.Meaning:
        """Return what scores sentences: the reader, or the question's unit `vector`."""
        reader = self.models.reader()
        if reader:
            return extract.ByReader(reader, self.index.article)
        return extract.ByVectors(vector, self.embed_sentences, self.index.idf)

    def meanings(self) -> Meanings:
        """Return what tells words that mean alike; by another encoder than the confidence was
        fitted for, whose cosines are others, only the same words do."""
        fitted = self.encoder().name == self._calibration.encoder
        return Meanings(self.embed_sentences if fitted else None)

    def embed_sentences(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows of sentences, shape (n, dimension)."""
        return self.index.sentence_vectors(texts, lambda new: self.encoder().encode_queries(new))

    def _long(self, question: Question) -> tuple[Note, ...]:
        """The note that the encoder truncates the question, if it does."""
        encoder = self.encoder()
        tokens = encoder.count_tokens([str(question)])[0] + encoder.overhead
        if tokens <= encoder.max_tokens:
            return ()
        return (note("encoder_cuts_question"),)

    def _unreadable(self, asked: str, question: Question) -> Note | None:
        """Why a question cannot be read for: a script or language that the encoder does not know,
        or no word to look for."""
        encoder = self.encoder()
        if is_small_talk(asked):
            return note("small_talk")
        if is_gibberish(asked):
            return note("no_subject")
        if not encoder.reads(asked):
            return note("encoder_unknown_script")
        if self._foreign(asked):
            return note("encoder_unknown_language")
        if not stems(str(question)):
            return note("no_subject")
        return note("words_unknown") if self._unknown(question.text) else None

    def _unknown(self, text: str) -> bool:
        """Whether the archive has none of the words of a text, and no English word makes it a
        question: "asdf". An encoder of many languages may know them all the same."""
        english = not STOP_WORDS.isdisjoint(text.lower().rstrip("?.! ").split())
        if english or self.encoder().multilingual:
            return False
        return not any(self.index.bm25.frequency(word).holding for word in stems(text))

    def _foreign(self, asked: str) -> bool:
        """Whether a question is in a language that neither articles nor encoder know."""
        return not self.encoder().multilingual and is_foreign(asked, self._lexicon())

    def _lexicon(self) -> Lexicon:
        # Made anew each time: the pipeline must not refer to itself (see `Archive.__init__`).
        encoder = self.encoder()
        return Lexicon(
            self.index.occurs,
            self.index.texts_holding,
            # A tokenizer may know a word only with the blank before it.
            lambda word: encoder.count_tokens([f" {word}"]) == [1],
        )

    def _entails(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """How probably each quote entails each sentence; surely, where no model is named."""
        model = self.models.entailment()
        return model.probabilities(pairs) if model else [1.0] * len(pairs)


def _answers(reader: SentenceReader, question: str, sentence: str) -> float:
    """The log-odds that a sentence answers by itself, as `reader` reads it."""
    ((reading,),) = reader.read(question, [""], [sentence], [[(0, len(sentence))]])
    return reading.logit
