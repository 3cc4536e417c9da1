"""The face: building, opening, filters, conversations, hostile texts, threads, replaced indexes."""

from __future__ import annotations

import contextlib
import datetime
import gc
import json
import shutil
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import made
import pytest
import tiny

from eval.datasets import gold
from rag import Archive, Article, AskSettings, BuildSettings
from rag.citation import is_verbatim
from rag.errors import EncoderError, InputError, QuestionError, SettingsError, SnapshotError
from rag.index import snapshot

KRATIE = "How many people did police in Kratie arrest?"
DAY = datetime.date(2025, 7, 16)
STORIES = (
    Article("Police held 312 people in Kratie.", "Raids", "a", "The Post", published=DAY),
    Article("Rain fell for six days.", "Rain", "b", "The Daily", published=DAY.replace(day=20)),
    Article("Police closed a casino in Poipet.", "Casino", "c", "The Post"),
)
FIELDS = (
    {"author": "Ann Lee, Bo Ek and Cy Orr", "language": "en", "section": "Crime", "format": "html"},
    {"language": "en-GB", "section": "Weather", "format": "csv"},
    {"author": "bo ek", "language": "km", "section": "CRIME", "format": "html"},
)


@pytest.fixture(scope="module")
def home(tmp_path_factory, fake_encoder):
    folder = tmp_path_factory.mktemp("stories")
    Archive.build(STORIES, folder, encoder=fake_encoder)
    return folder


@pytest.fixture
def stories(home, opened):
    """A small archive that answers every question it can read a sentence for."""
    return opened(home)


@pytest.fixture(scope="module")
def filed(tmp_path_factory, fake_encoder, opened):
    """The same, with authors, languages, sections and formats."""
    folder = tmp_path_factory.mktemp("filed")
    articles = [replace(one, **fields) for one, fields in zip(STORIES, FIELDS, strict=True)]
    Archive.build(articles, folder, encoder=fake_encoder)
    return opened(folder)


def ids(hits):
    return {hit.passage.article_id for hit in hits}


def said(answer):
    """What an answer says, but for scores, which batches may move in the last digit."""
    return (answer.status, answer.text, answer.citations, answer.understood, answer.notes)


def assert_holds(archive, answer):
    assert answer.dropped == 0
    assert all(is_verbatim(c, archive.article(c.article_id)) for c in answer.citations)


# Asking


def test_an_answer_is_a_quote_with_its_place(archive):
    answer = archive.ask(KRATIE)
    assert answer.status == "answered"
    assert "312" in answer.citations[0].quote
    assert 0 < answer.confidence <= 1
    assert_holds(archive, answer)


def test_a_question_far_from_the_archive_gets_related_reading_only(archive):
    answer = archive.ask("What is the best recipe for fish amok?")
    assert (answer.status, answer.text, answer.citations) == ("unanswered", "", ())
    assert answer.hits


def test_a_follow_up_is_understood(archive):
    answer = archive.ask("And in Pursat?", history=[(KRATIE, "312 people.")])
    assert answer.question == "And in Pursat?"
    assert answer.understood == f"And in Pursat? ({KRATIE})"


@pytest.mark.parametrize(
    "question",
    [
        "តើប៉ូលិសចាប់ខ្លួនមនុស្សប៉ុន្មាននាក់?",
        "پولیس نے کتنے لوگوں کو گرفتار کیا؟",
        "Сколько человек арестовали?",
    ],
    ids=["Khmer", "Urdu", "Cyrillic"],
)
def test_a_script_that_the_encoder_does_not_know(archive, question):
    answer = archive.ask(question)
    assert (answer.status, answer.citations) == ("unanswered", ())
    assert "language" in answer.notes[0]


@pytest.mark.parametrize(
    "question",
    [
        "Combien de personnes la police a-t-elle arrêtées à Kratie ?",
        "Wie viele Menschen nahm die Polizei in Kratie fest?",
        "¿Cuántas personas detuvo la policía en Kratie?",
    ],
    ids=["French", "German", "Spanish"],
)
def test_a_language_that_the_encoder_does_not_know(archive, question):
    answer = archive.ask(question)
    assert (answer.status, answer.citations) == ("unanswered", ())
    assert [note.key for note in answer.notes] == ["encoder_unknown_language"]
    assert answer.hits


