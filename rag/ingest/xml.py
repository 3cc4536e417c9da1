"""Parse XML that anyone may have made: no entity is expanded, nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.ingest.encoding import marked

if TYPE_CHECKING:
    from lxml.etree import _Element


PROLOGUE = r"\s*(?:<\?[^>]*>\s*|<!--(?:(?!-->).)*-->\s*|<!DOCTYPE\b[^>\[]*(?:\[[^\]]*\]\s*)?>\s*)*"
"""A pattern for what may stand before the first tag of a document, where "." is any character."""
_SNIFFED = 20_000
"""Bytes in which the first tag is looked for."""


def head_of(data: bytes) -> str:
    """The start of a file, as far as its format shows in it."""
    return data[:_SNIFFED].decode(marked(data) or "latin-1", "ignore").lstrip("\ufeff")


def parse_xml(data: bytes, recover: bool = False) -> _Element:
    """The root of a document; with `recover`, of one with faults, too. Raises lxml's errors."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    return etree.fromstring(data, parser)
