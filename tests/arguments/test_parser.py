"""What is misspelt on a command line, and options that the environment gives."""

from __future__ import annotations

import pytest

from rag.__main__ import main
from rag.arguments import app_parser, parser
from rag.arguments.parser import PREFIX


@pytest.fixture
def told(capsys):
    """Runs a command that is refused, and returns the last line of what it says."""

    def told(*arguments, made=parser):
        with pytest.raises(SystemExit) as ended:
            made().parse_args(arguments)
        assert ended.value.code == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        return printed.err.splitlines()[-1]

    return told


@pytest.fixture
def given(monkeypatch):
    """The options of `python app.py` under variables of the environment."""

    def given(*arguments, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return app_parser().parse_args(arguments)

    return given


@pytest.mark.parametrize("words", [["Who", "is", "Hun", "Sen"], ["Who is", "Hun Sen"]])
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_without_quotes(told, command, words):
    said = told(command, *words, "--source", "The Post")
    assert said.endswith(f'Put the question in quotes: byline {command} "Who is Hun Sen"')


@pytest.mark.parametrize("options", [["--json"], ["--json", "--until", "2024-05-31"]])
def test_options_before_a_question_without_quotes(told, options):
    assert told("ask", *options, "Who", "won").endswith('quotes: byline ask "Who won"')


def test_a_question_that_double_quotes_would_change(told):
    assert told("ask", "What", "did", "the", '"Post"', "cost").endswith(
        """byline ask 'What did the "Post" cost'"""
    )


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("aks", "ask"),
        ("serch", "search"),
        ("biuld", "build"),
        ("Ask", "ask"),
        ("rolback", "rollback"),
    ],
)
def test_a_misspelt_command(told, word, meant):
    assert told(word).endswith(f"There is no command {word!r}. Did you mean byline {meant}?")


@pytest.mark.parametrize("words", [["Who", "is", "Hun", "Sen?"], ["Who is Hun Sen?"]])
def test_a_question_without_a_command(told, words):
    assert told(*words).endswith('To ask a question: byline ask "Who is Hun Sen?"')


def test_a_command_that_resembles_none(told):
    assert told("frobnicate").endswith("byline --help lists them.")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["ask", "Who?", "--sorce", "x"], "There is no option --sorce. Did you mean --source?"),
        (["serve", "--prot=1"], "There is no option --prot=1. Did you mean --port?"),
        (["info", "--wat"], "There is no option --wat. byline info --help lists them."),
        (["verify", "a", "b"], "b is too much. byline verify --help says what it takes."),
    ],
)
def test_what_a_command_does_not_take(told, arguments, remedy):
    assert told(*arguments).endswith(remedy)


def test_what_is_right_is_taken(capsys):
    options = parser().parse_args(["ask", "Who is Hun Sen", "--source", "The Post"])
    assert (options.question, options.source) == ("Who is Hun Sen", ["The Post"])
    assert capsys.readouterr().err == ""


def test_a_store_is_named_in_the_place_of_an_index(capsys, monkeypatch):
    address = "milvus+http://127.0.0.1:19530/news"
    assert parser().parse_args(["ask", "Who?", "--store", address]).index == address
    monkeypatch.setenv("BYLINE_STORE", "news.db")
    assert app_parser().parse_args([]).index == "news.db"
    assert parser().parse_args(["serve", "--index", "here"]).index == "here"
    for wrong in (["--store", "news"], ["--store", address, "--index", "news"]):
        with pytest.raises(SystemExit, match="2"):
            parser().parse_args(["info", *wrong])
    assert "a folder is named with --index" in capsys.readouterr().err


# The environment


def test_every_option_of_the_chat_has_a_variable():
    made = app_parser()
    named = set(made.variables().values())
    options = {action for action in made._actions if action.option_strings}
    assert {action.dest for action in options - named} == {"help"}
    assert {f"{PREFIX}{n}" for n in ("ARTICLES", "INDEX", "HOST", "NO_EXAMPLES")} <= set(
        made.variables()
    )


def test_variables_give_what_options_would(given):
    options = given(
        BYLINE_ARTICLES="news 'more news'", BYLINE_INDEX="/data/index", BYLINE_HOST="0.0.0.0",
        BYLINE_PORT="7861", BYLINE_SET="threshold=0.5 model_timeout=60", BYLINE_MCP="yes",
        BYLINE_NO_EXAMPLES="1", BYLINE_PER_MINUTE="5", BYLINE_ARCHIVES="/data/archives",
        BYLINE_MODEL="", BYLINE_ALLOW_REMOTE="0",
    )  # fmt: skip
    assert (options.articles, options.index) == (["news", "more news"], "/data/index")
    assert (options.host, options.port, options.per_minute) == ("0.0.0.0", 7861, 5)
    assert dict(options.set) == {"threshold": "0.5", "model_timeout": "60"}
    assert (options.mcp, options.examples, options.archives) == (True, False, "/data/archives")
    assert (options.model, options.allow_remote) == (None, False)


def test_the_command_line_comes_first(given):
    options = given(
        "--port", "1", "--set", "threshold=0.9", "--no-archives",
        BYLINE_PORT="2", BYLINE_SET="threshold=0.5", BYLINE_ARCHIVES="1",
    )  # fmt: skip
    assert (options.port, options.archives) == (1, False)
    assert dict(options.set) == {"threshold": "0.9"}


@pytest.mark.parametrize(("text", "made"), [("true", True), ("x", "x")])
def test_an_option_with_or_without_a_value(given, text, made):
    assert given(BYLINE_ARCHIVES=text).archives == made


def test_address_and_port_of_gradio_are_heeded_unless_there_are_ours(given):
    theirs = {"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": "7000"}
    options = given(**theirs)
    assert (options.host, options.port) == ("0.0.0.0", 7000)
    assert given(**theirs, BYLINE_PORT="7001").port == 7001


def test_serve_heeds_the_environment_and_other_commands_do_not(monkeypatch, capsys):
    monkeypatch.setenv("BYLINE_PORT", "7001")
    monkeypatch.setenv("BYLINE_INDEX", "elsewhere")
    assert parser().parse_args(["serve"]).index == "elsewhere"
    assert parser().parse_args(["info"]).index == "index/archive"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BYLINE_PORT", "many", "BYLINE_PORT=many cannot be taken: write a number."),
        ("BYLINE_PER_MINUTE", "-1", "BYLINE_PER_MINUTE=-1 cannot be taken: write a number"),
        ("BYLINE_MCP", "maybe", "BYLINE_MCP is 1 or 0, not 'maybe'."),
        ("BYLINE_SET", "threshold", "write NAME=VALUE, not 'threshold'"),
        ("BYLINE_SET", "a='b", "BYLINE_SET=a='b cannot be taken: No closing quotation."),
    ],
)
def test_a_value_that_a_variable_cannot_have(told, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    assert said in told(made=app_parser)


def test_a_variable_that_there_is_not_is_told(given, capsys):
    assert given(BYLINE_PROT="7001", BYLINE_API_KEY="sesame").port == 7860
    told = capsys.readouterr().err
    assert told == "app.py: there is no variable BYLINE_PROT. Did you mean BYLINE_PORT?\n"


def test_a_misspelt_command_ends_the_program_with_2(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["aks"])
    assert ended.value.code == 2
    assert "usage: byline" in capsys.readouterr().err
