"""The chat under load: the protocol before a real page, what counts as a fault, one real run."""

from __future__ import annotations

import asyncio
import math
import time

import gradio as gr
import pytest
from threads import apart

from eval.__main__ import main
from eval.load import measure, report
from eval.load.asking import Asked, row_of, visiting_order
from eval.load.report import Round, percentile
from eval.load.shown import Expected, Fault, faults, read
from eval.load.visitor import ChatError, Visitor, read_page
from rag import Archive
from rag.chat import html
from rag.citation import verified
from rag.errors import BylineError, InputError

# What ends a line for `str.splitlines`, and so for httpx, ends none of JSON's.
WORDS = ["One.", "One. Two \u2028 <b>\x85 lines.", "Another."]
QUESTIONS = ("Who proposed the training on cybercrime?", "How many logs were in the leak?")
SCRAPED = '<p class="note">Reading</p>'


@pytest.fixture(scope="module")
def tiny():
    """The address of a page with an answer that grows and one that fails, and who left it."""
    left = []
    with gr.Blocks(analytics_enabled=False) as page:
        box, talk = gr.Textbox(elem_id="box"), gr.HTML(elem_id="talk", value="nothing yet")
        asked = gr.State([])

        def grow(question, before):
            for words in WORDS:
                yield gr.skip(), f"{question}: {words}", gr.skip()
            yield gr.Textbox(label="Again"), str([*before, question]), [*before, question]

        def fail(question):
            yield question
            raise RuntimeError("no more")

        def leave(request: gr.Request):
            left.append(request.session_hash)

        box.submit(grow, [box, asked], [box, talk, asked])
        box.blur(fail, box, talk)
        box.focus(lambda: "once", None, talk)
        page.unload(leave)
    page.launch(server_name="127.0.0.1", quiet=True, prevent_thread_lock=True, ssr_mode=False)
    yield page.local_url, left
    page.close(verbose=False)


async def updates(visitor, name, typed=""):
    given = {"box": typed}
    return [visitor.parts["talk"] async for _ in visitor.set_off("box", name, given)]


