"""The words of the chat: complete in every language, and in step with what the sources say."""

from __future__ import annotations

import ast
import copy
import datetime
import pickle
import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import babel
import pytest

from rag.errors import InputError, QuestionError
from rag.ingest import read_articles
from rag.types import Note
from rag.wording import ENGLISH, LANGUAGES, note, note_with, wording

ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "app.py", *sorted((ROOT / "rag").rglob("*.py"))]
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in SOURCES}
OTHERS = [tag for tag in LANGUAGES if tag != "en"]
ENGLISH_NOTES: Mapping[str, str | Mapping[str, str]] = ENGLISH.catalogue["notes"]
ENGLISH_TEXTS = {key: text for key, text in ENGLISH.catalogue.items() if key != "notes"}
SCRIPTS = {"fr": "LATIN", "km": "KHMER", "ur": "ARABIC"}
HOSTILE = "<b>{n}</b> {0.__class__} %s \\1 & \"'"
ISOLATES = "\u2066\u2067\u2068\u2069"

# Calls whose last argument may reach a visitor.
TOLD = {
    "QuestionError", "InputError", "ModelError", "Unreadable", "Failure", "Verdict", "Rejected",
    "_fail", "_refuse", "reject", "broken",
}  # fmt: skip
# Said to those who run a server or call its API, never to readers.
COMMANDS = (
    "rag/commands/", "rag/chat/calibrate.py", "rag/pack/", "rag/evaluation/", "rag/web/label.py",
)  # fmt: skip
NOT_FOR_READERS = (
    "{} cannot be read ({}). Name a file of judgements with --feedback FILE; the chat of `byline "
    "serve` writes one when answers are judged.",
    "{} line {} is no judgement. Correct it, or remove the line.",
    "k must be 1 or more, not {}.",
    "Send a question as text, and history as [question, answer] pairs.",
    "There is no article {}.",
    "The report cannot be written to {} ({}). Name another file.",
    "Pages of other sites may not log you out.",
    "Pages of other sites may not send to this server.",
)
# What stands within a message, and may begin with a name.
PARTS = {
    "title", "ordinal_missing", "ordinal_unknown", "articles_in_file", "bytes", "kilobytes",
    "megabytes", "gigabytes", "named_and_more",
}  # fmt: skip


