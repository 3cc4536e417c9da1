"""Renders the archives of a library: a card for each, the form for a new one, and the report of
what was read."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from rag.chat.html.markup import data, note_html
from rag.chat.library import Entry, Job
from rag.export.escaping import escape, escape_value
from rag.ingest import Report
from rag.types import Changes, Note
from rag.wording import ENGLISH, Wording

_REPORTED = 200
"""Files that are named of those that could not be read; the command line has them all."""


class Doing(NamedTuple):
    """What a visitor is about to do: "rename", "delete" or "add" files, to one archive; "" for
    nothing. `remark`: what is to be said of what they did."""

    what: str = ""
    archive: str = ""
    remark: Note | str = ""


def archive_link(archive_id: str, say: Wording) -> str:
    """The address of the page of an archive."""
    return f"?archive={archive_id}&lang={say.language}"


def archives_html(
    entries: Sequence[Entry], doing: Doing, size: str = "", say: Wording = ENGLISH
) -> str:
    """Render a card for each archive. `size`: of the files that are deleted with the one that is
    about to be, "" for none."""
    remark = f'<div role="alert">{note_html(say.note(doing.remark))}</div>' if doing.remark else ""
    cards = "".join(_card_html(entry, doing, size, say) for entry in entries)
    why = "" if entries else f'<p class="introduction">{escape(say("archives_why"))}</p>'
    shelf = f'<ul class="shelf">{cards}</ul>' if entries else ""
    return f"<h2>{escape(say('archives'))}</h2>{why}{remark}{shelf}"


def form_html(
    doing: Doing,
    name: str,
    by_path: bool,
    opened: bool,
    kinds: Sequence[str] = (),
    say: Wording = ENGLISH,
) -> str:
    """Render the form for a new archive, or for files that are added to the one called `name`.

    `opened`: whether it stands open, as where there is no archive yet. `kinds`: the endings of the
    files that are offered to be chosen; in folders, all are.
    """
    adding = doing.what == "add"
    named = (
        f'<label class="field">{escape(say("archive_name"))} '
        '<input type="text" name="name" id="archive-name" maxlength="100" autocomplete="off" '
        'dir="auto"></label>'
    )
    submit = say("files_add" if adding else "archive_make")
    stop = f'<button type="button" class="plain" data-do="">{escape(say("cancel"))}</button>'
    form = (
        f'<form class="making"{data(archive=doing.archive if adding else "")}>'
        f"{'' if adding else named}{_files_html(adding, kinds, say)}"
        f"{_path_html(say) if by_path and not adding else ''}"
        f'<p class="tools"><button type="submit" class="primary">{escape(submit)}</button>'
        f"{stop * adding}</p></form>{note_html(say('archives_kept'))}"
    )
    title = f"<h2>{escape(say('files_add_to', name=name) if adding else say('archive_new'))}</h2>"
    if adding or opened:
        return f'<section id="new-archive" class="new">{title}{form}</section>'
    return f'<details id="new-archive" class="new"><summary>{title}</summary>{form}</details>'


def _files_html(focus: bool, kinds: Sequence[str], say: Wording) -> str:
    """Where files are dropped or chosen; the script says which were."""
    first = f' accept="{",".join(kinds)}"{" data-focus" * focus}'
    inputs = "".join(
        f'<label class="choose">{escape(text)}<input type="file" class="unseen" '
        f'id="choose-{name}" name="{name}" multiple{more}></label>'
        for name, text, more in (
            ("files", say("files_choose"), first),
            ("folder", say("folder_choose"), " webkitdirectory"),
        )
    )
    chosen = data(chosen=say("files_chosen", n="{n}", size="{size}"))
    return (
        f'<div class="drop"><p>{escape(say("files_drop"))}</p><p class="choices">{inputs}</p>'
        f'<output class="chosen"{chosen}></output></div>'
    )


def _path_html(say: Wording) -> str:
    return (
        f'<details class="by-path"><summary>{escape(say("path_or"))}</summary>'
        f'<label class="field">{escape(say("path"))} <input type="text" name="path" dir="ltr" '
        f'autocomplete="off" spellcheck="false"></label>{note_html(say("path_why"))}</details>'
    )


def _card_html(entry: Entry, doing: Doing, size: str, say: Wording) -> str:
    name = f'<bdi id="name-{entry.id}">{escape(say.note(entry.name))}</bdi>'
    if entry.can_be_asked:
        name = f'<a href="{escape(archive_link(entry.id, say))}">{name}</a>'
    here = doing.what if doing.archive == entry.id else ""
    if here == "rename":
        body = _rename_html(entry, say)
    elif here == "delete":
        body = _delete_html(entry, size, say)
    else:
        body = _state_html(entry, say)
    return (
        f'<li class="archive" id="archive-{entry.id}"><div role="group" '
        f'aria-labelledby="name-{entry.id}"><h3>{name}</h3>'
        f'<p class="facts">{_facts_html(entry, say)}</p>{body}</div></li>'
    )


def _facts_html(entry: Entry, say: Wording) -> str:
    facts = [] if entry.articles is None else [say("articles", n=entry.articles)]
    if entry.updated:
        day = datetime.datetime.fromisoformat(entry.updated).astimezone().date()
        facts.append(say("archive_updated", day=say.day(day)))
    shown = [escape(fact) for fact in facts]
    shown += [f'<bdi class="path">{escape(path)}</bdi>' for path in entry.paths]
    return " · ".join(shown)


def _state_html(entry: Entry, say: Wording) -> str:
    """What is going on, what came of it, and what can be done next."""
    job = entry.job
    if entry.incoming is not None:
        done, total = entry.incoming.files, entry.incoming.expected.files
        text = say("copying", i=done, n=total)
        return _progress_html(entry, text, done / max(total, 1), say)
    if job and job.running:
        leave = note_html(say("job_leave"))
        return _progress_html(entry, job_text(job, say), job.share, say, leave)
    told = note_html(say.note(entry.problem)) if entry.problem else ""
    if job and job.failure:
        told += f'<div role="alert">{note_html(say.note(job.failure))}</div>'
    if job and job.state == "done":
        told += _found_html(entry, job, say)
        if job.kind == "look" and job.changes and _changed(job.changes):
            yes = _do("make", entry, say("update_now"), say, "primary")
            no = _do("forget", entry, say("update_not"), say)
            return f'{told}<p class="tools">{yes} {no}</p>'
    if job and job.state == "cancelled" and entry.can_be_asked:
        told += f'<p class="note" role="status">{escape(say("job_ended"))}</p>'
    if entry.report:
        told += report_html(entry.report, entry.id, say)
    if not entry.can_be_asked and not entry.problem and not (job and job.failure):
        told += f'<div role="status">{note_html(say("archive_unfinished"))}</div>'
    return told + _tools_html(entry, say)


def _found_html(entry: Entry, job: Job, say: Wording) -> str:
    """What a job found, in one line."""
    if job.kind == "make":
        text = say("job_done", n=entry.articles or 0)
        if entry.report and entry.report.repeated:
            text += " " + say("job_copies", n=entry.report.repeated)
    elif job.changes and _changed(job.changes):
        counts = (
            ("changes_new", len(job.changes.came)),
            ("changes_changed", len(job.changes.changed)),
            ("changes_gone", len(job.changes.went)),
        )
        text = " · ".join(say(key, n=n) for key, n in counts if n)
    else:
        text = say("changes_none")
    return f'<p class="told" role="status">{escape(text)}</p>'


def _changed(changes: Changes) -> bool:
    return bool(changes.came or changes.changed or changes.went)


def _tools_html(entry: Entry, say: Wording) -> str:
    tools = []
    if entry.can_be_asked:
        address = escape(archive_link(entry.id, say))
        tools.append(f'<a class="primary" href="{address}">{escape(say("archive_ask"))}</a>')
    elif entry.own:
        again = say("make_again" if entry.problem else "go_on")
        tools.append(_do("make", entry, again, say, "primary"))
    if entry.own:
        tools += [_do("look", entry, say("update"), say)] * bool(entry.paths and entry.can_be_asked)
        tools += [
            _do("add", entry, say("files_add"), say),
            _do("rename", entry, say("rename"), say),
            _do("delete", entry, say("delete"), say),
        ]
    return f'<p class="tools">{" ".join(tools)}</p>'


def job_text(job: Job, say: Wording) -> str:
    """How far a job is, in words."""
    if job.state == "waiting":
        return say("job_waiting")
    if not job.stage:
        return say("job_starting")
    if job.kind == "look":
        return say("job_looking", i=job.done, n=job.total)
    if job.stage == "reading files":
        return say("job_reading", i=job.done, n=job.total, articles=job.articles)
    text = say("job_preparing", n=job.articles, percent=int(100 * job.share))
    seconds = job.seconds_left
    if seconds is None:
        return text
    left = say("minutes_left", n=round(seconds / 60)) if seconds >= 60 else say("moment_left")
    return f"{text} · {left}"


def _progress_html(entry: Entry, text: str, share: float, say: Wording, more: str = "") -> str:
    return (
        f'<div class="waiting"><p>{escape(text)}</p><progress max="100" value="{int(100 * share)}" '
        f'aria-label="{escape(entry.name)}"></progress>{more}</div>'
        f'<p class="tools">{_do("cancel", entry, say("cancel"), say)}</p>'
    )


def _rename_html(entry: Entry, say: Wording) -> str:
    return (
        f'<form class="renaming"{data(archive=entry.id)}><label class="field">'
        f'{escape(say("archive_name"))} <input type="text" name="name" id="rename-{entry.id}" '
        f'value="{escape_value(entry.name)}" maxlength="100" required dir="auto" '
        "data-focus></label>"
        f'<p class="tools"><button type="submit" class="primary">{escape(say("save"))}</button> '
        f"{_do('', entry, say('cancel'), say)}</p></form>"
    )


def _delete_html(entry: Entry, size: str, say: Wording) -> str:
    n = entry.articles or 0
    what = say("delete_what", n=n, size=size) if size else say("delete_index", n=n)
    kept = say("delete_paths", paths=", ".join(entry.paths)) if entry.paths else ""
    return (
        f'<div class="deleting"><p><strong>{escape(say("delete_asked", name=entry.name))}</strong> '
        f'{escape(what)} {escape(kept)}</p><p class="tools">'
        f"{_do('deleted', entry, say('delete'), say, 'primary')} "
        f"{_do('', entry, say('keep'), say, focus=True)}</p></div>"
    )


def report_html(report: Report, archive_id: str, say: Wording = ENGLISH) -> str:
    """Render what could not be read, file by file, in a closed <details>; "" for nothing."""
    failed = report.failed
    if not failed:
        return ""
    items = "".join(
        f'<li><b dir="auto">{escape(one.file)}</b>: '
        f'<span dir="auto">{escape("; ".join(map(say.note, one.failures)))}</span></li>'
        for one in failed[:_REPORTED]
    )
    more = note_html(say("listed_more", n=len(failed) - _REPORTED)) * (len(failed) > _REPORTED)
    return (
        f'<details class="report" id="report-{archive_id}"><summary>'
        f"{escape(say('files_unread', n=len(failed)))}</summary>"
        f'<ul class="left">{items}</ul>{more}</details>'
    )


def _do(
    what: str, entry: Entry, text: str, say: Wording, kind: str = "plain", focus: bool = False
) -> str:
    """A button that does something to an archive."""
    return (
        f'<button type="button" class="{kind}" id="{what or "not"}-{entry.id}"'
        f"{data(do=what, archive=entry.id)}{' data-focus' * focus}>{escape(text)}</button>"
    )