def test_updates_come_as_they_are_shown(tiny):
    async def visit():
        page = await read_page(tiny[0])
        async with Visitor(page) as one, Visitor(page) as other:
            both = await asyncio.gather(updates(one, "submit", "a"), updates(other, "submit", "b"))
            assert both == [
                [*(f"{name}: {words}" for words in WORDS), f"['{name}']", f"['{name}']"]
                for name in "ab"
            ]
            # What the server keeps of a visitor, it keeps for the next event, and for no other.
            assert (await updates(one, "submit", "c"))[-1] == "['a', 'c']"
            assert (await updates(other, "focus"))[-1] == "once"
            assert "box" not in one.parts, "its label changed, and nothing else"
            return one.session, other.session

    sessions = apart(asyncio.run, visit())
    deadline = time.monotonic() + 20
    while not set(sessions) <= set(tiny[1]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert set(sessions) <= set(tiny[1]), "the server does not know that the visitors left"


def test_what_fails_is_told(tiny):
    async def visit():
        page = await read_page(tiny[0])
        async with Visitor(page) as visitor:
            with pytest.raises(ChatError, match="failed"):
                await updates(visitor, "blur", "a")
            with pytest.raises(ChatError, match="no event 'click'"):
                await updates(visitor, "click")
            assert (await updates(visitor, "focus"))[-1] == "once"

    apart(asyncio.run, visit())


def test_only_a_page_of_this_machine_is_visited(tiny):
    with pytest.raises(InputError, match=r"127\.0\.0\.1"):
        apart(asyncio.run, read_page("http://192.0.2.1:7860"))
    with pytest.raises(ChatError, match="gives no page"):
        apart(asyncio.run, read_page("http://127.0.0.1:9"))


@pytest.fixture(scope="module")
def expected(archive):
    return Expected(archive)


def conversation(archive, questions):
    """The HTML of a conversation, as the page makes it."""
    history, parts = [], []
    for number, question in enumerate(questions, 1):
        answer = archive.ask(question, history)
        history.append((question, answer.text))
        articles = {c.article_id: archive.article(c.article_id) for c in answer.citations}
        body = html.answer_html(verified(answer, articles), articles, number)
        parts.append(html.turn_html(number, question, body))
    return "".join(parts)


def test_a_right_conversation_has_no_fault(archive, expected):
    waiting = conversation(archive, QUESTIONS[:1]) + html.turn_html(2, QUESTIONS[1], SCRAPED)
    seen = [read(waiting), read(conversation(archive, QUESTIONS))]
    assert [one.answered for one in seen] == [False, True]
    assert seen[1].turns[0].quotes
    assert list(faults("v", QUESTIONS, seen, expected)) == []


def test_a_quote_of_several_lines_is_expected_on_one_as_it_is_shown(archive, expected):
    asked = ("How many people live in Phnom Penh?",)
    assert any("\n" in claim.text for claim in archive.ask(*asked).claims)
    assert list(faults("v", asked, [read(conversation(archive, asked))], expected)) == []


@pytest.mark.parametrize("planted", [0, 1], ids=["while it works", "at the end"])
def test_a_mix_up_is_caught(archive, expected, planted):
    own, others = QUESTIONS[:1], QUESTIONS[1:]
    pages = [html.turn_html(1, own[0], SCRAPED), conversation(archive, own)]
    pages[planted] = conversation(archive, others)
    (fault,) = faults("v", own, list(map(read, pages)), expected)
    assert (fault.kind, fault.visitor, fault.question) == ("mix-up", "v", own[0])
    assert others[0] in fault.what


def test_another_questions_answer_is_caught(archive, expected):
    page = conversation(archive, QUESTIONS[1:]).replace(QUESTIONS[1], QUESTIONS[0])
    (fault,) = faults("v", QUESTIONS[:1], [read(page)], expected)
    assert fault.kind == "wrong answer"


def test_a_turn_too_many_and_turns_in_another_order_are_mix_ups(archive, expected):
    for questions in (QUESTIONS, QUESTIONS[::-1]):
        asked = QUESTIONS[: 1 if questions == QUESTIONS else 2]
        (fault,) = faults("v", asked, [read(conversation(archive, questions))], expected)
        assert fault.kind == "mix-up"


def test_a_remark_in_place_of_an_answer_is_an_error(expected):
    page = html.turn_html(1, QUESTIONS[0], html.note_html("Wait a little."))
    (fault,) = faults("v", QUESTIONS[:1], [read(page)], expected)
    assert (fault.kind, "Wait a little." in fault.what) == ("error", True)
    (fault,) = faults("v", QUESTIONS[:1], [], expected)
    assert fault.kind == "error"


@pytest.mark.parametrize(
    ("values", "share", "right"),
    [
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([float(n) for n in range(100, 0, -1)], 0.95, 95.0),
        ([float(n) for n in range(1, 21)], 0.95, 19.0),
        ([7.0], 0.95, 7.0),
        ([math.nan, 1.0, 2.0], 0.5, 2.0),
    ],
)
def test_percentiles(values, share, right):
    assert percentile(values, share) == right


def test_what_did_not_come_is_the_slowest():
    assert math.isnan(percentile([1.0, math.nan], 0.95))
    assert math.isnan(percentile([], 0.5))


def row(*times, error=""):
    turn = html.turn_html(1, "Who?", '<p class="verdict">No.</p>')
    pages = [html.turn_html(1, "Who?", SCRAPED), turn, turn][: len(times)]
    return row_of(Asked("v", ("Who?",), times, tuple(pages), error))


def test_first_words_are_a_quote_or_a_verdict_of_this_question():
    calm = row(0.1, 0.5, 0.6)
    assert (calm.first_update, calm.first_words, calm.last) == (0.1, 0.5, 0.6)
    broken = row(0.1, error="gone")
    assert (broken.first_update, math.isnan(broken.first_words), math.isnan(broken.last)) == (
        0.1, True, True,
    )  # fmt: skip
    before = html.turn_html(1, "Who?", '<p class="verdict">No.</p>')
    assert math.isnan(row_of(Asked("v", ("Who?", "When?"), (0.1,), (before,))).first_words)


def test_the_report():
    alone, busy = [row(0.1, 0.5, 0.6)], [row(0.2, 1.5, 1.8), row(0.3, error="gone")]
    rounds = [Round(2, busy, [0.4], 4.0, 100.0, mib) for mib in (90.0, 95.0, 97.5)]
    fault = Fault("error", "v", "Who?", "gone")
    found = {
        "visitors at once": 2, "questions each": 1, "of": 8,
        **report.report(alone, "not asked for", rounds, [fault] * 30),
    }  # fmt: skip
    assert (found["asked"], found["errors"], found["mix-ups"]) == (6, 30, 0)
    assert len(found["faults"]) == report.NAMED
    assert found["ratio"]["last"] == {"median": 3.0, "95th percentile": None}
    assert found["questions a second"] == 0.5
    assert found["growth from the second round to the last"] == 2.5
    text = report.table(found)
    assert "6 of 8 questions" in text
    assert "error: v: Who?: gone" in text
    with pytest.raises(BylineError, match="--minutes"):
        report.report(alone, "not asked for", [], [])


def test_each_seat_has_an_order_of_its_own():
    questions = [f"Question {n}?" for n in range(28)]
    orders = [visiting_order(questions, 0, seat, 5) for seat in range(50)]
    assert len(set(orders)) == 50
    assert all(len(set(order)) == 5 for order in orders)
    assert orders == [visiting_order(questions, 0, seat, 5) for seat in range(50)]
    assert orders != [visiting_order(questions, 1, seat, 5) for seat in range(50)]


def test_rounds_ask_as_many_as_were_named():
    plan = measure.Plan(visitors=4, questions=3, total=17)
    assert measure._shares(17, plan) == [3, 3, 3, 3]
    assert measure._shares(5, plan) == [3, 2]


@pytest.mark.parametrize(
    "arguments",
    [["--visitors", "0"], ["--minutes", "0"], ["--alone", "0"], ["--pages", "-1"],
     ["--questions", "29"], ["--questions", "31"], ["--files", "no-such-file"],
     ["--set", "no_such=1"]],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_measured_is_refused(arguments, capsys):
    assert main(["load", *arguments]) == 2
    assert capsys.readouterr().err.startswith("eval: ")


@pytest.mark.process
def test_a_chat_that_does_not_start_says_why(tmp_path, capsys):
    assert main(["load", "--index", str(tmp_path), "--pages", "0"]) == 2
    assert "did not start" in capsys.readouterr().err


@pytest.mark.process
def test_visitors_of_the_real_chat_get_their_own_answers(articles, encoder, tmp_path):
    # Few articles, so that they are soon indexed.
    Archive.build(articles[:2], tmp_path, encoder=encoder)
    plan = measure.Plan(
        visitors=4, questions=2, total=8, minutes=6, pages=0, index=tmp_path, alone=1
    )
    found = apart(measure.run, plan)
    assert found["faults"] == []
    assert (found["asked"], found["questions alone"]) == (8, 2)
    assert found["rounds"][0]["memory settled"] > 0
    assert all(value for spread in found["under load"].values() for value in spread.values())
    assert found["pages"] == "not asked for"