def template(node: ast.AST | None) -> str:
    """What an expression says, with {} for what is not known here."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(template, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return template(node.left) + template(node.right)
    return "{}"


def told_by(tree: ast.Module) -> set[str]:
    """The texts and templates of a module, its docstrings left out."""
    docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    kinds = (ast.Constant, ast.JoinedStr, ast.BinOp)
    return {template(n) for n in ast.walk(tree) if isinstance(n, kinds) and id(n) not in docs}


TEMPLATES = set().union(*map(told_by, TREES.values())) - {"{}"}


def calls(*names: str, but: tuple[str, ...] = ()) -> Iterator[ast.Call]:
    """The calls of functions with these names, in files other than those."""
    for file, tree in TREES.items():
        if file.relative_to(ROOT).as_posix().startswith(but or ("-",)):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in names:
                yield node


def called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Call):  # wording(language)("question")
        return called(function)
    return getattr(function, "attr", "") or getattr(function, "id", "")


def said() -> Iterator[tuple[set[str], set[str]]]:
    """The keys that may be meant where the sources say something, and the values put in."""
    for call in calls("say", "words", "wording", "_missing", but=("rag/index/words.py",)):
        if not call.args or (called(call) == "wording" and not isinstance(call.func, ast.Call)):
            continue
        first = call.args[0]
        chosen = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        # Keys are words; `words` is also what takes a text apart.
        keys = {one for one in map(template, chosen) if re.fullmatch(r"[a-z_]+", one)}
        yield keys, {keyword.arg or "" for keyword in call.keywords}


def forms(text: object) -> Mapping[str, str]:
    return text if isinstance(text, Mapping) else {"other": str(text)}


def entries(language: str) -> dict[str, str | Mapping[str, str]]:
    """Every entry of a catalogue by its key."""
    catalogue = dict(wording(language).catalogue)
    notes = catalogue.pop("notes")
    return {**catalogue, **{f"notes.{key}": text for key, text in notes.items()}}


def texts(language: str) -> dict[str, str]:
    """Every text of a catalogue, each plural form too, by where it is."""
    return {
        f"{key}.{form}": one
        for key, text in entries(language).items()
        for form, one in forms(text).items()
    }


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# The catalogues


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_text(language):
    assert list(entries(language)) == list(entries("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language):
    locale = babel.Locale.parse(language)
    wanted = {*locale.plural_form.rules, "other"}
    for key, text in entries("en").items():
        mine = entries(language)[key]
        assert isinstance(mine, Mapping) == isinstance(text, Mapping), key
        if isinstance(mine, Mapping):
            assert set(mine) == wanted, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_places_of_the_english_one(language):
    for key, text in entries("en").items():
        english = {form: places(one) for form, one in forms(text).items()}
        for form, one in forms(entries(language)[key]).items():
            # One may be said without its number, where it is the only number of its form.
            assert places(one) in (english["other"], english.get(form)), (key, form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_plain_and_trimmed(language):
    for at, text in texts(language).items():
        assert text, at
        assert text == text.strip(), at
        assert not re.search(r"</?[a-zA-Z!]|&\w+;", text), at
        assert not re.search(r"  |\n", text), at


@pytest.mark.parametrize("language", OTHERS)
def test_texts_are_in_the_script_of_their_language(language):
    others = {"KHMER", "ARABIC"} - {SCRIPTS[language]}
    for at, text in texts(language).items():
        letters = {unicodedata.name(c, "").split()[0] for c in text if not c.isascii()}
        assert not letters & others, at
        if re.search(r"[a-z]{3} [a-z]{3}", re.sub(r"\(.*?\)", "", text)) and language != "fr":
            assert SCRIPTS[language] in letters, at


def test_french_spaces_before_its_marks_do_not_break():
    for at, text in texts("fr").items():
        assert not re.search(r" [:;?!»]|« |\w[;?!»]", text), at


def test_urdu_has_its_own_marks():
    for at, text in texts("ur").items():
        assert not re.search(r"[\u0600-\u06ff] ?[?;,]|[\u0600-\u06ff]\.", text), at


def test_khmer_has_its_own_colon():
    for at, text in texts("km").items():
        assert not re.search(r"[\u1780-\u17ff}]: |\u200b", text), at


def test_right_to_left_texts_hold_no_marks_that_turn_them():
    for at, text in texts("ur").items():
        turning = [
            c for c in text if unicodedata.category(c) == "Cf" and c not in ISOLATES + "\u200c"
        ]
        assert not turning, at
        assert sum(map(text.count, "\u2066\u2067\u2068")) == text.count("\u2069"), at


def test_urdu_notes_begin_in_urdu():
    """A browser takes the direction of a remark from its first letter."""
    for key, text in wording("ur").catalogue["notes"].items():
        for one in forms(text).values():
            assert key in PARTS or unicodedata.bidirectional(one[0]) == "AL", key


# The catalogues and the sources


def test_every_text_is_said_somewhere():
    begun = [one.replace("{}", "[a-z]+") for one in TEMPLATES if re.fullmatch(r"[a-z]+_\{\}", one)]
    unsaid = {key for key in ENGLISH_TEXTS if key not in TEMPLATES}
    assert {key for key in unsaid if not any(re.fullmatch(o, key) for o in begun)} == set()


def test_what_is_said_stands_in_the_catalogue():
    found = list(said())
    assert sum(len(keys) for keys, _ in found) > 60
    for keys, values in found:
        assert keys <= set(ENGLISH_TEXTS), keys
        for key in keys:
            for text in forms(ENGLISH_TEXTS[key]).values():
                assert places(text) <= values | {""}, key


def test_every_stage_of_a_build_has_a_name():
    stages = {template(call.args[0]) for call in calls("progress") if len(call.args) == 3}
    named = {key.removeprefix("stage_") for key in ENGLISH_TEXTS if key.startswith("stage_")}
    assert {stage for stage in stages if stage.isalpha()} <= named


@pytest.mark.parametrize("key", ENGLISH_NOTES)
def test_every_note_is_made_by_the_library(key):
    assert key in TEMPLATES


def test_what_is_noted_stands_in_the_catalogue_with_its_values():
    found = 0
    for call in calls("note"):
        first = call.args[0] if call.args else None
        chosen = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        keys = {template(one) for one in chosen if isinstance(one, ast.Constant)}
        for key in keys if isinstance(call.func, ast.Name) else ():
            found += 1
            values = {keyword.arg for keyword in call.keywords}
            for text in forms(ENGLISH_NOTES[key]).values():
                assert None in values or values == places(text), key
    assert found > 100


def test_every_remark_that_may_reach_a_reader_is_a_note():
    """A text with spaces is one that cannot be said in another language."""
    found, unknown = 0, set()
    for call in calls(*TOLD, but=COMMANDS):
        arguments = call.args[:2] if called(call) in ("Verdict", "Rejected") else call.args
        text = template(arguments[-1]) if arguments else ""
        found += 1
        if text not in NOT_FOR_READERS and re.search(r"[a-z] [a-z]", text):
            unknown.add(text)
    assert found > 80
    assert not unknown


# What a wording says


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ur-PK", "ur"), ("FR", "fr"), ("km-KH", "km"), ("en-US", "en"), ("fr-CA-x-any", "fr"),
        ("de", "en"), ("", "en"), ("../fr", "en"), ("notes", "en"), ("fr_FR", "en"), ("-", "en"),
    ],
)  # fmt: skip
def test_a_language_tag_gives_its_words_or_english(tag, language):
    assert wording(tag).language == language


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("km", "ltr"), ("fr", "ltr"), ("ur", "rtl")]
)
def test_direction(language, direction):
    assert wording(language).direction == direction


@pytest.mark.parametrize(
    ("language", "day", "month", "short"),
    [
        ("en", "7 May 2018", "May 2018", "May 2018"),
        ("fr", "7 mai 2018", "mai 2018", "mai 2018"),
        ("km", "7 ឧសភា 2018", "ឧសភា 2018", "ឧសភា 2018"),
        ("ur", "7 مئی، 2018", "مئی 2018", "مئی 2018"),
    ],
)
def test_dates_and_months(language, day, month, short):
    say, date = wording(language), datetime.date(2018, 5, 7)
    assert (say.day(date), say.month(date), say.month_in_short(date)) == (day, month, short)


@pytest.mark.parametrize(
    ("language", "number"),
    [("en", "12,345"), ("fr", "12\u202f345"), ("km", "12,345"), ("ur", "12,345")],
)
def test_numbers_have_the_digits_of_web_pages(language, number):
    assert wording(language).number(12345) == number


@pytest.mark.parametrize(
    ("language", "n", "said"),
    [
        ("en", 1, "1 article"), ("en", 0, "0 articles"), ("en", 2000, "2,000 articles"),
        ("fr", 0, "0 article"), ("fr", 2, "2 articles"),
        ("fr", 1_000_000, "1\u202f000\u202f000 d’articles"),
        ("km", 1, "អត្ថបទ 1"), ("km", 7, "អត្ថបទ 7"),
        ("ur", 1, "1 مضمون"), ("ur", 0, "0 مضامین"), ("ur", 2, "2 مضامین"),
    ],
)  # fmt: skip
def test_plurals(language, n, said):
    assert wording(language)("articles", n=n) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_stay_as_they_are(language):
    assert HOSTILE in wording(language)("only", title=HOSTILE)
    assert HOSTILE in wording(language)("understood", question=HOSTILE)


def test_values_in_urdu_keep_their_own_direction():
    assert wording("ur")("only", title="Who?").endswith("\u2068Who?\u2069")
    assert wording("ur")("only", title="") == wording("ur").catalogue["only"].replace("{title}", "")


# Notes


def test_a_note_is_its_english_text():
    made = note("over_files", n=20_000, rest=note("rest_unread", n="3"))
    assert made == "more than 20,000 files, the bound: it and 3 more are not read"
    assert (made.key, str(made)) == ("over_files", ENGLISH.note(made))


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_a_copy_of_a_note_can_still_be_said(copied):
    made = note("no_author", article=note("title", title="Raids"))
    assert (
        wording("fr").note(copied(made))
        == "Les archives ne disent pas qui a écrit «\u00a0Raids\u00a0»."
    )


def test_a_note_that_lacks_a_value_cannot_be_made():
    with pytest.raises(KeyError):
        note("over_files", n=3)


@pytest.mark.parametrize("language", OTHERS)
def test_values_of_notes_stay_as_they_are(language):
    said = wording(language).note(note("name_absent", name=HOSTILE))
    assert HOSTILE in said
    assert "does not stand" not in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "{}", "{0} {n}", "No such note.", "line 1:", HOSTILE])
def test_plain_texts_stay_as_they_are(language, text):
    assert wording(language).note(text) == text
    assert wording(language).note(Note(text)) == text


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (note("at_row", row="3", problem=note("text_no_string")),
         "rangée 3\u00a0: le texte n’est pas une chaîne de caractères"),
        (note("at_line", line="3", problem=note("field_unfit", field="title", problem=note("nul"))),
         "ligne 3\u00a0: title contient un caractère NUL\u00a0; laissé vide"),
        (note("at_line", line="2", problem=note("not_json", error="Expecting value: line 1")),
         "ligne 2\u00a0: pas du JSON (Expecting value: line 1)"),
        (note("ordinal_missing", count=note("articles_in_file", file="a.txt", n=3)),
         "a.txt contient 3 articles\u00a0: précisez lequel dans la colonne ordinal"),
        (note("file_over_size", size=note("megabytes", n="20")),
         "plus de 20 Mo, la limite pour un fichier\u00a0: divisez-le"),
        (note("over_files", n=200, rest=note("rest_unread", n="3")),
         "plus de 200 fichiers, la limite\u00a0: ce fichier et 3 autres ne sont pas lus"),
        (note("no_author", article=note("title", title="A {0} story")),
         "Les archives ne disent pas qui a écrit «\u00a0A {0} story\u00a0»."),
        (note("server_no_model", server=note("model_server", address="http://127.0.0.1/v1")),
         "Le serveur de modèles http://127.0.0.1/v1 n’a pas de modèle. Chargez-en d’abord un."),
        (note("model_busy"),
         "Le modèle est occupé par d’autres réponses. Posez à nouveau la question plus tard."),
        (note("unknown_source", source="'x'", known=note("no_sources")),
         "Aucun article ne vient de 'x'. Les sources sont\u00a0: aucune."),
    ],
)  # fmt: skip
def test_what_stands_within_a_note_is_translated_too(made, said):
    assert wording("fr").note(made) == said


def test_a_value_is_replaced_wherever_it_stands():
    made = note("cannot_be_read", error=note("no_path", path="/home/me/a.txt"))
    shown = note_with(made, "/home/me/", "")
    assert shown == note("cannot_be_read", error=note("no_path", path="a.txt"))
    assert "fichier ni dossier a.txt" in wording("fr").note(shown)
    assert note_with("in /home/me/a", "/home/me/", "") == "in a"


@pytest.mark.parametrize("error", [QuestionError(note("question_empty")), InputError("as it is")])
def test_an_error_has_its_message_as_a_note(error):
    assert type(str(error)) is str
    assert error.message == str(error)
    assert (wording("fr").note(error.message) == str(error)) == (not error.message.key)


@pytest.mark.parametrize("language", OTHERS)
def test_what_a_real_reading_refuses_is_said_in_the_readers_language(tmp_path, language):
    (tmp_path / "a.jsonl").write_text(
        '{"text": "Rice rose.", "author": {}, "url": "ftp://a", "published": "2017"}\nno\n{}\n[1]\n'
        '{"text": 5}\n{"text": "a\\u0000"}\n{"text": "Rice rose.", "title": "a\\u0000"}\n'
    )
    (tmp_path / "b.csv").write_text('title,text\na,b,c\n"x"y,z\n')
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4 broken")
    (tmp_path / "d.txt").write_text(" ")
    (tmp_path / "e.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "metadata.csv").write_text("file,ordinal,kind\nd.txt,x,1\nq.txt,1,2\na.jsonl,,2\n")
    reading = read_articles(tmp_path)
    assert len(list(reading)) == 2
    reasons = [failure.reason for failure in reading.failures]
    assert len(reasons) > 12
    assert not [reason for reason in reasons if wording(language).note(reason) == reason]