SIPHAN = "What did Phay Siphan say about American standards?"


def test_a_misspelt_name_is_read_as_it_is_written_in_the_articles(archive):
    misspelt = SIPHAN.replace("Siphan", "Sihpan")
    answer = archive.ask(misspelt)
    assert answer.understood == SIPHAN
    assert answer.text == archive.ask(SIPHAN).text
    assert [note.key for note in answer.notes] == ["name_read_as"]
    (many,) = archive.ask_many([misspelt])
    assert said(many) == said(answer)


def test_a_name_that_is_mentioned_once_is_suggested(archive):
    answer = archive.ask("How many people did police in Kratei arrest?")
    assert "Kratei" in answer.understood
    assert "“Kratie” does" in answer.notes[0]


def test_a_quoted_name_is_asked_for_as_it_is_written(archive):
    question = SIPHAN.replace("Siphan", "“Sihpan”")
    answer = archive.ask(question)
    assert answer.understood == question
    assert answer.notes == ()


@pytest.mark.parametrize("question", ["", " \n", "why " * 2500, "\udcff"])
def test_what_cannot_be_asked_cannot_be_searched(stories, question):
    for refused in (stories.ask, stories.search, lambda text: stories.ask_many([KRATIE, text])):
        with pytest.raises(QuestionError):
            refused(question)


@pytest.mark.parametrize("question", ["?", "🙂", "\x00", "' OR 1=1 --", "NOT NEAR(*", "%s{}"])
def test_any_other_text_is_a_question(stories, question):
    assert_holds(stories, stories.ask(question))
    assert len(stories.search(question)) == len(STORIES)


@pytest.mark.parametrize(("threshold", "status"), [(0, "answered"), (1, "unanswered")])
def test_the_threshold_may_be_any_probability(home, opened, threshold, status):
    assert opened(home, threshold=threshold).ask(KRATIE).status == status


PARTED = [
    "How many arrests did AP report in Cambodia, and who brokered the ceasefire with Thailand?",
    "Does the New Straits Times say who applauded Anwar while VOA Khmer sees training by the US?",
    'Who spoke of "brilliant results" in Putrajaya, and who proposed training for officers?',
]


@pytest.fixture(scope="module")
def questions():
    """Questions in several parts, and every third of the gold questions, which differ in length."""
    golds = gold.load(gold.FOLDER / gold.FILES[0])
    return PARTED + [one.turns[0] for one in golds[::3]]


@pytest.fixture(scope="module")
def one_by_one(archive, questions):
    return [said(archive.ask(question)) for question in questions]


@pytest.mark.parametrize("question", PARTED)
def test_the_parts_of_a_question_find_an_article_each(archive, question):
    assert len(ids(archive.search(question, k=3))) == 2


def test_many_questions_get_the_same_answers_as_one_by_one(archive, questions, one_by_one):
    assert [said(answer) for answer in archive.ask_many(questions)] == one_by_one


def test_threads_get_the_same_answers_as_one_by_one(archive, encoder, questions, one_by_one):
    """Opened anew, so that the threads race for what the archive keeps in memory."""
    shared = Archive.open(archive.home, encoder=encoder)
    asked = [question for question in questions[:8] for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda text: said(shared.ask(text)), asked))
    assert answers == [answer for answer in one_by_one[:8] for _ in range(2)]


def test_no_questions_no_answers(stories):
    assert stories.ask_many([]) == []


# What a question names


@pytest.mark.parametrize(
    ("question", "first"),
    [
        pytest.param("According to The Daily, what did police do?", "b", id="source"),
        pytest.param("What did police do on 20 July 2025?", "b", id="date"),
        pytest.param("What did police do on 20 July?", "b", id="date in the archive's year"),
        pytest.param('What did police do for "six days"?', "b", id="phrase"),
        pytest.param("What did police do in Poipet?", "c", id="none"),
    ],
)
def test_what_a_question_names_is_preferred_not_required(home, opened, question, first):
    hits = opened(home, lift=1).search(question)
    assert hits[0].passage.article_id == first
    assert ids(hits) == {"a", "b", "c"}


