"""Files of questions: their dialects, their filters, and what is said of bad lines."""

from __future__ import annotations

import datetime
import io

import pytest
from openpyxl import Workbook

from rag import Archive, Article
from rag.chat.questions import LARGEST, read_questions
from rag.errors import InputError
from rag.types import Filters

MAY, JUNE = datetime.date(2024, 5, 31), datetime.date(2024, 6, 1)
STORIES = (
    Article("Police held 312 people.", "Raids", "a", "The Post", published=MAY),
    Article("Rain fell.", "Rain", "b", "The Daily", published=JUNE),
    Article("It rained.", "More rain", "c", "Post; Daily"),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory, fake_encoder):
    home = tmp_path_factory.mktemp("stories")
    return Archive.build(STORIES, home, encoder=fake_encoder).index


@pytest.fixture
def read(tmp_path):
    """Reads a file with this content."""

    def read(content, name="questions.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_questions(path, name)

    return read


@pytest.mark.parametrize(
    "content",
    [
        "question,source,since,until\n\nWho?,The Post,2024-05-31,2024-06-01\n",
        "\ufeffQuestion;Source;Since;Until\r\nWho?;The Post;31.05.2024;1 June 2024\r\n;;;\r\n",
        "sep=;\nquestion;source;since;until\nWho?;The Post;20240531;2024-06-01",
        "until\tsource\tquestion\tsince\n2024-06-01\tThe Post\tWho?\t31/05/2024\n",
        '"question","source","since","until"\n" Who? ","The Post","May 31, 2024","2024-06-01"\n',
        "question|source|since|until\nWho?|The Post|2024/05/31|2024-06-01".encode("utf-16"),
    ],
)
def test_a_table_in_any_dialect(read, content):
    (line,) = read(content).required()
    assert line.turns == ("Who?",)
    assert (line.source, line.since, line.until) == ("The Post", MAY, JUNE)


def test_a_table_of_questions_alone_may_hold_commas(read):
    content = 'question\nWhat, if anything, fell?\n"Who; and ""why""?"\n\nកើតអ្វី?\n'
    lines = read(content).required()
    assert [line.question for line in lines] == [
        "What, if anything, fell?", 'Who; and "why"?', "កើតអ្វី?",
    ]  # fmt: skip
    assert [line.number for line in lines] == [2, 3, 5]


def test_a_workbook_of_questions(read):
    book = Workbook()
    for row in (
        ["Question", "Source", "Since", "Until", None],
        [],
        ["Who?", "The Post", datetime.datetime(2024, 5, 31), datetime.date(2024, 6, 1)],
        ["What, if anything?", None, "31 May 2024"],
        ["Why?", None, 5],
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    questions = read(file.getvalue(), "questions.xlsx")
    one, two = questions.lines
    assert (one.question, one.number, one.source) == ("Who?", 3, "The Post")
    assert (one.since, one.until, two.since) == (MAY, JUNE, MAY)
    assert questions.problems == ("line 5: '5' is no date. Write it as 2024-05-31.",)


def test_json_lines_hold_questions_and_conversations(read):
    content = '{"question": "Who?"}\n\n{"turns": ["Who?", "And in Pursat?"]}'
    one, two = read(content, "questions.jsonl").required()
    assert (one.turns, two.turns, two.number) == (("Who?",), ("Who?", "And in Pursat?"), 3)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",,,", None),
        (",The Post,,", "line 3: The question is empty"),
        (f"{'x' * 1001},,,", "line 3: The question has 1,001 characters"),
        ("Who?,,soon,", "line 3: 'soon' is no date. Write it as 2024-05-31."),
        ("Who?,,,03/04/2017", "line 3: '03/04/2017' could be two days"),
        ("Who?,,2024-06-01,2024-05-31", "line 3: The dates run backwards"),
        (
            "Who, what, why, when, how?",
            "line 3: 5 cells under 4 columns: put a text",
        ),
        ('"Who?,,,', "line 3: "),
        ("Who?,The Times,,", "line 3: No article is from 'The Times'"),
        ("Who?,The Post;The Times,,", "line 3: No article is from 'The Times'"),
    ],
)
def test_a_bad_line_is_named_with_its_remedy(read, index, line, said):
    questions = read(f"question,source,since,until\nWhat?,,,\n{line}\nWhere?,,,\n").checked(index)
    if said is None:
        assert len(questions.required()) == 2
        return
    with pytest.raises(InputError) as refused:
        questions.required()
    assert str(refused.value).startswith(f"questions.csv {said}")


def test_all_bad_lines_are_named_at_once(read, index):
    content = "question,source,since\nWho?,,soon\nWhat?,The Times,\n" + "Why?,,never\n" * 30
    with pytest.raises(InputError) as refused:
        read(content).checked(index).required()
    said = str(refused.value)
    assert "line 2: 'soon'" in said
    assert said.endswith("and 12 more")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        (b"PK\x03\x04archive", "Save them as CSV"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("Who?\nWhat?\n", "no column is called question"),
        ("question,sourse\nWho?,The Post\n", "unknown column 'sourse'; known"),
        ("question,since,since\nWho?,2024-05-31,\n", "two columns are called 'since'"),
        ("question,source\n", "holds no question"),
        ("{}", 'write {"question": "…"}'),
        ('{"question": 7}', 'write {"question": "…"}'),
        ('{"turns": ["Who?", 7]}', 'write {"question": "…"}'),
        ("{" * 50_000, 'write {"question": "…"}'),
        ("question\n" + "x" * LARGEST, "more than 5 MB"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_file_of_questions(read, content, said):
    with pytest.raises(InputError) as refused:
        read(content).required()
    assert said in str(refused.value)


def test_filters_of_a_line_come_before_those_given(read, index):
    first, second, third = read(
        "question,source,since\nWho?,the post; The Daily,2024-05-31\nWhat?,,\nWhy?,Post; Daily,\n"
    ).required()
    given = Filters(("The Daily",), until=JUNE)
    assert first.filters(index, given) == Filters(("The Post", "The Daily"), MAY, JUNE)
    assert second.filters(index, given) == given
    assert third.filters(index) == Filters(("Post; Daily",))


@pytest.mark.parametrize("line", ["Who?", ""], ids=["good", "bad"])
def test_lines_have_a_bound(tmp_path, line):
    file = tmp_path / "q.csv"
    file.write_text("question,source\n" + f"{line},x\n" * 11)
    assert len(read_questions(file, most=11).lines) + len(read_questions(file).problems) == 11
    with pytest.raises(InputError, match="more than 10 lines"):
        read_questions(file, most=10)
