"""A certificate that an archive does not answer: made, verified by asking again, and found out."""

from __future__ import annotations

import copy
import datetime
import json

import pytest

from rag import pack
from rag.__main__ import main
from rag.pack import absence

DEEP = "How deep is the Mariana Trench?"
MADE = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.timezone.utc)


@pytest.fixture(scope="module")
def certificate(archive):
    answer = archive.ask(DEEP)
    made = pack.evidence([answer], {}, archive.settings, archive.info(), MADE, (), {"a.pdf": "cut"})
    return json.loads(json.dumps(made))


def verified(archive, values):
    return pack.verify(
        values, lambda one: None, archive.by_hash, index=archive.info(), ask=archive.pipeline.answer
    )


def test_it_says_what_was_looked_through(archive, certificate):
    looked = certificate["answers"][0]["absence"]
    assert looked["searched"] == looked["total"] == archive.info()["articles"]
    assert {"word": "Mariana", "articles": 0} in looked["words"]
    page = pack.evidence_html(certificate)
    for said in ("Searched: 7 articles", "“Mariana” 0", "a.pdf", "No passage comes near"):
        assert said in page


def test_it_is_verified_by_asking_again(archive, certificate):
    proof = verified(archive, certificate)
    assert proof.holds
    assert any("asked again" in one for one in proof.verified)
    assert "absence" not in {one.what for one in proof.not_verified}


def test_without_an_index_nothing_of_it_is_verified(archive, certificate):
    proof = pack.verify(certificate, lambda one: None, archive.by_hash)
    assert not proof.holds
    assert "--index" in proof.problems[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda absence: absence.update(searched=6000),
        lambda absence: absence["words"][0].update(articles=5),
        lambda absence: absence.update(words=[]),
        lambda absence: absence.update(outside=3),
        lambda absence: absence.update(first="1999-01-01"),
    ],
    ids=["more articles", "a word", "no words", "outside", "days"],
)
def test_what_was_altered_is_found_out(archive, certificate, change):
    altered = copy.deepcopy(certificate)
    change(altered["answers"][0]["absence"])
    assert not verified(archive, altered).holds


def test_what_the_archive_answers_is_no_absence(archive, certificate):
    forged = copy.deepcopy(certificate)
    for name in ("question", "understood"):
        forged["answers"][0][name] = "How many people did police in Kratie arrest?"
    proof = verified(archive, forged)
    assert "answer 1: asked again, the archive answers it" in proof.problems


def test_a_question_that_another_was_asked_for_is_not_said_to_be_asked(archive, certificate):
    """As a follow-up is, and as somebody might who wants an answered question unanswered."""
    forged = copy.deepcopy(certificate)
    forged["answers"][0]["question"] = asked = "How many people did police in Kratie arrest?"
    proof = verified(archive, forged)
    (said,) = (one for one in proof.verified if "asked again" in one)
    assert said.startswith(f"“{DEEP}” is not answered")
    assert f"in place of “{asked}”" in said
    assert ("question", asked) in [(one.what, one.said) for one in proof.not_verified]


def test_a_pack_of_many_questions_keeps_nobody_waiting(archive, certificate, monkeypatch):
    monkeypatch.setattr(absence, "MOST", 2)
    many = copy.deepcopy(certificate)
    many["answers"] *= 5
    proof = verified(archive, many)
    assert "questions not answered (2): asked again" in proof.verified[-1]
    assert [one.answer for one in proof.not_verified if one.what == "absence"] == [3, 4, 5]


def test_the_command_line_makes_one_and_repeats_it(archive, tmp_path, capsys):
    file, index = str(tmp_path / "absent.zip"), str(archive.home)
    assert main(["ask", DEEP, "--index", index, "--certificate", file]) == 0
    capsys.readouterr()
    assert main(["verify", file, "--index", index]) == 0
    assert "asked again" in capsys.readouterr().out


def test_there_is_no_certificate_of_what_is_answered(archive, tmp_path, capsys):
    file = tmp_path / "absent.zip"
    asked = ["ask", "How many people did police in Kratie arrest?", "--index", str(archive.home)]
    assert main([*asked, "--certificate", str(file)]) == 2
    assert "answers" in capsys.readouterr().err
    assert not file.exists()
