"""Parse XML that anyone may have made: no entity is expanded, nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


def parse_xml(data: bytes, recover: bool = False) -> _Element:
    """The root of a document; with `recover`, of one with faults, too. Raises lxml's errors."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    return etree.fromstring(data, parser)
