"""Renders the switch that lets a language model write the answer, and the models to choose from."""

from __future__ import annotations

from collections.abc import Mapping

from rag.chat.html.markup import note_html
from rag.chat.writers import GIVEN
from rag.export.escaping import escape, escape_value
from rag.models.chat.discover import Found
from rag.models.chat.measured import measured
from rag.wording import ENGLISH, Wording


def writer_html(
    chosen: str, found: Mapping[str, Found], remark: str = "", say: Wording = ENGLISH
) -> str:
    """Render the switch, on where a model is `chosen`, with the models that were `found`.

    `remark`: what came of the last change, "" for nothing.
    """
    on = " checked" * bool(chosen)
    switch = (
        f'<label><input type="checkbox" role="switch" id="write" name="write"{on}> '
        f"{escape(say('write'))}</label>"
    )
    told = note_html(say("write_why")) if chosen else ""
    models = _models(chosen, found, say) if found and chosen not in ("", GIVEN) else ""
    status = f'<div role="status">{note_html(remark) if remark else ""}</div>'
    return f'<form class="writer">{switch}{told}{models}{status}</form>'


def _models(chosen: str, found: Mapping[str, Found], say: Wording) -> str:
    items = "".join(
        f'<li><label><input type="radio" name="model" id="model-{number}"'
        f' value="{escape_value(key)}"{" checked" * (key == chosen)}>'
        f' <bdi lang="en">{escape(one.name)}</bdi>'
        f' <span class="origin">{escape(one.program or say("write_file"))}</span></label>'
        f'<span class="measured">{escape(_measured(one, say))}</span></li>'
        for number, (key, one) in enumerate(found.items())
    )
    return f"<fieldset><legend>{escape(say('write_found'))}</legend><ul>{items}</ul></fieldset>"


def _measured(one: Found, say: Wording) -> str:
    """What is measured of a model, and whether it is experimental for that."""
    of_it = measured(one.name)
    if of_it is None:
        return say("write_unmeasured")
    told = say("write_measured", right=of_it.right, n=of_it.sentences)
    return told if of_it.holds else f"{say('write_experimental')} {told}"
