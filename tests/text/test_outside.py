"""What comes from outside: JSON, whole numbers and texts, and one kind of error for all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag.text.outside import NestedTooDeep, json_value, unicode_text, whole_number


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_json_that_is_nested_too_deep_is_a_value_error(text: str) -> None:
    with pytest.raises(NestedTooDeep):
        json_value(text)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_json_is_read_or_a_value_error(data: bytes | str) -> None:
    try:
        json_value(data)
    except ValueError:
        return
    json_value(json.dumps(json_value(data)))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("0" * 5000 + "7", 7),
        ("1" * 5000, None),
        ("²", None),
        ("٣", None),
        ("-1", None),
        ("", None),
    ],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_halves_of_characters_are_no_text() -> None:
    assert unicode_text("é😀") == "é😀"
    with pytest.raises(ValueError):
        unicode_text("\ud83d")


def test_json_is_read_in_one_place() -> None:
    """Of the others, two read what is Byline's own, and one says of each record what is wrong. The
    measures read what their owner made."""
    root = Path(rag.__file__).parent
    files = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"\bjson\.loads?\(", path.read_text("utf-8"))
    }
    others = {name for name in files if not name.startswith("evaluation/")}
    own = {"wording/__init__.py", "ingest/html/selection.py", "ingest/tables/json_file.py"}
    assert others == own | {"text/outside.py"}
