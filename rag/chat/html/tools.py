"""Renders the tools of an answer, in one quiet row, and those of the whole conversation."""

from __future__ import annotations

from rag.chat.html.markup import data, note_html
from rag.export.escaping import escape, escape_value
from rag.wording import ENGLISH, Wording


def tools_html(
    turn: int,
    copied: str,
    link: str,
    rated: bool | None,
    say: Wording = ENGLISH,
    absent: bool = False,
) -> str:
    """Render the tools of an answer: what is `copied` of it and its `link` ("" for none), its
    evidence pack, which is a certificate where the archive has no answer (`absent`), and the rating
    form, unless it is `rated` already; None where ratings are not collected."""
    pack = ("certificate_short", "certificate") if absent else ("evidence_short", "evidence")
    judged = "" if rated is None else note_html(say("rated")) if rated else _rating_html(turn, say)
    tools = [
        _tool("copy", "copy_answer", data(copy=copied, copied=say("copied")), say) * bool(copied),
        _link_html(link, say) * bool(link),
        _tool(*pack, data(save="evidence", turn=turn), say),
        judged,
    ]
    return f'<div class="tools">{" ".join(filter(None, tools))}</div>'


def _tool(face: str, name: str, what: str, say: Wording) -> str:
    """A button with a short face, whose name says all of it."""
    named = escape_value(say(name))
    return (
        f'<button type="button" class="plain" aria-label="{named}" title="{named}"{what}>'
        f"{escape(say(face))}</button>"
    )


def _link_html(link: str, say: Wording) -> str:
    named = escape_value(say("link"))
    return (
        f'<a href="{escape_value(link)}" aria-label="{named}" title="{named}"'
        f"{data(link=link, copied=say('copied'))}>{escape(say('link_short'))}</a>"
    )


def _rating_html(turn: int, say: Wording) -> str:
    """The rating form, in a closed <details>."""
    choices = "".join(
        f'<label><input type="radio" name="verdict" value="{value}" required> '
        f"{escape(say(f'rate_{value}'))}</label>"
        for value in ("up", "down")
    )
    return (
        f'<details class="rate" id="rate-{turn}"><summary>{escape(say("rate"))}</summary>'
        f'<form class="rating"{data(turn=turn)}><fieldset><legend>{escape(say("rate_asked"))}'
        f"</legend>{choices}</fieldset><label>{escape(say('rate_note'))} "
        f'<textarea name="note" rows="2" maxlength="1000"></textarea></label>'
        f'<button type="submit" class="plain">{escape(say("send"))}</button></form></details>'
    )


def conversation_tools_html(say: Wording = ENGLISH) -> str:
    """Render the tools of the whole conversation, in one quiet row: save and clear."""
    saves = (
        ("save_short", "save_markdown", "markdown"),
        ("evidence_short", "save_evidence", "all"),
    )
    buttons = [_tool(face, name, data(save=what), say) for face, name, what in saves]
    buttons.append(_tool("clear", "clear", " data-restart", say))
    return f'<div class="conversation-tools">{" ".join(buttons)}</div>'
