"""The README and docs/: the names, links, commands and examples in them are those there are."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import shlex
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from test_structure import LAYERS

from eval.arguments import parser as eval_parser
from rag.arguments import app_parser, parser
from rag.evaluation.arguments import parser as evaluation_parser
from rag.settings import AskSettings, BuildSettings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
WALK = ROOT / "docs" / "how-it-works.md"
PAGES = [
    README,
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / folder / "README.md" for folder in ("eval", "index", "rag/models/reader")),
]

# The way of a question, and that of an article, in the order in which the code takes it.
QUESTION = (
    "app.py", "rag/web/serve.py", "rag/web/layout.py", "rag/web/answering.py",
    "rag/chat/service.py", "rag/archive/__init__.py", "rag/pipeline.py", "rag/question/rewrite.py",
    "rag/question/parse.py", "rag/retrieval/filters.py", "rag/retrieval/hybrid.py",
    "rag/retrieval/rerank.py", "rag/answer/extract.py", "rag/models/reader/joint_reader.py",
    "rag/answer/calibration.py", "rag/answer/compose.py", "rag/citation.py",
    "rag/generation/write.py", "rag/chat/view.py", "rag/chat/html/answer.py",
)  # fmt: skip
ARTICLE = (
    "rag/ingest/__init__.py", "rag/ingest/formats.py", "rag/index/build.py", "rag/index/chunk.py",
    "rag/index/store.py", "rag/index/snapshot.py",
)  # fmt: skip

_PATH = re.compile(r"`((?:\.ci|rag|eval|tests|docs|index)/[\w./-]*|app\.py)`")
_COMMAND = re.compile(r"byline |python app\.py")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_SETTING = re.compile(r"--set (\w+)=")


def _read(page: Path) -> str:
    return page.read_text("utf-8")


def _id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _front_matter() -> str:
    return _read(README).split("---\n")[1]


def _code(page: Path, language: str = "") -> list[str]:
    """The code blocks of a page in a language, "" for what a terminal takes."""
    return [
        t.content
        for t in MarkdownIt().parse(_read(page))
        if t.type == "fence" and t.info == language
    ]


def _commands(page: Path) -> list[list[str]]:
    """The words of each command line of a page, without what is said of it to the right."""
    lines = [line.strip() for block in _code(page) for line in block.splitlines()]
    return [shlex.split(re.split(r"\s{2,}", line)[0]) for line in lines if _COMMAND.match(line)]


def _subparsers(made: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in made._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


BYLINE = _subparsers(parser())
MEASURES = _subparsers(eval_parser())
SHARED = _subparsers(evaluation_parser("byline eval"))
EVERY = [
    parser(),
    app_parser(),
    eval_parser(),
    *BYLINE.values(),
    *MEASURES.values(),
    *SHARED.values(),
]
OPTIONS = {option for made in EVERY for action in made._actions for option in action.option_strings}
OTHERS = {
    "--build-arg", "--check", "--ignore", "--address", "--dashboard-host", "--disable-usage-stats",
    "--head", "--include-dashboard", "--num-cpus", "--extra-config", "--proxy-port",
}  # fmt: skip
"""Options of docker, ruff, pytest, ray and Milvus."""


SETTINGS = (*dataclasses.fields(AskSettings), *dataclasses.fields(BuildSettings))
DEFAULTS = {field.name: field.default for field in SETTINGS}


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    tokens = MarkdownIt().parse(_read(page))
    texts = [tokens[i + 1].content for i, t in enumerate(tokens) if t.type == "heading_open"]
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_relative_links_lead_somewhere(page):
    targets = re.findall(r"\]\(\s*([^)\s]+)\s*\)", _read(page))
    for target in targets:
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert found.is_relative_to(ROOT), target
        assert not anchor or anchor in _anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_files_that_are_named_exist(page):
    made = {"index/archive", "index/archive/", "eval/indexes/", "index/archive/feedback.jsonl"}
    for name in set(_PATH.findall(_read(page))) - made:
        assert (ROOT / name).exists(), name


def test_every_page_of_docs_is_reached_from_the_readme_and_the_index():
    guide = _read(ROOT / "docs/guide.md")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{page.name})" in _read(README) or f"]({page.name})" in guide
        assert page.name == "README.md" or f"]({page.name})" in _read(page.parent / "README.md")


@pytest.mark.parametrize("way", [QUESTION, ARTICLE], ids=["question", "article"])
def test_the_walk_names_files_in_the_order_of_the_pipeline(way):
    text = _read(WALK)
    first = [text.find(f"[`{name}`]") for name in way]
    assert -1 not in first
    assert first == sorted(first)


def test_the_walk_gives_settings_their_defaults():
    given = dict(re.findall(r"`(\w+)`\s+\(([\d.]+)\)", _read(WALK)))
    assert given == {name: str(DEFAULTS[name]) for name in given}
    assert {"dense_weight", "read_passages", "threshold", "max_sentences", "support"} <= set(given)


def test_the_walk_names_functions_classes_and_settings_that_exist():
    code = "\n".join(_read(path) for path in (ROOT / "rag").rglob("*.py"))
    walk = _read(WALK).partition("## The layers")[0]
    for name in set(re.findall(r"`([A-Za-z_.]+)`", walk)) - {"metadata.csv"}:
        owner, _, last = name.rpartition(".")
        if owner[:1].isupper():  # A method, of that class.
            body = re.search(rf"(?ms)^class {owner}\b.*?(?=^\S|\Z)", code)
            assert body, name
            assert f" def {last}(" in body[0], name
        named = re.search(rf"\b(?:def|class) {last}\b", code) or last in DEFAULTS
        assert named or (ROOT / name).exists(), name


def test_the_walk_draws_the_layers_that_the_imports_keep():
    rows = re.findall(r"^\| \d+ \| (.+?) \|", _read(WALK), re.MULTILINE)
    drawn = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    assert drawn == [*reversed(LAYERS)]


def test_the_readme_is_short():
    """Under 900 words in all, front matter and code included."""
    assert len(_read(README).split()) < 900


def test_readme_front_matter_fits_the_space():
    front = dict(re.findall(r"^(\w+): *(.*)$", _front_matter(), re.M))
    assert list(front) == [
        "title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version",
        "app_file", "models", "short_description", "license",
    ]  # fmt: skip
    assert front["sdk"] == "gradio"
    assert front["app_file"] == "app.py"
    assert (ROOT / front["app_file"]).is_file()
    assert front["license"] == "apache-2.0"
    assert len(front["short_description"]) <= 60


def test_the_test_command_is_the_one_that_ci_runs():
    command = "pip install -e '.[test]' && python -m pytest -n 2"
    section = _read(README).partition("## Test\n")[2].partition("\n## ")[0]
    assert f"```\n{command}\n```" in section
    assert f"\n{command}\n" in _read(ROOT / ".ci/run")


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_commands_and_options_exist(page):
    for words in _commands(page):
        if words[0] == "byline":
            assert words[1] in BYLINE, words
        made = BYLINE[words[1]] if words[0] == "byline" else app_parser()
        made = SHARED[words[2]] if words[1:2] == ["eval"] and words[2] != "MEASURE" else made
        used = {word.strip("[]") for word in words if re.match(r"\[?-", word)}
        assert used <= set(made._option_string_actions), words
    text = _read(page)
    assert set(re.findall(r"`byline (\w+)", text)) - {"COMMAND"} <= set(BYLINE)
    assert set(re.findall(r"byline eval ([a-z-]+)", text)) <= set(SHARED)
    assert set(re.findall(r"`python -m eval ([\w-]+)", text)) <= set(MEASURES)
    assert set(_OPTION.findall(text)) - OTHERS <= OPTIONS
    assert set(_SETTING.findall(text)) <= {*DEFAULTS, "NAME"}


def test_the_guide_names_every_command():
    named = {words[1] for words in _commands(ROOT / "docs/guide.md")}
    assert named == set(BYLINE)


def test_settings_in_the_guide_have_the_defaults_there_are():
    rows = re.findall(
        r"^\| `(\w+)`(?: \(build\))? \| (.*?) \|", _read(ROOT / "docs/guide.md"), re.M
    )
    assert len(rows) == 9
    given = {name: value.strip("`").replace("none", "") for name, value in rows}
    assert given == {name: str(DEFAULTS[name]) for name in given}


def _example(page: str, imports: str) -> str:
    """The Python example of a page that begins so."""
    (found,) = (code for code in _code(ROOT / page, "python") if code.startswith(imports))
    return found


@pytest.mark.models
def test_the_python_example_runs(tmp_path, monkeypatch):
    example = _example("docs/guide.md", "from rag import")
    (tmp_path / "index").mkdir()
    (tmp_path / "index/articles").symlink_to(ROOT / "index/articles")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(example, "docs/guide.md", "exec"), names)
    answer = names["answer"]
    assert answer.status == "answered"
    assert answer.citations[0].quote in answer.text


def test_the_example_for_programs_runs(archive):
    from rag.chat.service import Service
    from rag.chat.sessions import Sessions
    from rag.web.layout import layout

    service = Service(lambda progress: archive, propose=False)
    page = layout(Sessions(service))
    address = page.launch(quiet=True, prevent_thread_lock=True, share=False)[1]
    example = _example("docs/api.md", "from gradio_client").replace(
        "http://127.0.0.1:7860", address
    )
    assert address in example
    names: dict[str, object] = {}
    try:
        exec(compile(example, "docs/api.md", "exec"), names)
    finally:
        page.close(verbose=False)
        service.close()
    assert names["answer"]["status"] == "answered"
    assert names["citation"]["quote"] in names["article"]["text"]


def test_the_container_starts_what_there_is_and_is_published_here_alone():
    dockerfile, ignored = _read(ROOT / "Dockerfile"), _read(ROOT / ".dockerignore")
    copied = [
        name for line in re.findall(r"^COPY (.+)$", dockerfile, re.M) for name in line.split()[:-1]
    ]
    kept = re.findall(r"^!(.+)$", ignored, re.M)
    assert sorted(copied) == sorted(kept)
    assert all((ROOT / name).exists() for name in copied)
    command = json.loads(re.findall(r"^CMD (.+)$", dockerfile, re.M)[0])
    assert command[:2] == ["python", "app.py"]
    options = app_parser().parse_args(command[2:])
    assert (options.host, options.port) == ("0.0.0.0", 7860)
    for text in (dockerfile, _read(ROOT / "docs/api.md")):
        assert re.findall(r" run -p (\S+)", text) == ["127.0.0.1:7860:7860"]


def test_the_changelog_has_the_version_of_the_package():
    version = re.findall(r'^version = "(.+)"', _read(ROOT / "pyproject.toml"), re.M)[0]
    headings = re.findall(r"^## \[(.+?)\]", _read(ROOT / "CHANGELOG.md"), re.M)
    assert headings[0] == "Unreleased"
    assert version in headings