# Which models read


@pytest.mark.models
def test_a_cross_encoder_reads_the_sentences(home, opened, tmp_path):
    asked = opened(home, reader=tiny.cross_encoder(tmp_path))
    answer = asked.ask(KRATIE)
    assert answer.status == "answered"
    assert_holds(asked, answer)


@pytest.mark.models
def test_a_question_answering_model_reads_the_sentences(home, opened, tmp_path):
    asked = opened(home, reader=tiny.reader(tmp_path))
    answer = asked.ask("What did police in Kratie do?")
    assert answer.status == "answered"
    assert_holds(asked, answer)


def test_a_reader_that_cannot_be_loaded_is_an_error_of_the_question_alone(home, opened, tmp_path):
    asked = opened(home, reader=str(tmp_path))
    assert asked.search(KRATIE)
    with pytest.raises(EncoderError, match="could not be loaded"):
        asked.ask(KRATIE)


def test_without_a_reader_none_is_loaded(stories):
    assert stories.load_reader() is None


@pytest.mark.parametrize(("bias", "confidence"), [(40, 1.0), (-40, 0.0)])
def test_the_evidence_may_come_from_a_file(home, opened, tmp_path, bias, confidence):
    evidence = made.calibrated(tmp_path / "evidence.json", answer=(bias, {}))
    answer = opened(home, evidence=evidence).ask(KRATIE)
    assert answer.confidence == pytest.approx(confidence)


def test_a_file_without_evidence_is_found_when_opened(home, opened, tmp_path):
    with pytest.raises(SettingsError, match="python -m eval calibrate"):
        opened(home, evidence=str(tmp_path / "none.json"))


# Fields of articles, and the account of one source


def test_a_question_about_an_article_is_answered_by_its_fields(stories):
    answer = stories.ask("When was the article about the raids in Kratie published?")
    (claim,) = answer.claims
    assert claim.verdict == "field"
    assert claim.text == "“Raids” was published on 16 July 2025 by The Post."
    assert [c.article_id for c in answer.citations] == ["a"]
    assert_holds(stories, answer)


def test_a_field_that_the_archive_does_not_know_is_said_to_be_so(stories):
    answer = stories.ask("Who wrote the article about the raids in Kratie?")
    assert (answer.status, answer.text) == ("unanswered", "")
    assert answer.notes == ("The archive does not say who wrote “Raids”.",)


def test_a_follow_up_asks_for_the_field_of_the_same_article(stories):
    before = [("When was the article about the raids in Kratie published?", "On 16 July 2025.")]
    (claim,) = stories.ask("And who published it?", before).claims
    assert claim.text == "“Raids” was published by The Post."


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("What does The Daily report about police?", {"b"}),
        ("What did police do, according to The Daily?", {"b"}),
        ("What does The Post report about rain?", {"a", "c"}),
        ("What did police do in Kratie?", {"a", "b", "c"}),
        ("Who sued The Daily over police in Kratie?", {"a", "b", "c"}),
    ],
)
def test_a_source_that_is_asked_for_is_read_alone(stories, question, read):
    assert ids(stories.ask(question).hits) == read


def test_a_source_that_does_not_answer_does_not_keep_the_others_from_it(home, opened, tmp_path):
    """All confidence is put on the question's words, of which The Daily has hardly any."""
    evidence = made.calibrated(
        tmp_path / "evidence.json",
        sentence=(0.0, {"covered": 1.0}),
        answer=(-20.0, {"score": 40.0}),
    )
    asked = opened(home, evidence=evidence, threshold=0.5)
    answer = asked.ask("What does The Daily report about the 312 people that police held?")
    assert ids(answer.hits) == {"a", "b", "c"}
    assert "a" in {c.article_id for c in answer.citations}


def test_a_source_that_is_asked_for_and_filtered_out_leaves_the_filter_in_force(stories):
    answer = stories.ask("What does The Daily report about police?", sources=["The Post"])
    assert ids(answer.hits) == {"a", "c"}


