"""What somebody is quoted with: whose words they are, and whose they are not."""

from __future__ import annotations

import datetime

import pytest

from rag import Archive, Article
from rag.citation import is_verbatim
from rag.discover.sayings import sayings
from rag.errors import QuestionError
from rag.text.attribution import quotations

NAME = "Ada Quill"


def by(text, name=NAME):
    mine, about = sayings(name, Article(text))
    return [[text[slice(*one.span)] for one in found] for found in (mine, about)]


MINE = {
    "behind": "Ada Quill left. “The harbour is not for sale,” Quill said.",
    "inverted": "“The harbour is not for sale,” said the mayor Ada Quill.",
    "before": "Ada Quill told the council that it was “not for sale at all”.",
    "straight": 'Ada Quill left. "The harbour is not for sale," Mayor Quill added on Monday.',
    "testified": "Ada Quill left. “The harbour is not for sale,” Quill testified.",
    "goes on": "Then Ada Quill spoke. “No,” Quill said. “The harbour is not for sale.”",
    "he said": "“Not now and not here,” said Ada Quill.\n\n“It is not for sale,” she added.",
    "possessive": "Ada Quill’s boat lay there. “It is not for sale,” Quill said.",
}
OTHERS = {
    "lawyer": "“The harbour is not for sale,” said a lawyer for Ada Quill.",
    "brother": "“The harbour is not for sale,” Ada Quill’s brother said.",
    "two bearers": "Ada Quill and Tom Quill came. “The harbour is not for sale,” Quill said.",
    "no full name": "“The harbour is not for sale,” Quill said.",
    "another": "Ada Quill left. “The harbour is not for sale,” Mara Lind said.",
    "unsaid": "Ada Quill saw the sign “the harbour is not for sale” and left.",
    "title": "Ada Quill said she liked “The Harbour”.",
    "asked": "He asked Ada Quill to define what “not for sale now” meant.",
    "she of another": "Ada Quill left. “It is not for sale,” she said. Mara Lind nodded.",
    "odd marks": 'Ada Quill is 5"2. "The harbour is not for sale," Quill said.',
    "longer": "Ada Quillan left. “The harbour is not for sale,” Ada Quillan said.",
}


@pytest.mark.parametrize("text", MINE.values(), ids=MINE)
def test_whose_words_they_are(text):
    mine, _ = by(text)
    assert mine
    assert "for sale" in mine[-1]


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_in_doubt_they_are_nobodys(text):
    assert by(text)[0] == []


def test_what_others_say_of_them():
    text = "Ada Quill left. “Quill will be missed by us all,” said Mara Lind."
    assert by(text) == [[], ["“Quill will be missed by us all,”"]]


def test_a_company_is_not_the_one_who_heads_it():
    text = "“We are a small company,” said Lantern chief Ada Quill. “We grow fast,” Lantern said."
    assert by(text, "Lantern")[0] == []  # Three words are a term, or a title.
    text = text.replace("We grow fast", "We grow fast and far")
    assert by(text, "Lantern")[0] == ["“We grow fast and far,”"]


def test_quotations_stand_in_the_sentences_that_tell_them():
    text = "It rained. “We stay. We wait for them,” said Ada Quill. They left."
    (one,) = quotations(text)
    assert text[slice(*one.told)] == "“We stay. We wait for them,” said Ada Quill."
    assert text[slice(*one.span)] == "“We stay. We wait for them,”"


@pytest.fixture
def archive(tmp_path, fake_encoder):
    days = (datetime.date(2023, 10, 3), None, datetime.date(2023, 12, 1))
    texts = (MINE["behind"], MINE["inverted"], "Ada Quill left. “Quill will be missed,” said Tom.")
    articles = [
        Article(text, id=str(n), title=f"Day {n}", source="Post" if n else "", published=day)
        for n, (text, day) in enumerate(zip(texts, days, strict=True))
    ]
    other = Article("Nothing of her.", id="x", source="Post")
    return Archive.build([*articles, other], tmp_path / "index", encoder=fake_encoder)


def test_a_profile_counts_and_quotes(archive):
    found = archive.profile("  ada   quill ")
    assert (found.total, found.searched, found.read, found.undated) == (3, 4, 3, 1)
    assert found.sources == {"Post": 2, "": 1}
    assert found.months == {"2023-10": 1, "2023-11": 0, "2023-12": 1}
    assert found.newest == ("2", "0", "1")


def test_each_quotation_is_a_verified_citation_newest_first(archive):
    found = archive.profile(NAME)
    assert [one.citation.article_id for one in found.said] == ["0", "1"]
    assert [one.citation.article_id for one in found.about] == ["2"]
    for one in (*found.said, *found.about):
        assert is_verbatim(one.citation, archive.article(one.citation.article_id))
        assert one.citation.quote[slice(*one.span)].startswith("“")
    assert found.about[0].speaker == "Tom"


def test_only_the_newest_are_read(archive):
    found = archive.profile(NAME, read=1)
    assert (found.total, found.read, found.said) == (3, 1, ())


def test_json_and_filters(archive):
    values = archive.to_json(archive.profile(NAME, since="2023-10-01", until="2023-10-31"))
    assert values["total"] == 1
    assert list(values["articles"]) == ["0"]
    with pytest.raises(QuestionError, match="word"):
        archive.profile("…")


def test_names_have_kinds(tmp_path, fake_encoder):
    text = (
        "In Leeds it rained. They live in Leeds, and eat in Leeds. We saw Ada Quill. It was Ada"
        " Quill. Then Quill left the Lantern Works. She told the Lantern Works so. It plays in the"
        " Mill League. Those in the Mill League, and nobody but those in the Mill League, may."
    )
    archive = Archive.build([Article(text)], tmp_path / "index", encoder=fake_encoder)
    assert {one.name: one.kind for one in archive.names()} == {
        "Leeds": "place", "Ada Quill": "person", "Lantern Works": "other",
        "Mill League": "other",
    }  # fmt: skip
