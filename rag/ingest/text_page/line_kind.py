"""Classify one line of a page: boilerplate, end of an article, photo line, prose or label.

Owns the phrases that news sites share. Knows no site, and nothing of the lines around. A line is
boilerplate only as a whole, so that a sentence that mentions a newsletter is kept.
"""

from __future__ import annotations

import enum
import re

LONG = 120
"""Characters from which a line is a paragraph, whatever its last character."""
MAX_LABEL = 200
"""Characters; a longer line is no title, no label and no furniture."""
_PHOTO_LINE = 600
"""Characters; a longer line that starts like an archive photo's is an article in one line."""


class Kind(enum.Enum):
    FURNITURE = enum.auto()
    """Dropped wherever it stands."""
    SECTION = enum.auto()
    """A section's name: dropped in the head, a subhead in the body."""
    PHOTO = enum.auto()
    """An archive photo's line or a photo credit: dropped wherever it stands."""
    BOX = enum.auto()
    """Opens a list of other articles or the site's footer; an article's text can go on after it."""
    COMMENTS = enum.auto()
    """Opens the readers' comments: none of the article's text comes after it."""
    PROSE = enum.auto()
    """A paragraph or a sentence."""
    LABEL = enum.auto()
    """A short line: a title, subhead, caption, byline, source, or a script we have no rules for."""


def _any_of(*phrases: str) -> str:
    return "|".join(phrases)