MANY = [
    KRATIE,
    "When was the article about the raids in Kratie published?",
    "What does The Daily report about police?",
    "How many people did police hold in Kratie, and for how many days did rain fall?",
    "?",
    KRATIE,
]


@pytest.mark.parametrize("filters", [{}, {"sources": "The Post"}, {"since": DAY}])
def test_many_questions_of_any_kind_get_the_same_answers_as_one_by_one(stories, filters):
    together = stories.ask_many(MANY, **filters)
    assert together == [stories.ask(question, **filters) for question in MANY]


# Filters


def test_sources(stories):
    assert stories.sources == {"The Daily": 1, "The Post": 2}
    assert ids(stories.search(KRATIE, sources=["The Post"])) == {"a", "c"}
    assert ids(stories.search(KRATIE, sources=" the daily")) == {"b"}
    assert ids(stories.search(KRATIE, sources=["The Post", "The Daily"])) == {"a", "b", "c"}
    assert ids(stories.search(KRATIE, sources=[])) == {"a", "b", "c"}


def test_only_these_articles(stories):
    assert ids(stories.search(KRATIE, articles=["b", "c"])) == {"b", "c"}
    assert ids(stories.search(KRATIE, sources=["The Post"], articles=["b", "c"])) == {"c"}
    assert ids(stories.search(KRATIE, articles="a")) == {"a"}
    assert ids(stories.search(KRATIE, articles=[])) == set()
    assert {c.article_id for c in stories.ask(KRATIE, articles=["b"]).citations} == {"b"}
    with pytest.raises(QuestionError, match="no article 'z'"):
        stories.ask(KRATIE, articles=["a", "z"])


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (DAY, None, {"a", "b"}),
        (None, DAY, {"a"}),
        (DAY, DAY, {"a"}),
        ("2025-07-16", "2025-07-20", {"a", "b"}),
        ("2025-07-17", datetime.date(2025, 7, 19), set()),
        ("2030-01-01", None, set()),
    ],
)
def test_dates_are_inclusive_at_both_ends(stories, since, until, expected):
    assert ids(stories.search(KRATIE, since=since, until=until)) == expected
    answer = stories.ask(KRATIE, since=since, until=until)
    assert ids(answer.hits) == expected
    assert {c.article_id for c in answer.citations} <= expected
    nothing = () if expected else ("No article fits the filters. Widen them.",)
    undated = "1 article has no publication date and cannot match the date filter."
    assert answer.notes == (*nothing, undated)


def test_an_encoder_that_the_confidence_was_not_fitted_for_is_named(home, fake_encoder, caplog):
    Archive.open(home, AskSettings(reader=""), fake_encoder)
    assert "the confidence was fitted for all-MiniLM-L6-v2" in caplog.text


def test_only_the_undated_of_the_source_are_counted(stories):
    assert stories.ask(KRATIE, sources=["The Daily"], since=DAY).notes == ()
    assert stories.ask(KRATIE, sources=["The Post"]).notes == ()


