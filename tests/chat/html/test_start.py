"""The start of the page: figures, names, examples, and what is kept, as text."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markup import HOSTILE, any_text, elements, shown, values

from rag.chat import html as render
from rag.chat.conversation import link, of_link
from rag.chat.place import place_of
from rag.types import Filters, Overview
from rag.wording import ENGLISH, LANGUAGES, wording
from rag.wording.visible import visible

FIRST, LAST = datetime.date(2016, 12, 4), datetime.date(2017, 3, 2)
WHOLE = Overview(1234, {"The Post": 1233, "AFP": 1}, FIRST, LAST, 2, {"en": 9}, {"Hun Sen": 7})
BARE = Overview(0, {}, None, None, 0, {}, {})
DEFAULT = "all-MiniLM-L6-v2"


def welcome(overview: Overview = WHOLE, examples: tuple[str, ...] = (), say=ENGLISH) -> str:
    return render.welcome_html(overview, examples, DEFAULT, say)


# What there is to ask


def test_the_archive_in_figures():
    said = shown(welcome())
    assert "1,234 articles · 2 sources · 4 December 2016 to 2 March 2017 · 2 without a date" in said


def test_what_an_archive_does_not_have_is_not_spoken_of():
    html = welcome(BARE)
    assert "0 articles · 0 sources" in shown(html)
    for absent in ("without a date", " to ", "<button", ENGLISH("names"), ENGLISH("examples")):
        assert absent not in html
    of_one_day = Overview(1, {"a": 1}, FIRST, FIRST, 0, {}, {})
    assert "1 article · 1 source · 4 December 2016" in shown(welcome(of_one_day))


def test_a_name_leads_to_its_page():
    html = render.welcome_html(WHOLE, (), DEFAULT, key="k")
    assert [place_of(one).name for one in values(html, "href")] == ["Hun Sen"]
    assert values(html, "href")[0].startswith("?archive=k&")
    assert values(html, "aria-label") == ["Hun Sen: 7 articles"]
    assert '<span class="count">7</span>' in html


def test_an_example_is_asked():
    questions = ('Who said "no" & <why>?', "When?")
    html = welcome(BARE, questions)
    assert values(html, "data-ask") == list(questions)
    for question in questions:
        assert question in shown(html)


@pytest.mark.parametrize(
    ("encoder", "said"),
    [(DEFAULT, "a model that knows English"), ("my/<model>", "may not know every language")],
)
def test_what_the_encoder_reads_is_said(encoder, said):
    html = render.welcome_html(WHOLE, (), encoder)
    assert said in shown(html)
    assert "model>" not in html
    assert "MiniLM" not in html


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@given(text=any_text)
def test_no_name_and_no_question_is_markup(hostile, text):
    def page(name: str) -> str:
        return welcome(Overview(1, {name: 1}, None, None, 0, {}, {name: 1}), (name,))

    name = hostile + text
    assert elements(page(name)) == elements(page("x"))
    assert values(page(name), "data-ask") == [name]
    assert [place_of(one).name for one in values(page(name), "href")] == [" ".join(name.split())]
    assert shown(page(name)).count(visible(name)) == 2


def test_the_real_archive(archive):
    overview, examples = archive.overview(), archive.examples()
    html = render.welcome_html(overview, examples, archive.info()["encoder"]["name"])
    assert values(html, "data-ask") == examples
    assert [place_of(one).name for one in values(html, "href")] == list(overview.names)
    assert f"{overview.articles} articles" in shown(html)


# How far the index is


def test_the_opening_has_no_end_that_is_known():
    html = render.waiting_html("", 0, 0)
    assert ENGLISH("opening") in html
    assert "<progress" not in html


@pytest.mark.parametrize("stage", ["cutting", "embedding", "indexing"])
def test_how_far_the_index_is(stage):
    html = render.waiting_html(stage, 1200, 4800)
    assert f"{ENGLISH(f'stage_{stage}')}, 1,200 of 4,800" in html
    assert '<progress max="4800" value="1200"' in html


def test_every_stage_of_a_real_build_has_its_words(articles, encoder, tmp_path):
    from rag import Archive

    told: list[tuple[str, int, int]] = []

    def progress(*stage: object) -> None:
        told.append(stage)

    Archive.build(articles[:3], tmp_path, encoder=encoder, progress=progress)
    assert told
    for language in LANGUAGES:
        for stage in told:
            assert "<progress" in render.waiting_html(*stage, wording(language))


# Own documents


def test_without_documents_it_is_said_what_they_are_for():
    html = render.documents_html(0, "archive")
    assert ENGLISH("documents_why") in shown(html)
    assert "<button" not in html
    assert "<input" not in html


@pytest.mark.parametrize("scope", ["both", "own", "archive"])
def test_what_is_asked_is_chosen_where_there_are_documents(scope):
    html = render.documents_html(1, scope)
    assert "1 article of your own." in html
    assert values(html, "value") == ["both", "own", "archive"]
    assert re.findall('value="([^"]*)" checked>', html) == [scope]
    assert html.count(" data-remove>") == 1


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("held", [0, 3])
def test_what_became_of_an_upload_is_text(held, hostile):
    def page(text: str) -> str:
        pair = (text, text)
        return render.documents_html(held, "both", [pair], [pair, ("b", "c")], [pair])

    html = page(hostile)
    assert elements(html) == elements(page("x"))
    assert shown(html).count(hostile) == 6
    assert html.count("<li>") == 4


def test_remarks_on_what_was_read_are_folded_away():
    html = render.documents_html(1, "both", remarks=[("a.csv", "not used: x"), ("b", "c")])
    assert "<details><summary>2 remarks on what was read</summary>" in html
    assert "a.csv: not used: x" in shown(html)
    assert "<details>" not in render.documents_html(1, "both", [("a.csv", "broken")])


# What can be done with an answer


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@given(text=any_text)
def test_a_link_to_a_question_says_the_question(hostile, text):
    query = link(hostile + text, Filters((hostile,), FIRST))
    html = render.tools_html(5, hostile, query, rated=None)
    assert values(html, "data-copy") == [hostile]
    assert values(html, "href") == values(html, "data-link") == [query]
    assert elements(html) == elements(render.tools_html(5, "quote", "?q=x", rated=None))
    assert of_link(values(html, "href")[0]) == (hostile + text, Filters((hostile,), FIRST))
    assert values(html, "data-turn") == ["5"]


def test_an_answer_of_own_documents_has_no_link():
    html = render.tools_html(5, "", "", rated=None)
    assert "<a" not in html
    assert values(html, "data-copy") == []  # Nor is there anything to copy without a quote.
    assert values(html, "data-save") == ["evidence"]


def test_an_answer_is_judged_once():
    html = render.tools_html(3, "", "", rated=False)
    assert values(html, "data-turn") == ["3", "3"]
    assert values(html, "value") == ["up", "down"]
    assert "<textarea" in html
    rated = render.tools_html(3, "", "", rated=True)
    assert ENGLISH("rated") in rated
    assert "<form" not in rated


def test_the_whole_conversation_can_be_taken_away_or_begun_anew():
    html = render.conversation_tools_html()
    assert values(html, "data-save") == ["markdown", "all"]
    assert html.count(" data-restart>") == 1


def test_what_is_kept_is_said_without_the_name_of_a_file():
    html = render.kept_html("feedback.jsonl")
    assert ENGLISH("kept_feedback") in shown(html)
    assert "feedback" not in html
    assert ENGLISH("kept") in render.kept_html("")
    assert "judg" not in shown(render.kept_html("")).lower()
    assert render.kept_html("").count('class="note"') == 1


# Languages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_named_by_itself_and_one_is_current(language):
    html = render.masthead_html(wording(language))
    assert values(html, "data-language") == list(LANGUAGES)
    assert values(html, "lang") == values(html, "hreflang") == list(LANGUAGES)
    assert all(name in html for name in LANGUAGES.values())
    assert re.findall('lang="([^"]*)" data-language="[^"]*" aria-current="true"', html) == [
        language
    ]
    assert '<p id="told" class="unseen" role="status"></p>' in html


@pytest.mark.parametrize("language", LANGUAGES)
@given(name=st.sampled_from(["{n}", "{name}", "%s", "{0}", "{"]))
def test_in_every_language_a_name_is_no_place_to_put_something_in(language, name):
    say = wording(language)
    overview = Overview(3, {name: 3}, FIRST, LAST, 1, {}, {name: 3})
    html = welcome(overview, (name,), say) + render.documents_html(
        2, "own", [(name, name)], say=say
    )
    assert shown(html).count(name) >= 4
    assert say.day(FIRST) in shown(html)
    for part in (render.introduction_html(say), render.conversation_tools_html(say)):
        assert shown(part)
