"""Tell an article from what stands in its way: consent, subscription, an error.

Owns the phrases, in the languages that sites have them in. Knows nothing of markup. A line counts
only where it speaks to the reader, so that an article on cookies or on subscriptions is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.text_page.line_kind import Kind, kind_of
from rag.types import Note
from rag.wording import note

_LONGEST = 600
"""Characters; a longer line is an article's."""
_SHORT = 1_200
"""Characters; a page with more text than this is no error page, whatever its title."""
_LEAST = 60
"""Characters of a text without a sentence, as a list's or a poem's."""
_NEAR = 6
"""Lines below the end of the text in which a notice ends it."""
_LABEL = 60
"""Characters; a longer line is a notice only with an offer."""
_OFFERS = 800
"""Characters that may stand below a notice; with more, the article goes on."""
_OPENING = 3_000
"""Characters; a text with more, and no notice in it, is an article that ends."""
_CONSENT = re.compile(
    r"\b(cookie|consent|privacy|partner|advertising|personal data|geolocation|store and access"
    r"|einwilligung|datenschutz|werbung|personenbezogen|confidentialité|consentement|publicité"
    r"|données personnelles|privacidad|consentimiento|publicidad|datos personales)",
    re.IGNORECASE,
)
_US_AND_YOU = re.compile(
    r"\b(?:we|our|us|this (?:web)?site|wir|unsere\w*|nous|nos|notre|nosotros|nuestr\w+)\b.*"
    r"|\b(?:you|your|ihre?\w*|sie|vous|votre|vos|usted|sus?)\b.*",
    re.IGNORECASE,
)
# What a notice of subscription says, whatever else it says.
_CONTINUE = re.compile(
    r"\b(?:to (?:continue|keep) reading|(?:continue|keep) reading (?:this|the|with|by|for)"
    r"|(?:to|and) (?:read|unlock|access) (?:the (?:rest|full|whole|entire)|this|more|all|our)"
    r".{0,60}(?:subscri|sign (?:in|up)|log ?in|register)"
    r"|(?:subscribe|sign (?:in|up)|log ?in|register)(?: now| today| for free)?"
    r" to (?:continue|read|unlock)"
    r"|(?:this|the) (?:article|story|content|page) is (?:only |exclusively )?(?:available )?"
    r"(?:for|to|reserved for) (?:our )?(?:\w+ )?(?:subscribers|members)"
    r"|(?:for )?subscribers[- ]only|subscriber[- ]exclusive"
    r"|réservée?s? (?:à|aux) (?:nos )?abonnée?s|abonnez-vous pour|pour lire la suite"
    r"|(?:lire|poursuivre) la suite|nur für abonnent\w*|jetzt weiterlesen|weiterlesen mit"
    r"|um (?:weiterzulesen|weiter zu lesen)|(?:exclusivo|solo|sólo) para (?:suscriptores|abonados)"
    r"|suscríbete para|para (?:seguir|continuar) leyendo|riservato agli abbonati"
    r"|per continuare a leggere)|この記事は(?:会員|有料)|続きを読む",
    re.IGNORECASE,
)
# What else stands in one, or below it.
_OFFER = re.compile(
    r"\b(?:already (?:a|have an?) (?:\w+ )?(?:subscriber|subscription|member|account)"
    r"|subscri(?:be|ption)s?"
    r"|unlimited (?:digital )?access|cancel (?:at )?any ?time|free trial|(?:sign|log) ?in|register"
    r"|you have (?:read|reached|used) .{0,40}(?:free|limit)|articles? (?:left|remaining)"
    r"|abonn\w+|déjà|bereits|suscri\w+|abbona\w+)\b",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(
    r"(?:(?:error|http|status)\W*)*(?:access (?:to this (?:page|site) )?(?:has been |is )?denied"
    r"|(?:401|403|404|410|429|500|502|503|504)(?:\W*$|\W+(?:error|forbidden|not|page|gone|too|internal"
    r"|bad|service|gateway|unauthori[sz]ed|client).*)|forbidden|not found|gone|too many requests"
    r"|(?:the |this )?(?:page|article|site|content|url|file)(?: you .{0,40})?"
    r" (?:(?:was |could |can)?(?:not|n.t)(?: be)? found|(?:is )?no longer (?:exists|available)"
    r"|(?:does not|doesn.t) exist|is(?: not|n.t) available|unavailable)"
    r"|just a moment|attention required|one more step|are you (?:a )?(?:human|robot)"
    r"|(?:please )?(?:verify|confirm|prove|checking|check) (?:that )?(?:you|your|if|the site)\b.*"
    r"|security (?:check|verification)|ddos protection|pardon our interruption"
    r"|(?:service|temporarily|website) (?:temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|internal server error|request (?:blocked|rejected|unsuccessful)|human verification|captcha"
    r"|site (?:under )?maintenance|(?:page )?introuvable|page non trouvée|accès refusé"
    r"|seite (?:wurde )?nicht gefunden|zugriff verweigert|página no encontrada|acceso denegado"
    r"|pagina non trovata)\b\W*(?:[|–—:-].*)?",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\b(?:permission to access|complete the (?:security check|captcha)|(?:turn on|enable|activate)"
    r" (?:javascript|cookies)|not a (?:ro)?bot|you are (?:a )?(?:human|person)|ray id|reference #"
    r"|unusual (?:traffic|activity)|blocked by|has been blocked|try again later|go back to the home"
    r"|return to (?:the )?home|the link you followed|incorrectly typed|check the (?:url|address)"
    r"|owner of the site|site owner|page you (?:are|were) looking for)",
    re.IGNORECASE,
)


def is_consent(line: str) -> bool:
    """Whether a line asks the reader's consent."""
    if len(line) > _LONGEST or any(mark in line for mark in "“”«»"):
        return False
    return len(set(map(str.lower, _CONSENT.findall(line)))) > 1 and bool(_US_AND_YOU.search(line))


def is_notice(line: str) -> bool:
    """Whether a line says that reading on takes a subscription, or an account."""
    if len(line) > _LONGEST or not _CONTINUE.search(line):
        return False
    return len(line) <= _LABEL or bool(_OFFER.search(line))


def notice_at(shown: Sequence[str], kept: Sequence[int]) -> int | None:
    """The line of a page at which a notice to subscribe ends its text; None where none does.

    `kept` are the lines of the text. Below a notice within the text are only its offers.
    """
    below = sum(len(shown[at]) for at in kept)
    above, rest = 0, set(kept)
    for at in range(kept[0], min(len(shown), kept[-1] + 1 + _NEAR)) if kept else ():
        if is_notice(shown[at]) and (0 < below <= _OFFERS or (not below and above <= _OPENING)):
            return at
        if at in rest:
            above += len(shown[at])
            below -= len(shown[at])
    return None


def why_no_article(text: Sequence[str], title: str, asked: bool) -> Note | None:
    """Why a page whose `text` this is has no article; None for one that has.

    `text` is without the lines that ask for something; `asked`, whether one asked for consent.
    """
    prose = [line for line in text if kind_of(line) is Kind.PROSE]
    short = sum(map(len, prose)) < _SHORT
    heads = (title, *text[:2])
    if short and any(_ERROR_TITLE.fullmatch(head.strip()) for head in heads):
        return note("html_error", title=(title or heads[-1])[:_LABEL])
    if prose and all(_ERROR.search(line) for line in prose):
        return note("html_error", title=title[:_LABEL])
    if prose or sum(map(len, text)) >= _LEAST:
        return None
    return note("html_consent") if asked else note("html_no_text")