@pytest.mark.parametrize(
    ("filters", "remedy"),
    [
        ({"sources": ["The Times"]}, "Sources are: The Daily, The Post"),
        ({"sources": "Post"}, "Sources are: The Daily, The Post"),
        ({"since": "yesterday"}, "Write it as 2024-05-31"),
        ({"until": "16/07/2025"}, "Write it as 2024-05-31"),
        ({"until": "2025-02-30"}, "Write it as 2024-05-31"),
        ({"since": "2025-07-17", "until": DAY}, "backwards.*Swap them"),
    ],
)
def test_a_filter_that_cannot_be(stories, filters, remedy):
    for refused in (stories.ask, stories.search):
        with pytest.raises(QuestionError, match=remedy):
            refused(KRATIE, **filters)
    with pytest.raises(QuestionError, match=remedy):
        stories.facets(**filters)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"authors": "bo ek"}, {"a", "c"}),
        ({"authors": ["Ann Lee", " CY  ORR "]}, {"a"}),
        ({"sections": "crime"}, {"a", "c"}),
        ({"sections": ["Crime", "Weather"], "formats": "CSV"}, {"b"}),
        ({"languages": "English"}, {"a", "b"}),
        ({"languages": ("en-US", "km")}, {"a", "b", "c"}),
        ({"formats": "html", "sources": "The Post", "until": DAY}, {"a"}),
        ({"authors": [], "sections": "", "languages": None}, {"a", "b", "c"}),
    ],
)
def test_fields_restrict_what_is_searched_asked_and_counted(filed, fields, found):
    assert ids(filed.search(KRATIE, **fields)) == found
    assert ids(filed.ask(KRATIE, **fields).hits) == found
    assert [ids(answer.hits) for answer in filed.ask_many([KRATIE], **fields)] == [found]
    assert filed.facets(**fields).articles == len(found)
    listing = filed.ask("How many articles are there?", **fields).listing
    assert set(listing.articles) == found
    assert listing.searched == len(found)


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        ({"authors": "Lee"}, "^No article is by 'Lee'. Authors are: Ann Lee, Bo Ek, Cy Orr.$"),
        ({"sections": ["crime", "Sport"]}, "section 'Sport'. Sections are: Crime, Weather"),
        ({"languages": "French"}, "language 'French'. Languages are: en, km"),
        ({"formats": "docx"}, "format 'docx'. Formats are: csv, html"),
    ],
)
def test_a_value_that_no_article_has(filed, fields, remedy):
    for refused in (filed.ask, filed.search):
        with pytest.raises(QuestionError, match=remedy):
            refused(KRATIE, **fields)


def test_without_any_section_an_error_says_so(stories):
    with pytest.raises(QuestionError, match="Sections are: none"):
        stories.search(KRATIE, sections="Sport")


def test_of_very_many_authors_an_error_names_those_alike(tmp_path, fake_encoder):
    named = [f"{first} {last}" for first in ("Ann", "Bo", "Cy", "Di") for last in "ABCDEFGHIJ"]
    articles = [Article(f"Rain fell {i} days.", author=one) for i, one in enumerate(named)]
    archive = Archive.build(articles, tmp_path, encoder=fake_encoder)
    with pytest.raises(QuestionError, match=r"Authors are: .*\bDi A, .*, and 28 more\."):
        archive.search(KRATIE, authors="Di")


@pytest.mark.parametrize("k", [0, -1])
def test_k_is_at_least_one(stories, k):
    with pytest.raises(QuestionError, match="1 or more"):
        stories.search(KRATIE, k=k)


def test_facets_count_under_the_other_filters(stories):
    facets = stories.facets(sources="the post", since="2025-07-01")
    assert facets.articles == 1
    assert facets.sources == {"The Daily": 1, "The Post": 1}
    assert facets.months == {"2025-07": 1}
    assert facets.undated == 1
    assert stories.facets(articles=[]).articles == 0
    assert stories.facets(sources="") == stories.facets(sources=[]) == stories.facets()


def test_facets_count_fields_under_the_other_filters(filed):
    facets = filed.facets(sections="crime", since="2025-07-01")
    assert facets.articles == 1
    assert facets.authors == {"Bo Ek": 1, "Ann Lee": 1, "Cy Orr": 1}
    assert facets.sections == {"Crime": 1, "Weather": 1}
    assert facets.languages == {"en": 1, "km": 0}
    assert facets.formats == {"html": 1, "csv": 0}


# What is known of articles


def test_articles_come_back_as_they_were(stories):
    assert list(stories.articles()) == list(STORIES)
    assert stories.article("c") == STORIES[2]
    with pytest.raises(KeyError):
        stories.article("none")


