"""Whatever stands in the files that `byline eval` reads: it scores them, or tells what is wrong."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.__main__ import main
from rag.evaluation.statistics import resampling

BODIES = {
    "a1": "Police in Kratie held a lorry. It carried timber, they said.",
    "a2": "A ship in Kep carried salt. Its captain stayed in Kep.",
}
RECORDS = {
    "corpus.jsonl": [{"id": key, "title": key, "body": body} for key, body in BODIES.items()],
    "questions.jsonl": [
        {"id": "q1", "question": "What did it carry?", "kind": "what", "answers": ["timber"],
         "answerable": True, "group": "lorry", "note": "",
         "evidence": [{"document": "a1", "quote": "It carried timber"}]},
        {"id": "q2", "question": "What of the ship?",
         "evidence": [{"document": "a2", "start": 0, "end": 27}]},
        {"id": "q3", "question": "Who?", "answerable": False},
    ],
    "answers.jsonl": [
        {"id": "q1", "text": "Timber.", "confidence": 0.9, "milliseconds": 3, "declined": False,
         "quotes": [{"document": "a1", "text": "It carried timber"}]},
        {"id": "q2", "quotes": [{"document": "a2", "start": 0, "end": 27}]},
        {"id": "q3", "declined": True},
    ],
    "qrels.jsonl": [{"query_id": "q1", "doc_id": "a1", "relevance": 1}],
    "run.jsonl": [{"query_id": "q1", "doc_id": "a1", "score": 1.5}],
}  # fmt: skip
TEXTS = {
    **{
        name: "".join(f"{json.dumps(one)}\n" for one in records)
        for name, records in RECORDS.items()
    },
    "qrels.txt": "q1 0 a1 1\nq1 0 a2 0\nq2 0 a2 2\n",
    "qrels.tsv": "query-id\tcorpus-id\tscore\nq1\ta1\t1\nq2\ta2\t2\n",
    "run.txt": "q1 Q0 a1#0-9 1 2.5 x\nq1 Q0 a2#0-5 2 1.5 x\nq2 Q0 a2#3-9 1 0.5 x\n",
}
COMMANDS = [
    *(
        ["score", "--qrels", qrels, "--run", run, "--measures", "AP", *more]
        for qrels, run, more in (
            ("qrels.txt", "run.txt", ["--passages", "--questions", "questions.jsonl"]),
            ("qrels.tsv", "run.txt", []),
            ("qrels.jsonl", "run.jsonl", []),
        )
    ),
    [
        "answers",
        "--data",
        "questions.jsonl",
        "--articles",
        "corpus.jsonl",
        "--answers",
        "answers.jsonl",
        "--out",
        "OUT",
    ],
]
"""Words that are names of TEXTS stand for files."""
INTRUDERS = (
    b"\xff", b"\xef\xbb\xbf", b"\0", b"\r", b"\r\n", b"\t", b" ", b"\n\n", b"nan", b"inf", b"1e999",
    b"-1", b"9" * 5000, b'"', b"{", b"[" * 3000, b"null", b"true", b"\\ud800", b"\xe2\x80\xa8",
)  # fmt: skip
VALUES = (
    None, True, -1, 0, 1.5, 10**30, float("nan"), float("inf"), "", " ", "x", "1", "q1", "a2",
    "\ud800", [], {}, ["x"], [[]], [None], [{}], {"x": 1},
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def few_samples():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(resampling._OPTIONS, "n_resamples", 9)
        patch.setattr(resampling, "CLUSTER_RESAMPLES", 9)
        yield


def run(folder, command, texts):
    """Write the files, run the command over them, and return its exit code."""
    for name, data in texts.items():
        (folder / name).write_bytes(data)
    words = [str(folder / word) if word in texts else word for word in command]
    # A folder of its own for each saved run.
    out = folder / f"out{len(list(folder.glob('out*')))}"
    return main(["eval", *(str(out) if word == "OUT" else word for word in words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:5:2]))
def test_as_they_are_they_are_scored(folder, command):
    assert run(folder, command, {name: text.encode() for name, text in TEXTS.items()}) == 0


def leaves(value, place=()):
    """The places of all values in a JSON value."""
    yield place
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*place, key))


def put(value, place, new):
    """A JSON value with another at a place."""
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = put(copy[place[0]], place[1:], new)
    return copy


@st.composite
def broken(draw, name):
    """A file with one thing in it changed: a value, some bytes, or a line."""
    data = TEXTS[name].encode()
    how = draw(st.sampled_from(("value", "bytes", "line", "cut")))
    if how == "value" and name in RECORDS:
        records = RECORDS[name]
        place = draw(st.sampled_from([place for place in leaves(records) if place]))
        changed = put(records, place, draw(st.sampled_from(VALUES)))
        return "".join(f"{json.dumps(one)}\n" for one in changed).encode()
    at, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
    if how == "line":
        lines = data.splitlines(keepends=True)
        return b"".join([*lines, draw(st.sampled_from(lines))])
    return data[:at] + (b"" if how == "cut" else draw(st.sampled_from(INTRUDERS))) + data[end:]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:5:2]))
@given(data=st.data())
def test_broken_they_are_scored_or_refused(folder, command, data):
    changed = data.draw(st.sampled_from([word for word in command if word in TEXTS]))
    texts = {name: text.encode() for name, text in TEXTS.items()}
    texts[changed] = data.draw(broken(changed))
    assert run(folder, command, texts) in (0, 2)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds nothing"),
        (b"\xef\xbb\xbf", "holds nothing"),
        (b"\xff", "is not UTF-8 (at byte 0). Save it as UTF-8"),
        (b"q 0 a 1\n", "is no gzip file. Take .gz from its name"),
        (gzip.compress(b"q1 0 a1 1\n" * 99)[:-12], "is a damaged gzip file"),
    ],
    ids=["empty", "only a BOM", "not UTF-8", "not packed", "truncated"],
)
def test_files_that_cannot_be_read(tmp_path, capsys, data, message):
    packed = "gzip" in message
    path = tmp_path / ("qrels.txt.gz" if packed else "qrels.txt")
    path.write_bytes(data)
    (tmp_path / "run.txt").write_text(TEXTS["run.txt"])
    assert main(["eval", "score", "--qrels", str(path), "--run", str(tmp_path / "run.txt")]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"byline: {path}")
    assert message in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "--qrels", "{}", "--run", "{}"],
        ["retrieval", "--data", "{}", "--out", "{}/out"],
        ["retrieval", "--data", "{}/none", "--out", "{}/out"],
        ["answers", "--data", "{}", "--out", "{}/out"],
        ["summary", "{}"],
        ["compare", "{}", "{}"],
        ["compare", "{}", "{}", "{}"],
        ["report", "{}"],
        ["report", "{}/none"],
        ["label", "--index", "{}", "--out", "{}/out"],
        ["label", "--index", "{}", "--out", "{}/out", "--finish"],
    ],
    ids=" ".join,
)
def test_a_folder_where_a_file_or_a_run_should_be(tmp_path, capsys, arguments):
    assert main(["eval", *(word.format(tmp_path) for word in arguments)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("byline: ")
