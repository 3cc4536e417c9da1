"""The words of the chat: complete in every language, and in step with what the sources say."""

from __future__ import annotations

import ast
import datetime
import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import babel
import pytest

from rag.ingest import read_articles
from rag.wording import ENGLISH, LANGUAGES, wording

ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "app.py", *sorted((ROOT / "rag").rglob("*.py"))]
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in SOURCES}
OTHERS = [tag for tag in LANGUAGES if tag != "en"]
ENGLISH_TEXTS = {key: text for key, text in ENGLISH.catalogue.items() if key != "notes"}
NO_KEYS = ("notes", "parts")
SCRIPTS = {"fr": "LATIN", "km": "KHMER", "ur": "ARABIC"}
HOSTILE = "<b>{n}</b> {0.__class__} %s \\1 & \"'"
ISOLATES = "\u2066\u2067\u2068\u2069"

# Calls whose last argument may reach a visitor.
TOLD = {
    "QuestionError", "InputError", "ModelError", "Unreadable", "Failure", "Verdict", "Rejected",
    "_fail", "_refuse", "reject", "broken",
}  # fmt: skip
# Said to those who run a server or call its API, never to readers.
BROKEN = (
    "7 could not be reached, or broke off ({}). Is it running? Start it again, or give another "
    "model."
)
COMMANDS = ("rag/__main__.py", "rag/pack/")
NOT_FOR_READERS = (
    "k must be 1 or more, not {}.",
    "Send a question as text, and history as [question, answer] pairs.",
    "There is no article {}.",
    "Nothing in {} could be read as an article.",
)


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
WITH_PLACES = {
    one: re.compile("(.*?)".join(map(re.escape, one.split("{}"))), re.DOTALL)
    for one in TEMPLATES
    if "{}" in one and "{}{}" not in one
}


def occurs(note: str) -> bool:
    """Whether the sources say it: as it stands, or as a template with others in its places."""
    if note in ("", "{}") or note in TEMPLATES:
        return True
    found = (pattern.fullmatch(note) for pattern in WITH_PLACES.values())
    return any(
        match and all(one != note and occurs(one) for one in match.groups()) for match in found
    )


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
    for call in calls("say", "words", "wording", "_missing"):
        if not call.args or (called(call) == "wording" and not isinstance(call.func, ast.Call)):
            continue
        first = call.args[0]
        chosen = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        # Keys are words; `words` is also what takes a text apart.
        keys = {one for one in map(template, chosen) if re.fullmatch(r"[a-z_]+", one)}
        yield keys, {keyword.arg or "" for keyword in call.keywords}


def forms(text: object) -> Mapping[str, str]:
    return text if isinstance(text, Mapping) else {"other": str(text)}


def texts(language: str) -> dict[str, str]:
    """Every text of a catalogue by where it stands."""
    found = {}
    for key, text in wording(language).catalogue.items():
        for form, one in text.items() if isinstance(text, Mapping) else [("", text)]:
            found[f"{key}.{form}"] = one
    return found


def notes(language: str) -> dict[str, str]:
    return {**wording(language).catalogue["notes"], **wording(language).catalogue["parts"]}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# The catalogues


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_text(language):
    mine = [key for key in wording(language).catalogue if key not in NO_KEYS]
    assert mine == list(ENGLISH_TEXTS)
    assert ENGLISH.catalogue["notes"] == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language):
    locale = babel.Locale.parse(language)
    wanted = {*locale.plural_form.rules, "other"}
    for key, text in ENGLISH_TEXTS.items():
        mine = wording(language).catalogue[key]
        assert isinstance(mine, Mapping) == isinstance(text, Mapping), key
        if isinstance(mine, Mapping):
            assert set(mine) == wanted, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_places_of_the_english_one(language):
    for key, text in ENGLISH_TEXTS.items():
        english = {form: places(one) for form, one in forms(text).items()}
        for form, one in forms(wording(language).catalogue[key]).items():
            # One may be said without its number, where it is the only number of its form.
            assert places(one) in (english["other"], english.get(form)), (key, form)


@pytest.mark.parametrize("language", OTHERS)
def test_every_note_has_the_places_of_its_template(language):
    for note, translated in notes(language).items():
        assert places(note) <= {""}, note
        assert "{}{}" not in note, note
        assert places(translated) == set(map(str, range(note.count("{}")))), note


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_notes(language):
    assert list(notes(language)) == list(notes("fr"))


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
    for note, translated in wording("ur").catalogue["notes"].items():
        assert unicodedata.bidirectional(translated[0]) == "AL", note


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