@pytest.mark.parametrize("found", ["answer", "hits"])
def test_to_json_survives_json(stories, found):
    asked = stories.ask(KRATIE) if found == "answer" else stories.search(KRATIE)
    stored = json.loads(json.dumps(stories.to_json(asked)))
    assert len(stored["hits"]) == len(STORIES)
    assert stored["articles"]["a"]["published"] == "2025-07-16"
    assert stored["articles"]["c"]["published"] is None
    for citation in stored.get("citations", ()):
        text = stories.article(citation["article_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_info_and_check(stories):
    info = stories.info()
    assert (info["articles"], info["encoder"]["name"]) == (3, "fake")
    assert stories.check() == []


HOSTILE = {
    "markup": "<script>alert('Kratie')</script> Police held 312 people. <b>They</b> were & are.",
    "template": "Police in Kratie held ${7*7} people {{config}} %s. They said `no`.",
    "control": "Police in Kratie\x01 held\x0b 312\x1f people.\x7f They\x85came.\u2028Then rain.",
    "right to left": "Police \u202eheld\u202c 312 people in \u2067كراتيه\u2069. \u200fThey came.",
    "emoji": "👮‍♀️ Police held 312 people 🏳️‍🌈 in Kratie. 🙂🙂 They came.",
    "combining": "Polic\u0301e held 312 pe\u0308o\u0335ple in Kratie\u0301. T\u0300hey came.",
    "full width": "Ｐｏｌｉｃｅ held ３１２ people in Kratie。They came ﬁrst.",
    "no spaces": "Policeheldpeople" * 400,
    "Khmer": "ប៉ូលិសចាប់ខ្លួនមនុស្ស៣១២នាក់នៅក្រចេះ។ ពួកគេមកពីចិន។",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_quote_of_a_hostile_text_holds(tmp_path, fake_encoder, opened, text):
    article = Article(text, title=text[:60], source="The <Post>", author="'; DROP TABLE articles;")
    Archive.build([article, *STORIES], tmp_path, encoder=fake_encoder)
    asked = opened(tmp_path)
    answer = asked.ask(text[:60], sources="The <Post>")
    assert_holds(asked, answer)
    assert asked.article(article.id) == article
    assert ids(answer.hits) == {article.id}
    assert json.loads(json.dumps(asked.to_json(answer)))["hits"]


# Building


def test_an_article_that_comes_twice_is_taken_once(tmp_path, fake_encoder):
    built = Archive.build([*STORIES, *STORIES], tmp_path, encoder=fake_encoder)
    assert built.info()["articles"] == len(STORIES)
    assert len(built.search(KRATIE)) == len(STORIES)


def test_a_report_and_its_copies_are_said_once_and_are_one_report(tmp_path, fake_encoder, opened):
    text = " ".join(
        f"Police held 312 people in {town}, in a raid on {n} casinos at the border with Vietnam."
        for n, town in enumerate(["Kratie", "Poipet", "Kampot", "Pursat", "Kep", "Takeo"])
    )
    copies = [replace(STORIES[0], text=text, id="", source=source) for source in "ABCD"]
    Archive.build(copies, tmp_path, encoder=fake_encoder)
    answer = opened(tmp_path, max_sentences=1).ask(KRATIE)
    assert len(answer.citations) == 1
    assert answer.independent == 1


def test_two_articles_with_one_id(tmp_path, fake_encoder):
    clash = [STORIES[0], Article("Another text.", id="a", origin="other.txt")]
    with pytest.raises(InputError, match=r"other\.txt.*own id"):
        Archive.build(clash, tmp_path, encoder=fake_encoder)
    with pytest.raises(SnapshotError):
        Archive.open(tmp_path)


@pytest.mark.parametrize("articles", [[], [Article(" \n")]], ids=["none", "blank"])
def test_nothing_to_index(tmp_path, fake_encoder, articles):
    with pytest.raises(InputError, match="no article"):
        Archive.build(articles, tmp_path, encoder=fake_encoder)


def test_an_archive_answers_on_while_a_later_build_replaces_it(tmp_path, fake_encoder):
    built = Archive.build(STORIES, tmp_path, encoder=fake_encoder)
    before = built.search(KRATIE)
    other = [Article("Quite another text.")]
    later = Archive.build(other, tmp_path, encoder=fake_encoder, remove_missing=True)
    assert later.info()["snapshot"] != built.info()["snapshot"]
    assert built.search(KRATIE) == before
    assert list(built.articles()) == list(STORIES)
    assert len(Archive.open(tmp_path, encoder=fake_encoder).search(KRATIE)) == 1


def test_a_build_that_fails_leaves_the_index_as_it_was(tmp_path, fake_encoder):
    def stop(stage, done, total):
        raise KeyboardInterrupt

    built = Archive.build(STORIES, tmp_path, encoder=fake_encoder)
    with pytest.raises(KeyboardInterrupt):
        Archive.build([*STORIES, Article("New.")], tmp_path, encoder=fake_encoder, progress=stop)
    assert Archive.open(tmp_path).info() == built.info()
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [built.info()["snapshot"]]


# Opening


def test_a_missing_index(tmp_path):
    with pytest.raises(SnapshotError, match="byline build"):
        Archive.open(tmp_path / "none")


def snapshot_of(home):
    (folder,) = (home / "snapshots").iterdir()
    return folder


FILES = [
    "archive.sqlite", "vectors.faiss", "manifest.json", "changes.json", "removed.json",
    "lexical/starts.npy", "lexical/vocabulary.json",
    *(
        f"lexical/words/{of}-{what}.npy"
        for of in ("passages", "sentences")
        for what in ("words", "starts")
    ),
    *(
        f"lexical/{index}/{name}"
        for index in ("passages", "sentences")
        for name in (
            "data.csc.index.npy", "indices.csc.index.npy", "indptr.csc.index.npy",
            "params.index.json",
        )
    ),
]  # fmt: skip


def test_the_files_of_a_snapshot(home):
    folder = snapshot_of(home)
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.relative_to(folder).as_posix() for path in found) == sorted(FILES)


@pytest.mark.parametrize("harm", ["cut", "gone"])
@pytest.mark.parametrize("name", FILES)
def test_a_half_written_index(home, tmp_path, name, harm):
    broken = shutil.copytree(home, tmp_path / "broken")
    path = snapshot_of(broken) / name
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SnapshotError, match=r"damaged.*byline build ARTICLES --index"):
        Archive.open(broken)


@pytest.mark.parametrize("name", FILES)
def test_an_altered_index_never_misquotes(home, tmp_path, opened, name):
    """Every byte of one file is turned: found when opened, or when read; or answers hold."""
    broken = shutil.copytree(home, tmp_path / "broken")
    path = snapshot_of(broken) / name
    path.write_bytes(bytes(byte ^ 0xFF for byte in path.read_bytes()))
    with contextlib.suppress(SnapshotError):
        asked = opened(broken)
        assert asked.check() == [f"{name} was altered"]
        assert_holds(asked, asked.ask(KRATIE))


def test_an_altered_text_is_not_shown(home, tmp_path, opened):
    broken = shutil.copytree(home, tmp_path / "broken")
    path = snapshot_of(broken) / "archive.sqlite"
    path.write_bytes(path.read_bytes().replace(b"312 people", b"213 people"))
    asked = opened(broken)
    with pytest.raises(SnapshotError, match="was altered"):
        asked.ask(KRATIE)
    assert asked.check() == ["archive.sqlite was altered"]


@pytest.mark.parametrize("change", [{"dimension": 512}, {"salt": "x"}], ids=["dimension", "model"])
def test_another_encoder(home, fake_encoder, change):
    with pytest.raises(EncoderError, match=r"another encoder.*byline build"):
        Archive.open(home, encoder=replace(fake_encoder, **change))


def test_an_encoder_that_cannot_be_loaded(tmp_path, fake_encoder):
    (tmp_path / "model").mkdir()
    gone = replace(fake_encoder, name=str(tmp_path / "model"))
    Archive.build(STORIES, tmp_path / "index", encoder=gone)
    with pytest.raises(EncoderError, match=r"does not come with Byline.*--allow-download"):
        Archive.open(tmp_path / "index").ask(KRATIE)
    for allowed in (AskSettings(allow_download=True), AskSettings(encoder=gone.name)):
        with pytest.raises(EncoderError, match=r"could not be loaded.*Give the folder"):
            Archive.open(tmp_path / "index", allowed).ask(KRATIE)


# Opening or building: with the real encoder, for it is loaded by name.


@pytest.fixture
def kept(tmp_path, models):
    """A folder of one article, its index, and a function that opens it or builds it."""
    folder, index = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    page = folder / "page.jsonl"
    page.write_text(json.dumps({"text": STORIES[0].text, "title": "Raids"}))

    def opened(settings=None):
        return Archive.open_or_build(folder, index, settings).info()["snapshot"]

    return page, index, opened


def test_an_index_is_built_once(kept):
    _, _, opened = kept
    assert opened() == opened()


@pytest.mark.parametrize("change", ["text", "title", "new article"])
def test_changed_articles_are_indexed_again(kept, change):
    page, _, opened = kept
    first = opened()
    record = json.loads(page.read_text())
    if change == "new article":
        page.with_name("more.jsonl").write_text(json.dumps({"text": "More."}))
    else:
        page.write_text(json.dumps({**record, change: "Changed."}))
    second = opened()
    assert second != first
    assert opened() == second


def test_changed_build_settings_index_again(kept):
    _, _, opened = kept
    first = opened()
    second = opened(BuildSettings(passage_tokens=128))
    assert second != first
    assert opened(BuildSettings(passage_tokens=128)) == second


@pytest.mark.parametrize("name", ["CURRENT", *FILES])
def test_a_damaged_index_is_replaced(kept, name):
    _, index, opened = kept
    first = opened()
    path = index / name if name == "CURRENT" else snapshot_of(index) / name
    path.write_bytes(path.read_bytes()[:-3])
    assert opened() != first
    assert len(list((index / "snapshots").iterdir())) == 1


def test_an_index_of_an_earlier_format_is_refused_or_replaced(kept, monkeypatch):
    _, index, opened = kept
    with monkeypatch.context() as earlier:
        earlier.setattr(snapshot, "FORMAT_VERSION", 1)
        first = opened()
    with pytest.raises(SnapshotError, match=rf"format 1, .* byline build ARTICLES --index {index}"):
        Archive.open(index)
    assert opened() != first
    assert snapshot.current(index)[1]["format_version"] == snapshot.FORMAT_VERSION
    assert len(list((index / "snapshots").iterdir())) == 1


def test_no_articles_to_open_or_build(tmp_path):
    (tmp_path / "empty.txt").touch()
    with pytest.raises(InputError):
        Archive.open_or_build(tmp_path, tmp_path / "index")
    with pytest.raises(InputError):
        Archive.open_or_build(tmp_path / "none", tmp_path / "index")


def test_a_complete_question_is_not_mixed_with_the_one_before(archive):
    before = [("How many Indonesians were arrested in Poipet?", "At least 270 Indonesians. [1]")]
    answer = archive.ask("Who brokered the ceasefire?", before)
    assert answer.understood == "Who brokered the ceasefire?"
    assert "Indonesians" not in answer.text


@pytest.mark.parametrize("question", ["???", "Who is she?", "And then?", "😀😀"])
def test_a_question_that_names_nothing_is_declined(archive, question):
    answer = archive.ask(question)
    assert answer.status == "unanswered"
    assert "names nothing" in answer.notes[0]


def test_a_date_may_come_with_a_time(stories):
    morning = datetime.datetime.combine(DAY, datetime.time(9))
    assert stories.search(KRATIE, since=morning) == stories.search(KRATIE, since=DAY)


def test_a_question_that_the_encoder_cuts_is_answered_with_a_note(archive):
    long = "Who proposed the training, " + "1 2 3 4 5 " * 80
    assert any("only its beginning is read" in note for note in archive.ask(long).notes)
    assert not archive.ask("Who proposed the training?").notes


def test_an_article_that_is_not_there_is_not_guessed(stories):
    answer = stories.ask("When was the article about the moon landing published?")
    assert (answer.status, answer.citations) == ("unanswered", ())
    assert "No article fits" in answer.notes[0]


def test_an_archive_is_freed_with_its_last_reference(home, opened, tmp_path, fake_encoder):
    """Without the cyclic garbage collector, which may come much later."""
    Archive.build([Article("A private matter.")], tmp_path, encoder=fake_encoder)
    known = opened(home)
    own = known.open_alike(tmp_path)
    both = known.beside(own)
    for one in (own, both):
        one.ask("Whose matter?")
        one.examples()
    held = [weakref.ref(each) for one in (own, both) for each in (one, one.index, one.index.store)]
    gc.collect()
    gc.disable()
    try:
        del own, both, one
        assert [ref() for ref in held] == [None] * len(held)
    finally:
        gc.enable()