_FURNITURE = _any_of(
    r"skip to [\w ]+|accessibility links|back to top",
    r"(?:(?:open|close|toggle|main) )?(?:menu|navigation)",
    r"search(?: for| this \w+)?|log ?in|sign ?in|sign up|register|my account",
    r"breaking news|latest news|live updates|top stories|home|home\s*[>/|»›].*",
    r"(?:story continues below )?advertis(?:e?ments?|ing)|ad|sponsored(?: content)?|promoted",
    r"(?:article|story|content) continues (?:below|after).*|scroll to continue.*",
    r"share|share (?:this|on|via|to)\b.*|tweet|copy link|embed",
    r"(?:e-?mail|print)(?: this.*)?|link copied.*|the code has been copied.*",
    r"facebook|twitter|x|whatsapp|telegram|linkedin",
    r"(?:read|also read|read also|see also|read more|more|related|watch|listen)\s*:\s.*|read more",
    r"(?:sign up|subscribe|register) (?:for|to|now|here|today)\b.*|subscribe",
    r"(?:get|join) (?:the|our) .*(?:newsletter|inbox|channel).*|(?:follow|join) us(?: on .*|:.*)?",
    r"listen to this (?:article|story).*|(?:reading time\W*)?\d+[ -]min(?:ute)?s?(?: read)?",
    r"(?:we|this (?:web)?site) uses? cookies.*|accept(?: all)?(?: cookies)?|click here .*|loading",
    r"(?:please )?(?:enable|turn on) javascript.*|your browser does not support.*",
    r"image|image caption|play(?: video)?|\d+(?::\d\d)+(?:\s*/\s*\d+(?::\d\d)+)?|save|gift|listen",
    r"(?:#\w+[\s,]*)+|see (?:all )?comments|this article is more than .* old|no media source.*",
)
_SECTION = _any_of(
    r"(?:(?:world|local|national|international|regional|business|top|all) )?news",
    r"world|national|nation|local|international|asia|africa|europe|americas?|middle east|politics",
    r"business|economy|finance|markets?|sports?|opinion|editorial|analysis|comment|features?|videos?",
    r"photos?|culture|arts?|entertainment|lifestyle|life|travel|health|science|tech(?:nology)?",
    r"environment|climate|education|society|crime|law|property|jobs|more|about|contact|podcasts?|live",
)
_PHOTO = re.compile(
    r"[\[(]?(?:FILE(?:\s+(?:PHOTO|IMAGE|PICTURE|PIC))?|[Ff]ile (?:photo|image|picture|pic))[\])]?"
    r"(?:\s*[-–—:|.]|\s+(?:photo|image|picture)\b|$)|[Ff]ile (?:photo|image|picture) (?:of|shows)\b"
)
_CREDIT = _any_of(
    r"(?:photo|image|picture|photograph|video|graphic|illustration)s?"
    r"(?: (?:credit|source|courtesy|by))*\s*[:©|].*",
    r"(?:photo|image|picture|photograph)s? (?:by|credit|courtesy of) .*|credit\s*:.*|© ?\D{1,80}",
    r"[\w ./-]{0,40}getty images",
)
_BOX = _any_of(
    r"(?:related|recommended|similar|trending|popular|recent|more|latest|other|top|featured)"
    r" (?:articles?|stories|story|posts?|topics?|reads?|reading|content|coverage|links)",
    r"you (?:may|might) (?:also )?(?:like|be interested).*|related|popular",
    r"more (?:from|in|on|about)(?: [\w’']+){1,3}",
    r"(?:read|up|what to read) next|recommended(?: for you)?|most (?:read|popular|viewed|shared)",
    r"trending(?: now)?|editor['’]?s['’]? picks?|in this section|don['’]?t miss",
    r"(?:tags?|topics?|filed under|labels|categories)(?:\s*:.*)?|hashtags?|(?:newer|older) posts?",
    r"(?:previous|next) (?:article|post|story)|about the author|posted by .{1,80}",
    r"(?:copyright|©|\(c\)|copyright ©|copyright \(c\)) ?\d{4}.*|.*all rights reserved",
    r"(?:about|contact) us|privacy policy|terms (?:of|and) (?:use|service|conditions)",
    r"advertise with us",
)
_COMMENTS = _any_of(
    r"(?:no|\d+) comments?(?: yet)?|(?:reader )?comments?(?: \(?\d+\)?)?",
    r"(?:post|add) (?:a|your) comment|leave a (?:comment|reply)|be the first to .*comment.*",
    r"join the (?:conversation|discussion)|(?:view|show) comments",
    r"your email address will not be published.*|subscribe to: .*",
)
# One pattern for all of them: a page can have a hundred thousand lines.
_PHRASE = re.compile(
    rf"(?:(?P<BOX>{_BOX})|(?P<COMMENTS>{_COMMENTS})|(?P<FURNITURE>{_FURNITURE})"
    rf"|(?P<SECTION>{_SECTION})|(?P<PHOTO>{_CREDIT}))\W*",
    re.IGNORECASE,
)
_PROSE_END = re.compile(r"[.!?…。！？։።।۔؟។៕][\"'”’»)\]」』]*$")
_INITIALS = re.compile(r"\b(?:[A-Z]\.)+$")
_CAPTION = re.compile(
    r"^(?:screen ?grab|screenshot|pictured|caption)\b|\b(?:photo|supplied|handout|getty images)\W*$"
    r"|\b(?:photo|image|picture|courtesy)s? (?:supplied|by|of|courtesy)\b.*$"
    r"|[/(](?:AFP|AP|Reuters)\W*$",
    re.IGNORECASE,
)


def is_caption(bare: str) -> bool:
    """Whether a line has the form of a picture's caption or credit."""
    return len(bare) <= 400 and _CAPTION.search(bare) is not None


def ends_sentence(bare: str) -> bool:
    """Whether a line ends as a sentence does, not with initials."""
    tail = bare[-12:]
    return _PROSE_END.search(tail) is not None and _INITIALS.search(tail) is None


def is_wordy(bare: str) -> bool:
    """Whether a label is long enough for a title; scripts without spaces count by characters."""
    wide = sum(ord(c) > 0x0E00 and c.isalpha() for c in bare)
    return len(bare.split()) >= 4 or len(bare) >= 28 or wide >= 6


def kind_of(bare: str) -> Kind:
    """Return the kind of a line, stripped."""
    if len(bare) <= _PHOTO_LINE and _PHOTO.match(bare):
        return Kind.PHOTO
    if len(bare) <= MAX_LABEL and (match := _PHRASE.fullmatch(bare)) and match.lastgroup:
        return Kind[match.lastgroup]
    prose = len(bare) >= LONG or (ends_sentence(bare) and (len(bare.split()) > 1 or is_wordy(bare)))
    return Kind.PROSE if prose else Kind.LABEL