@pytest.mark.parametrize("note", notes("fr"))
def test_every_note_is_told_by_the_library(note):
    assert occurs(note)


def test_a_note_that_nobody_tells_is_found():
    assert not occurs("The number {} stands in what it cites.")
    assert not occurs("No article fits.")


def test_every_remark_that_may_reach_a_reader_is_known():
    constants = {
        name.id: template(node.value)
        for tree in TREES.values()
        for node in tree.body
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name)
    }
    found, unknown = 0, set()
    for call in calls(*TOLD, but=COMMANDS):
        arguments = call.args[:2] if called(call) in ("Verdict", "Rejected") else call.args
        last = arguments[-1] if arguments else None
        text = constants.get(last.id, "{}") if isinstance(last, ast.Name) else template(last)
        if text in NOT_FOR_READERS or not re.search(r"[a-z] [a-z]", text):
            continue
        found += 1
        if called(call) == "broken":
            text = BROKEN.format(text)
        told = re.sub(r"\A\{\}: ", "line 7: ", text).replace("{}", "7").strip()
        if wording("fr").note(told) == told:
            unknown.add(text)
    assert found > 100
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


def test_english_notes_stay():
    assert ENGLISH.note("You stopped the model.") == "You stopped the model."


@pytest.mark.parametrize("language", OTHERS)
def test_every_note_is_translated_wherever_it_stands(language):
    say = wording(language)
    for note, translated in say.catalogue["notes"].items():
        values = [f"Ab{n}" for n in range(note.count("{}"))]
        shown = [f"\u2068{v}\u2069" if language == "ur" else v for v in values]
        assert say.note(note.format(*values)) == translated.format(*shown), note


@pytest.mark.parametrize("language", OTHERS)
def test_values_of_notes_stay_as_they_are(language):
    said = wording(language).note(f"The name {HOSTILE} does not stand in what it cites.")
    assert HOSTILE in said
    assert "does not stand" not in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "{}", "{0} {n}", "No such note.", "line 1:", HOSTILE])
def test_unknown_notes_stay_as_they_are(language, text):
    assert wording(language).note(text) == text


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("line 3: no text: give a text or body field",
         "ligne 3\u00a0: aucun texte\u00a0: donnez un champ text ou body"),
        ("line 3: title holds a NUL character; left empty",
         "ligne 3\u00a0: title contient un caractère NUL\u00a0; laissé vide"),
        ("line 2: not JSON (Expecting value: line 1)",
         "ligne 2\u00a0: pas du JSON (Expecting value: line 1)"),
        ("line 4: a.txt holds 3 articles: say which in the column ordinal",
         "ligne 4\u00a0: a.txt contient 3 articles\u00a0: précisez lequel dans la colonne ordinal"),
        ("line 4: 5 cells under 3 columns: put a text with commas in quotes",
         "ligne 4\u00a0: 5 cellules sous 3 colonnes\u00a0: mettez entre guillemets un texte qui "
         "contient des virgules"),
        ("more than 20 MB, the bound of a file: split it",
         "plus de 20 Mo, la limite pour un fichier\u00a0: divisez-le"),
        ("more than 200 files, the bound: it and 3 more are not read",
         "plus de 200 fichiers, la limite\u00a0: ce fichier et 3 autres ne sont pas lus"),
        ("The archive does not say who wrote “A {0} story”.",
         "Les archives ne disent pas qui a écrit «\u00a0A {0} story\u00a0»."),
        ("The model server http://127.0.0.1/v1 has no model. Load one there first.",
         "Le serveur de modèles http://127.0.0.1/v1 n’a pas de modèle. Chargez-en d’abord un."),
        ("The model is busy with others' answers. Ask again later.",
         "Le modèle est occupé par d’autres réponses. Posez à nouveau la question plus tard."),
        ("No article is from 'x'. Sources are: none.",
         "Aucun article ne vient de 'x'. Les sources sont\u00a0: aucune."),
    ],
)  # fmt: skip
def test_what_stands_within_a_note_is_translated_too(note, said):
    assert wording("fr").note(note) == said


def test_a_long_note_is_left_alone_and_a_hostile_one_is_soon_done():
    say = wording("fr")
    long = f"The name {'x' * 1000} does not stand in what it cites."
    assert say.note(long) == long
    nested = "line 1: " * 120 + "no file named"
    assert say.note(nested).count("ligne 1") == 3


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
