"""The command line: each command, its output, its refusals and exit codes."""

from __future__ import annotations

import csv
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from asking import until
from scripted import Reply, ScriptedServer

from rag import Archive, Article
from rag.__main__ import main
from rag.commands.terminal import Page, print_hits

ROOT = Path(__file__).parent.parent
KRATIE = "How many people did police in Kratie arrest?"
STORIES = (
    {
        "text": "Police arrested 312 people in Kratie.",
        "source": "The Post",
        "published": "2025-07-16",
        "author": "Ann Lee and Bo Ek",
        "language": "en",
    },
    {
        "text": "Police arrested 27 people in Pursat.",
        "source": "The Daily",
        "published": "2025-07-20",
        "author": "Bo Ek",
        "language": "fr",
        "category": "Crime",
    },
    {"text": "Rain fell on the rice fields for six days.", "title": "Rain"},
)


def interruptible():
    """In a new process: Control-C ends it, although what runs the tests may ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


NO_SIGINT = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    (folder / "stories.jsonl").write_text("\n".join(map(json.dumps, STORIES)))
    return folder


@pytest.fixture(scope="module")
def index(articles, tmp_path_factory, models):
    folder = tmp_path_factory.mktemp("cli") / "index"
    assert main(["build", str(articles), "--index", str(folder)]) == 0
    return folder


@pytest.fixture
def byline(index, capsys):
    """Runs a command on the index and returns what it prints."""

    def run(*arguments):
        assert main([*arguments, "--index", str(index)]) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def refused(index, capsys):
    """Runs a command that must fail, and returns its one line on standard error."""

    def run(*arguments):
        at = [] if "--index" in arguments else ["--index", str(index)]
        assert main([*arguments, *at]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("byline: ")
        assert "Traceback" not in printed.err
        return printed.err

    return run


def module(*arguments, **more):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, **more
    )


# What the commands print


def test_the_version_is_that_of_the_project(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert capsys.readouterr().out == f"byline {version}\n"


def test_ask(byline):
    printed = byline("ask", KRATIE)
    assert "Police arrested 312 people in Kratie. [1]" in printed
    assert "[1] Ann Lee and Bo Ek, “stories.jsonl#1”, The Post, 16 July 2025" in printed
    assert "stories.jsonl" in printed


def test_ask_in_json(byline):
    answer = json.loads(byline("ask", KRATIE, "--json"))
    assert answer["status"] == "answered"
    citation = answer["citations"][0]
    assert citation["quote"] == STORIES[0]["text"][citation["start"] : citation["end"]]
    assert answer["articles"][citation["article_id"]]["source"] == "The Post"


def test_accounts_that_differ_are_printed_newest_first(tmp_path, fake_encoder, opened, capsys):
    told = [
        ("The Post", 14, "The Battambang flood killed 12 people, police said."),
        ("The Daily", 16, "The Battambang flood killed 40 people, doctors said."),
    ]
    articles = [
        Article(text, source=source, published=datetime.date(2023, 5, day))
        for source, day, text in told
    ]
    Archive.build(articles, tmp_path, encoder=fake_encoder)
    archive = opened(tmp_path)
    Page(archive).end(archive.ask("How many people were killed in the Battambang flood?"))
    printed = capsys.readouterr().out
    assert printed.startswith(
        "Doubtful: a weak match, which may not answer the question\n"
        "The sources differ:\n"
        "- “40”: doctors, The Daily, 16 May 2023, newest [2]\n"
        "- “12”: police, The Post, 14 May 2023, earlier [1]\n\n"
        f"{told[0][2]} [1] {told[1][2]} [2]\n"
    )
    first, second = "\n[1] “Untitled”, The Post", "\n[2] “Untitled”, The Daily"
    assert printed.index(first) < printed.index(second)


def test_ask_what_the_archive_does_not_hold(byline):
    printed = byline("ask", KRATIE, "--set", "threshold=1")
    assert printed.startswith(f"The archive does not hold an answer to: “{KRATIE}”\n")
    assert "Searched: 3 articles" in printed
    assert "“people” 2 · “police” 2 · “Kratie” 1 · “arrest” 2\n" in printed
    _, _, near = printed.partition("\nRelated reading:\n\n")
    assert near.startswith("1. Ann Lee and Bo Ek, “stories.jsonl#1”, The Post")
    assert f"\n   {STORIES[0]['text']}\n" in near


def test_ask_with_filters(byline):
    answer = json.loads(
        byline("ask", KRATIE, "--json", "--source", "the daily", "--since", "2025-07-16")
    )
    assert {about["source"] for about in answer["articles"].values()} == {"The Daily"}
    assert "no publication date" in byline("ask", KRATIE, "--until", "2025-07-16")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--author", "bo ek"], {"The Post", "The Daily"}),
        (["--author", "Ann Lee", "--author", "Bo Ek", "--language", "french"], {"The Daily"}),
        (["--section", "crime"], {"The Daily"}),
        (["--format", "JSON"], {"The Post", "The Daily", ""}),
    ],
)
def test_search_with_the_fields_of_articles(byline, options, found):
    articles = json.loads(byline("search", KRATIE, "--json", *options))["articles"]
    assert {about["source"] for about in articles.values()} == found
    listing = json.loads(byline("ask", "How many articles are there?", "--json", *options))
    assert len(listing["listing"]["articles"]) == len(found)


def test_a_section_that_no_article_has(index, capsys):
    assert main(["ask", KRATIE, "--section", "Sport", "--index", str(index)]) == 2
    assert "No article is from the section 'Sport'." in capsys.readouterr().err


def test_batch(byline, tmp_path):
    file = tmp_path / "questions.jsonl"
    lines = [{"question": KRATIE}, {"turns": [KRATIE, "And in Pursat?"]}]
    file.write_text("\ufeff" + "\n\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    first, second = map(json.loads, byline("ask", "--batch", str(file)).splitlines())
    assert first == json.loads(byline("ask", KRATIE, "--json"))
    assert second["understood"] == f"And in Pursat? ({KRATIE})"
    assert second["citations"][0]["quote"] == STORIES[1]["text"]


def test_a_batch_of_a_table_goes_into_a_sheet(byline, tmp_path):
    file, sheet = tmp_path / "questions.csv", tmp_path / "sheet.csv"
    file.write_text(
        f"Question;Source;Since\n{KRATIE};the post;16.07.2025\nWho won the cup?;;\n", "cp1252"
    )
    options = ("ask", "--batch", str(file), "--out", str(sheet))
    assert byline(*options, "--until", "2025-07-16") == f"Answers to 2 of 2: {sheet}\n"
    with sheet.open(encoding="utf-8-sig", newline="") as rows:
        first, second = csv.DictReader(rows)
    assert (first["quote"], first["source"]) == (STORIES[0]["text"], "The Post")
    assert (first["day"], first["line"]) == ("2025-07-16", "2")
    assert (second["answer"], second["quote"]) == ("not found", "")
    printed = list(map(json.loads, byline("ask", "--batch", str(file)).splitlines()))
    assert [one["status"] for one in printed] == ["answered", "unanswered"]


@NO_SIGINT
@pytest.mark.process
def test_an_interrupted_batch_leaves_a_whole_sheet(index, tmp_path):
    file, sheet = tmp_path / "questions.csv", tmp_path / "sheet.csv"
    file.write_text("question\n" + f"{KRATIE}\n" * 5000)
    command = [sys.executable, "-m", "rag", "ask", "--batch", str(file), "--out", str(sheet)]
    with subprocess.Popen(
        [*command, "--index", str(index)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.PIPE, preexec_fn=interruptible,
        env={**os.environ, "TQDM_DISABLE": ""},
    ) as process:  # fmt: skip
        time.sleep(15)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    with sheet.open(encoding="utf-8-sig", newline="") as rows:
        found = list(csv.DictReader(rows))
    answered = len({row["line"] for row in found})
    assert 0 < answered < 5000
    assert found[-1]["answer"] == found[0]["answer"] != ""
    assert out == f"Answers to {answered} of 5000: {sheet}\n"


def test_search(byline):
    printed = byline("search", "rain on rice", "-k", "2")
    assert printed.startswith("1. “Rain”, undated\n   Rain fell")
    assert "\n2. " in printed
    assert "\n3. " not in printed


def test_search_shows_the_part_that_matches(tmp_path, fake_encoder, opened, capsys):
    filler = "The council met in the old town hall again. " * 12
    text = f"{filler}The ferry Orlik sank off the cape. {filler}"
    Archive.build([Article(text, title="Minutes")], tmp_path, encoder=fake_encoder)
    archive = opened(tmp_path)
    print_hits(archive, archive.search("Where did the ferry Orlik sink?"), "Where did Orlik sink?")
    shown = capsys.readouterr().out.splitlines()[1]
    assert shown.startswith("   … ")
    assert "The ferry Orlik sank off the cape." in shown
    assert shown.endswith(" …")
    assert len(shown) < 260


def test_search_in_json(byline):
    hits = json.loads(byline("search", "rain on rice", "-k", "1", "--json"))["hits"]
    assert [hit["passage"]["text"] for hit in hits] == [STORIES[2]["text"]]


def test_info(byline):
    assert "3 articles, 3 passages" in byline("info")
    facts = json.loads(byline("info", "--json"))
    assert facts["sources"] == {"The Daily": 1, "The Post": 1}
    assert facts["authors"] == {"Bo Ek": 2, "Ann Lee": 1}
    assert (facts["languages"], facts["sections"]) == ({"en": 1, "fr": 1}, {"Crime": 1})
    assert "authors   Bo Ek (2), Ann Lee (1)\n" in byline("info")
    assert "sections  Crime (1)\n" in byline("info")
    assert facts["encoder"]["dimension"] == 384


def test_check(byline):
    assert "every byte is as it was written" in byline("check")


# The confidence, refitted on judgements


@pytest.fixture
def judged(index, tmp_path):
    """Writes judgements of 24 questions: as the chat stores them, beside the index or elsewhere."""
    archive = Archive.open(index)

    def judged(name=None, questions=24):
        asked = [f"How many people did police in Kratie arrest {n} days ago?" for n in range(24)]
        records = []
        for number, question in enumerate(asked[:questions]):
            answer, right = archive.ask(question), number % 4 == 0
            quotes = [{"file": "stories.jsonl", "title": archive.article(c.article_id).title,
                       "quote": c.quote} for c in answer.citations]  # fmt: skip
            records.append({
                "id": f"feedback-{number}", "turns": [question], "answers": [], "filters": {},
                "answerable": True if right else None, "evidence": quotes if right else [],
                "right": right, "note": "", "shown": answer.text, "kept": "2026-11-30T07:00:00",
            })  # fmt: skip
        path = tmp_path / name if name else index / "feedback.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return str(path)

    yield judged
    for name in ("feedback.jsonl", "calibration.json"):
        (index / name).unlink(missing_ok=True)


def test_calibrate_and_undo(byline, judged, index):
    before = byline("ask", KRATIE, "--json")
    judged()
    shown = byline("calibrate", "--dry-run")
    assert "24 judgements tell" in shown
    assert re.search(r"^Brier score +0\.\d{3} +0\.\d{3}$", shown, re.M)
    assert "Nothing was changed." in shown
    assert not (index / "calibration.json").exists()
    printed = byline("calibrate")
    assert printed.partition("It is in force")[0] == shown.partition("Nothing was changed")[0]
    after = json.loads(byline("ask", KRATIE, "--json", "--set", "threshold=0"))
    assert after["confidence"] < json.loads(before)["confidence"]
    assert "every byte is as it was written" in byline("check")
    assert "in force again" in byline("calibrate", "--undo")
    assert byline("ask", KRATIE, "--json") == before
    assert "in force again" not in byline("calibrate", "--undo")


def test_calibrate_in_json(byline, judged):
    found = json.loads(byline("calibrate", "--json", "--feedback", judged("mine.jsonl")))
    assert found["written"] is True
    assert found["judgements"] == 24
    assert found["after"]["brier"] < found["before"]["brier"]
    assert [group["name"] for group in found["after"]["groups"]] == [
        "strong", "fair", "weak", "declined",
    ]  # fmt: skip


def test_calibrate_refuses_what_tells_too_little(refused, judged, tmp_path):
    assert "--feedback FILE" in refused("calibrate")
    judged(questions=12)
    assert "Judge answers in the chat until there are 20" in refused("calibrate")


def test_a_broken_calibration_can_be_undone(refused, byline, judged, index):
    (index / "calibration.json").write_text("{")
    assert "byline calibrate --undo" in refused("ask", KRATIE)
    assert "in force again" in byline("calibrate", "--undo")
    byline("ask", KRATIE)


# Answers that a model writes

TRUE = "Police arrested 312 people in Kratie."
FALSE = "Police arrested 313 people in Kratie."
MARK = "Written by a language model; every sentence was checked against the quotes below."


@pytest.fixture
def model():
    with ScriptedServer(f"{TRUE[:-1]} [1]. {FALSE[:-1]} [1].") as server:
        yield server.address


def test_a_model_writes(byline, model):
    printed = byline("ask", KRATIE, "--model", model)
    reference = "Ann Lee and Bo Ek, “stories.jsonl#1”, The Post, 16 July 2025"
    assert printed.startswith(f"{MARK}\n\n{TRUE} [1]\n\n[1] {reference}\n")
    assert f"\n    “{STORIES[0]['text']}”\n" in printed
    _, _, left_out = printed.partition("\nLeft out:\n")
    sentence, reason = left_out.splitlines()[:2]
    assert sentence == f"- {FALSE}"
    assert "313" in reason
    assert byline("ask", KRATIE, "--set", f"model={model}") == printed


def test_a_model_writes_in_json(byline, model, tmp_path):
    printed = byline("ask", KRATIE, "--json", "--model", model)
    answer = json.loads(printed)
    assert answer["mode"] == "generated"
    assert [(c["text"], c["verdict"]) for c in answer["claims"]] == [(TRUE, "supported")]
    assert [sentence["text"] for sentence in answer["rejected"]] == [FALSE]
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"question": KRATIE}))
    assert byline("ask", "--batch", str(file), "--model", model) == printed


def test_what_was_printed_and_does_not_answer_is_followed_by_the_quotes(byline):
    beside = "Police arrested people in Kratie."
    quotes = byline("ask", KRATIE)
    with ScriptedServer(f"{beside[:-1]} [1]. {beside[:-1]} [1].") as server:
        printed = byline("ask", KRATIE, "--model", server.address)
    streamed, said, anew = printed.partition(
        "\n\nThat does not answer the question; in the articles' words:\n\n"
    )
    assert streamed == f"{MARK}\n\n{beside} [1]"
    assert said
    assert anew.startswith(quotes)
    assert f"\nLeft out:\n- {beside}\n" in anew


@NO_SIGINT
@pytest.mark.process
def test_sentences_are_printed_as_they_are_verified_and_control_c_keeps_them(index):
    hangs = Reply(f"{TRUE[:-1]} [1]. And so", then="hang")
    command = [sys.executable, "-m", "rag", "ask", KRATIE, "--index", str(index), "--model"]
    with ScriptedServer(hangs) as server, subprocess.Popen(
        [*command, server.address],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        preexec_fn=interruptible,
    ) as process:  # fmt: skip
        first = process.stdout.read(len(f"{MARK}\n\n{TRUE}"))
        process.send_signal(signal.SIGINT)
        rest, errors = (text.decode() for text in process.communicate(timeout=60))
        until(lambda: server.gone == 1)
    assert process.returncode == 130
    assert first.decode().startswith(MARK)
    assert f"{TRUE} [1]\n\n[1] " in first.decode() + rest
    assert "You stopped the model." in rest
    assert errors.startswith("byline: interrupted")
    assert "Traceback" not in errors


def test_a_model_that_cannot_be_loaded_leaves_the_quotes(index, byline, capsys, tmp_path):
    quotes = byline("ask", KRATIE)
    with ScriptedServer() as gone:
        pass
    for model, remedy in ((str(tmp_path / "none.gguf"), ".gguf file"), (gone.address, "server")):
        assert main(["ask", KRATIE, "--index", str(index), "--model", model]) == 2
        printed = capsys.readouterr()
        assert printed.err.startswith("byline: ")
        assert printed.err.count("\n") == 1
        assert remedy in printed.err
        note = printed.err.removeprefix("byline: ")
        assert printed.out == f"{quotes}\nNote: {note}"
        assert main(["ask", KRATIE, "--index", str(index), "--model", model, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["notes"] == [note.strip()]


def test_a_model_elsewhere_is_refused_and_nothing_asked(refused):
    assert "allow" in refused("ask", KRATIE, "--model", "http://192.0.2.1/v1#m")


# Refusals


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["ask", ""], "Type a question"),
        (["ask", "x" * 10_000], "at most"),
        (["ask", "\udcff"], "UTF-8"),
        (["ask"], "--batch FILE"),
        (["ask", KRATIE, "--batch", "file"], "--batch FILE"),
        (["ask", "--batch", "no/such/file"], "cannot be read"),
        (["ask", KRATIE, "--out", "sheet.csv"], "--batch FILE"),
        (["ask", KRATIE, "--source", "The Times"], "Sources are: The Daily, The Post"),
        (["ask", KRATIE, "--since", "soon"], "2024-05-31"),
        (["ask", KRATIE, "--set", "treshold=0"], "Did you mean 'threshold'?"),
        (["ask", KRATIE, "--set", "threshold=2"], "between 0 and 1"),
        (["ask", KRATIE, "--set", "threshold=high"], "takes float"),
        (["search", KRATIE, "-k", "0"], "1 or more"),
        (["build", ".", "--set", "pasage_tokens=9"], "Did you mean 'passage_tokens'?"),
        (["build", "no/such/folder"], "no/such/folder"),
        (["info", "--index", "no/such/index"], "byline build ARTICLES"),
        (["check", "--index", "no/such/index"], "byline build ARTICLES"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_errors_name_the_remedy(refused, arguments, remedy):
    assert remedy in refused(*arguments)


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '"text"', "7", "{}", '{"question": ""}', '{"question": 7}', '{"turns": []}',
     '{"turns": ["a", " "]}', '{"turns": "Who?"}'],
)  # fmt: skip
def test_a_broken_batch_line_is_named_before_anything_is_asked(refused, tmp_path, line):
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"question": "Who?"}}\n\n{line}\n')
    assert f"{file} line 3" in refused("ask", "--batch", str(file))


def test_a_batch_question_that_cannot_be_asked_is_named(refused, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"turns": ["Who?", "x" * 10_000]}))
    assert f"{file} line 1: The question has 10,000 characters" in refused(
        "ask", "--batch", str(file)
    )


def test_a_line_separator_ends_no_line_of_a_batch(byline, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"question": "{KRATIE}\u2028\x85"}}\r\n', "utf-8", newline="")
    assert json.loads(byline("ask", "--batch", str(file)))["understood"] == KRATIE


def test_a_sheet_is_not_written_over_its_questions(refused, tmp_path):
    file = tmp_path / "questions.csv"
    file.write_text("question\nWho?\n")
    assert "another file" in refused("ask", "--batch", str(file), "--out", str(file))
    assert file.read_text() == "question\nWho?\n"


def test_a_batch_that_is_no_text(refused, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused("ask", "--batch", str(file))


def test_a_damaged_index_does_not_pass_the_check(refused, index, tmp_path):
    broken = shutil.copytree(index, tmp_path / "broken")
    (vectors,) = broken.rglob("vectors.faiss")
    data = vectors.read_bytes()
    vectors.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    message = refused("check", "--index", str(broken))
    assert "vectors.faiss was altered" in message
    assert "byline build ARTICLES" in message


@pytest.mark.parametrize("arguments", [[], ["wat"], ["ask", "a", "b"], ["ask", "a", "--set", "b"]])
def test_wrong_usage(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: byline" in capsys.readouterr().err


# Building


@pytest.mark.models
def test_what_cannot_be_read_is_listed_and_the_rest_is_built(articles, tmp_path, capsys):
    mixed = shutil.copytree(articles, tmp_path / "mixed")
    (mixed / "photo.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))
    (mixed / "stories.jsonl").open("a").write('\n{"text": 7}\n')
    assert main(["build", str(mixed), "--index", str(tmp_path / "index")]) == 0
    printed = capsys.readouterr().out
    assert "Indexed 3 articles in 3 passages" in printed
    assert re.search("^Read 3 articles of [0-9,]+ characters from 1 of 2 files.$", printed, re.M)
    listed = printed.partition("Left out, in 2 files:\n")[2].splitlines()
    assert [line.partition(":")[0] for line in listed[:2]] == ["  photo.txt", "  stories.jsonl"]
    assert all(line.partition(": ")[2] for line in listed[:2])


@pytest.mark.models
def test_a_second_build_says_what_changed(tmp_path, capsys):
    news = tmp_path / "news"
    news.mkdir()
    for name in ("ferry", "bridge", "rice"):
        (news / f"{name}.txt").write_text(f"The {name}\n\nThe {name} of Kampot was in the news.\n")
    build = ["build", str(news), "--index", str(tmp_path / "index")]
    assert main(build) == 0
    assert "last build" not in capsys.readouterr().out
    assert main(build) == 0
    assert "No article came, changed or went since the last build." in capsys.readouterr().out
    (news / "rice.txt").unlink()
    (news / "ferry.txt").write_text("The ferry\n\nThe ferry of Kampot was in the news again.\n")
    (news / "market.txt").write_text("The market\n\nThe market of Kampot burnt down.\n")
    assert main(build) == 0
    assert "Since the last build: 1 new, 1 changed, 1 gone" in capsys.readouterr().out


@pytest.mark.models
def test_the_columns_of_a_table_are_named_by_option(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("Thema;Wortlaut\nRegen;Es regnete sechs Tage.\n")
    index = tmp_path / "index"
    build = ["build", str(tmp_path / "a.csv"), "--index", str(index)]
    assert main(build) == 2
    assert "--map text=COLUMN; there are Thema, Wortlaut" in capsys.readouterr().err
    assert main([*build, "--map", "text=Wortlaut", "--map", "title=Thema"]) == 0
    (article,) = Archive.open(index).articles()
    assert (article.title, article.text) == ("Regen", "Es regnete sechs Tage.")


def test_a_column_for_a_field_that_is_not_there_is_refused(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("A,B\n1,2\n")
    assert main(["build", str(tmp_path), "--map", "inhalt=Text"]) == 2
    said = capsys.readouterr().err
    assert "no field inhalt for a column; there are text, title, source" in said


@pytest.mark.models
def test_the_order_of_dates_is_given_for_an_export(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(
        "title,text,published\nRain,Rain fell for six days.,03/04/2017\n"
    )
    index = tmp_path / "index"
    assert main(["build", str(tmp_path / "a.csv"), "--index", str(index)]) == 0
    assert "or build with --dates dmy (day first)" in capsys.readouterr().out
    arguments = ["--index", str(index), "--dates", "mdy"]
    assert main(["build", str(tmp_path / "a.csv"), *arguments]) == 0
    (article,) = Archive.open(index).articles()
    assert article.published == datetime.date(2017, 3, 4)


@pytest.mark.models
def test_the_report_of_a_build_is_written_and_shown_again(articles, tmp_path, capsys):
    mixed = shutil.copytree(articles, tmp_path / "mixed")
    for number in range(25):
        (mixed / f"photo-{number:02}.txt").write_bytes(b"\x89PNG\x00")
    (mixed / "broken.jsonl").write_text('{"text": "Rice rose."}\n' + '{"text": 7}\n' * 5)
    home, file = str(tmp_path / "index"), tmp_path / "report.json"
    assert main(["build", str(mixed), "--index", home, "--report", str(file)]) == 0
    short = capsys.readouterr().out
    assert "broken.jsonl: … and 2 more" in short
    assert f"… and 6 more files: byline info --failed --index {home}" in short
    assert "photo-24" not in short
    assert main(["info", "--failed", "--index", home]) == 0
    whole = capsys.readouterr().out
    assert "photo-24.txt: binary" in whole
    assert "broken.jsonl: line 5" in whole
    assert main(["info", "--failed", "--json", "--index", home]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(file.read_text("utf-8"))
    archive = Archive.open(home)
    assert archive.reading_report().to_json() == json.loads(file.read_text("utf-8"))
    assert archive.check() == []


def test_an_index_of_a_program_has_no_report(refused, tmp_path, fake_encoder):
    Archive.build([Article("Rain fell on the fields.")], tmp_path, encoder=fake_encoder)
    message = refused("info", "--failed", "--index", str(tmp_path))
    assert "does not tell how its files were read" in message


def test_a_report_that_cannot_be_written_is_said_before_the_reading(refused, articles, tmp_path):
    file = tmp_path / "missing" / "report.json"
    message = refused("build", str(articles), "--index", str(tmp_path / "i"), "--report", str(file))
    assert "There is no folder for" in message
    assert not (tmp_path / "i").exists()


def test_the_report_is_written_though_nothing_can_be_read(refused, tmp_path):
    (tmp_path / "photo.txt").write_bytes(b"\x89PNG\x00\x01\x02")
    file = tmp_path / "report.json"
    refused("build", str(tmp_path / "photo.txt"), "--index", str(tmp_path / "index"),
            "--report", str(file))  # fmt: skip
    assert json.loads(file.read_text("utf-8"))["files_unread"] == 1


def test_a_folder_with_nothing_readable(refused, tmp_path):
    (tmp_path / "photo.txt").write_bytes(b"\x89PNG\x00\x01\x02")
    message = refused("build", str(tmp_path), "--index", str(tmp_path / "index"))
    assert "photo.txt" in message
    assert "could be read as an article" in message
    assert not (tmp_path / "index").exists()


def test_an_empty_folder(refused, tmp_path):
    assert "no article files" in refused("build", str(tmp_path))


def test_an_index_that_cannot_be_written(refused, articles, tmp_path):
    (tmp_path / "file").touch()
    message = refused("build", str(articles), "--index", str(tmp_path / "file" / "index"))
    assert "cannot be written" in message
    assert "Name a folder" in message


# As a process


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full")
def test_a_full_disk_is_told_without_the_systems_number(index):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "rag", "info", "--index", str(index)],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr == "byline: No space left on device. Mend that, and try again.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "{}", "--report", "{}"], "Is a directory"),
        (["serve", "--auth-file", "{}/none", "--port", "0"], "No such file or directory"),
        (["calibrate", "--feedback", "{}/none"], "No such file or directory"),
    ],
)
def test_no_message_has_the_systems_number(refused, articles, arguments, said):
    told = refused(*(one.replace("{}", str(articles)) for one in arguments))
    assert said in told
    assert "Errno" not in told


@pytest.mark.process
def test_help_waits_for_nothing_heavy():
    heavy = ["torch", "faiss", "gradio", "numpy", "sqlite3"]
    script = (
        "import sys\nfrom rag.__main__ import main\n"
        "try: main(['--help'])\n"
        f"finally: print('loaded:', sorted(set({heavy}) & set(sys.modules)))"
    )
    result = module("-c", script)
    assert result.returncode == 0
    assert "usage: byline" in result.stdout
    assert result.stdout.endswith("loaded: []\n")


@pytest.mark.process
def test_python_m_rag(index):
    result = module("-m", "rag", "info", "--index", str(index))
    assert (result.returncode, result.stderr) == (0, "")
    assert "3 articles" in result.stdout


@pytest.mark.process
def test_errors_go_to_standard_error(tmp_path):
    result = module("-m", "rag", "info", "--index", str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("byline: There is no index")
    assert result.stderr.count("\n") == 1


@pytest.mark.process
def test_a_reader_that_has_seen_enough(index):
    """`byline info | true` ends quietly."""
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        [sys.executable, "-m", "rag", "info", "--index", str(index)],
        cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        os.close(writer)
        assert process.communicate(timeout=120)[1] == ""


def test_a_build_into_a_folder_that_is_no_index_is_refused(articles, refused, tmp_path):
    (tmp_path / "letters.txt").write_text("Dear all")
    said = refused("build", str(articles), "--index", str(tmp_path))
    assert f"{tmp_path} is not empty and holds no index" in said
    assert "Name a new or an empty folder" in said
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


@NO_SIGINT
@pytest.mark.process
def test_control_c_leaves_the_index_as_it_was(index, tmp_path):
    home = shutil.copytree(index, tmp_path / "index")
    before = Archive.open(home).info()
    long = [f"Story {n}. " + f"Police arrested {n} people in Kratie. " * 20 for n in range(400)]
    (tmp_path / "long.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in long))
    with subprocess.Popen(
        [
            sys.executable, "-m", "rag", "build", str(tmp_path / "long.jsonl"),
            "--index", str(home), "--remove-missing",
        ],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=interruptible,
    ) as process:  # fmt: skip
        while len(list((home / "snapshots").iterdir())) < 2:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "byline: interrupted" in errors
    assert "Traceback" not in errors
    assert Archive.open(home).info() == before
    assert len(list((home / "snapshots").iterdir())) == 1
    assert Archive.open(home).search(KRATIE)


def test_a_script_opens_what_a_command_built(index):
    texts = {article.text for article in Archive.open(index).articles()}
    assert texts == {story["text"] for story in STORIES}
