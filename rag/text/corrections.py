"""Find the notice by which an article says that it was corrected, clarified or retracted. Pure.

Such notices stand at either end of a text and have set forms. An editor's note is one only where it
says what it puts right: most introduce an author. Of MultiHop-RAG's 609 articles 6 have a notice,
and the rule finds these and no other; of 342 articles of CNN, 5 with an editor's note, none has.
"""

from __future__ import annotations

import re

from rag.text.sentences import sentence_spans

_FIRST, _LAST = 2, 6
"""Sentences at the beginning and at the end of a text that may open a notice."""
_LONGEST = 600
"""Characters of a notice."""
_PIECE = (
    r"(?:article|story|piece|post|report|page|column|review|item|version|headline|caption|graphic|"
    r"video|podcast|transcript|dispatch|interview)"
)
_PUT_RIGHT = r"(?:correct(?:ed|s)?|clarif(?:y|ied|ies)|amend(?:ed|s)?|retract(?:ed|s)?|withdrawn)"
_ERRED = r"(?:misstated|misspelled|misidentified|incorrectly|wrongly|mistakenly|said|stated|gave)"
# "Correction:", "CORRECTION (12 May):", "Correction, 12/5/23, 2:55 PM ET:", "Editor's correction —"
_HEADED = re.compile(
    r"\W{0,3}(?:editor(?:ial|[’']?s|s[’'])? )?"
    r"(?:(?:corrections?|clarifications?|retraction|corrigendum|errat(?:um|a))"
    r"(?: (?:notice|note|appended))?"
    r"|rectificatif|mise au point|korrekturhinweis|korrektur|corrección|fe de err(?:at|or)[ae]s"
    r"|errata corrige|rettifica|تصحیح|ការកែតម្រូវ)"
    r"(?:\s*\([^)\n]{1,40}\)|,? [^:\n]{0,12}\d[^\n—]{0,30}?)?\s*(?:[:៖—–]|-\s|$)"
    r"|\(corrects ",
    re.IGNORECASE | re.MULTILINE,
)
_SAID = re.compile(
    rf"\bthis (?:\S+ \d+ )?{_PIECE}[^.\n]{{0,60}}\b(?:been|was) (?:[^.\n]{{0,40}} )?{_PUT_RIGHT}\b"
    rf"|\bthis {_PIECE} {_PUT_RIGHT}\b"
    rf"|\b(?:earlier|previous|original|prior) (?:version|edition) of this {_PIECE}\b"
    rf"|\b(?:earlier|previous|original|prior) version of the {_PIECE}\b[^.\n]{{0,40}}\b{_ERRED}\b"
    rf"|\b(?:we|the editors) (?:have )?{_PUT_RIGHT} (?:this|the) {_PIECE}\b"
    r"|\bcet article a été [^.\n]{0,40}\b(?:corrigé|rectifié|modifié|amendé|retiré)"
    r"|\bune (?:version précédente|première version|version antérieure) de cet article"
    r"|\bin einer (?:früheren|ersten) (?:version|fassung) dieses (?:artikels|textes|beitrags)"
    r"|\b(?:una|la) versión anterior de este artículo",
    re.IGNORECASE,
)


def correction(text: str) -> str:
    """Return where a text says that it was corrected, clarified or retracted, verbatim: from the
    sentence that says so to the end of its paragraph. "" where it says nothing of the kind."""
    spans = sentence_spans(text)
    numbers = range(len(spans))
    for number in dict.fromkeys([*numbers[:_FIRST], *numbers[-_LAST:]]):
        start, end = spans[number]
        if _HEADED.match(text, start) or _SAID.search(text, start, end):
            stop = text.find("\n", end - 1)
            return text[start : len(text) if stop < 0 else stop].rstrip()[:_LONGEST]
    return ""
