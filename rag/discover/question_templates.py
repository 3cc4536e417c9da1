"""The forms of question that an English sentence gives, by its verb. Pure.

"Rubio urged Thailand to …" gives "What did Marco Rubio urge Thailand to do?". A form takes from
the sentence only what stays grammatical in a question; a sentence that fits none gives none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rag.discover.entities import bare
from rag.discover.story import ADVERB, Story, is_person, telling
from rag.text.stems import names
from rag.text.vocabulary import MONTH, POSSESSIVES, TWO_TO_TWELVE, WEEKDAY, either

WORTH = {
    "say": 1.0, "urge": 1.0, "accused": 1.0, "how many": 0.95, "who": 0.95, "why": 0.9,
    "how much": 0.9, "how long": 0.9, "when": 0.9, "who is": 0.85, "agree": 0.85, "what is": 0.8,
    "where": 0.75, "who did": 0.7, "tell": 0.6,
}  # fmt: skip
"""How much each form shows of what can be asked."""

_CAPITAL = r"[A-Z][\w-]*(?:[’'](?!s\b)\w+)*"
_NAME = rf"(?:the )?(?:{_CAPITAL}(?: of(?: the)?)? ){{0,3}}{_CAPITAL}(?![\w’'-]| [A-Z])"
_NOUN = r"[a-z][a-z-]+"
_ENDS = (
    r"(?=[,.;:”\"]|$| (?:in|on|at|for|by|after|before|to|with|from|that|which|who|as|during|when"
    r"|while|between|against|into|over|because|since|amid|late|early|yesterday|last|this|sent"
    r"|called|aimed|designed|allowing|authori[sz]ing|seeking|about|through|where|but)\b)"
)
_BE = r"(?:is|are|was|were|has|have|had|will|would|could|can|should|must|may|might)"
_WEEKDAY = rf"(?: {WEEKDAY})?"
_DATE = rf"(?:on|in) (?:{MONTH}\b|\d{{1,2}} {MONTH}\b|(?:19|20)\d\d)"
_MONEY = r"(?:nearly |about |over |more than |around |just )?[A-Z]{0,2}[$€£]\d"
_COUNT = (
    rf"(?:\d[\d,]*|{either(*TWO_TO_TWELVE)}|dozens of"
    r"|hundreds of|thousands of|\d[\d.]* (?:million|billion))"
)
_DONE = (
    "arrested|injured|wounded|displaced|detained|rescued|evacuated|deported|freed|affected"
    "|hired|convicted"
)
_MADE = (
    "distributed|proposed|founded|co-founded|wrote|directed|created|brokered|designed|invented"
    "|hosted|issued|launched|unveiled|introduced|won|built|led|acquired|bought|discovered"
)
_OFFICE = (
    r"(?:chief executive(?: officer)?|chief [a-z]+ officer|(?:co-)?founder"
    r"|spokes(?:man|woman|person)|president|chair(?:man|woman)|director|head|secretary[- ]general"
    r"|mayor|governor|prime minister|editor|author|creator|showrunner|manager|head coach"
    r"|commissioner|CEO)"
)
_PERSON = re.compile(
    r"\b(?:engineer|director|professor|analyst|president|founder|executive|minister|ambassador"
    r"|lawyer|attorney|author|journalist|reporter|spokes\w+|senator|economist|researcher|scientist"
    r"|manager|coach|player|actor|actress|singer|artist|lecturer|partner|secretary|chair\w*|head"
    r"|officer|expert|fellow|critic|activist|writer|editor|judge|official|tycoon|politician|leader"
    r"|model|man|woman)\b"
)
_WHAT = re.compile(
    r"\b(?:app|company|startup|platform|service|website|tool|device|network|organi[sz]ation"
    r"|browser|exchange|bank|agency|province|treaty|movement|protocol|newsletter|marketplace"
    r"|town|charity|nonprofit|chatbot|drug|vaccine|telescope)\b"
)

# Form, what the subject did, and the question; `verb` becomes its plain form.
_BY_SUBJECT = tuple(
    (form, re.compile(pattern), question)
    for form, pattern, question in (
        ("how much", rf"\b(?P<verb>raised|donated) {_MONEY}", "How much did {who} {verb}?"),
        (
            "how much",
            rf"\bacquired (?P<what>{_NAME}) for {_MONEY}",
            "How much did {who} pay for {what}?",
        ),
        (
            "how many",
            rf"\b(?P<verb>scored|hired|fired|sold) {_COUNT} (?P<what>(?:[a-z-]+ )?{_NOUN}s)\b",
            "How many {what} did {who} {verb}?",
        ),
        (
            "accused",
            r"\b(?P<be>is|was) (?P<of>accused of|charged with|convicted of)\b",
            "What {be} {who} {of}?",
        ),
        (
            "accused",
            rf"\baccused (?P<whom>{_NAME}) of \w+ing\b",
            "What did {who} accuse {whom} of?",
        ),
        ("agree", r"\b(?P<verb>plan|intend|hope|aim)s to [a-z]", "What does {who} {verb} to do?"),
        (
            "agree",
            r"\b(?P<verb>agreed|promised|refused|pledged|vowed|threatened|offered)"
            r" to (?!comment|respond|answer|say|speak|disclose|discuss|be|do)[a-z]",
            "What did {who} {verb} to do?",
        ),
        (
            "when",
            r"\bwas (?P<done>born|founded|arrested|killed|released|launched|elected|sworn in"
            rf"|created)\b[^,;.]{{0,30}}? {_DATE}",
            "When was {who} {done}?",
        ),
        (
            "when",
            r"\bis (?P<set>set|due|scheduled|expected) to (?P<do>[a-z]+)"
            rf" (?:[^,;]{{0,30}} )?{_DATE}",
            "When is {who} {set} to {do}?",
        ),
        (
            "when",
            rf"\b(?P<verb>resigned|launched|opened|retired) {_DATE}",
            "When did {who} {verb}?",
        ),
        ("who did", rf"\b(?P<verb>beat|defeated) (?:the )?{_NAME}", "Who did {who} {verb}?"),
        ("where", rf"\bis (?P<be>based|headquartered) in {_NAME}", "Where is {who} {be}?"),
    )
)
_PLAIN = {
    "said": "say", "told": "tell", "called on": "call on", "forced": "force", "advised": "advise",
    "invited": "invite", "urged": "urge", "praised": "praise", "criticized": "criticize",
    "criticised": "criticise", "fined": "fine", "raised": "raise", "donated": "donate",
    "agreed": "agree", "promised": "promise", "refused": "refuse",
    "retired": "retire",
    "sued": "sue", "scored": "score", "hired": "hire", "fired": "fire", "sold": "sell",
    "rescued": "rescue", "displaced": "displace", "evacuated": "evacuate", "freed": "free",
}  # fmt: skip

Made = Iterator[tuple[str, str]]


def questions(story: Story, sentence: str) -> Made:
    """The form and the words of each question that a sentence of the story gives."""
    for form, pattern, question in _BY_SUBJECT:
        for match in pattern.finditer(sentence):
            if who := story.subject(sentence[: match.start()]):
                found = match.groupdict()
                found |= {"who": story.inside(who), "verb": _plain(found.get("verb") or "")}
                yield form, question.format_map(found)
    for make in _MAKERS:
        yield from make(story, sentence)


_SAID = re.compile(
    r"\b(?:said|(?P<now>says|believes|argues|thinks)|argued|claimed|warned|announced|explained"
    rf"|insisted|testified){_WEEKDAY}(?: on \w+day)?,?(?: that)?"
    rf" (?P<thing>{_NAME}|(?:the|its|their) (?:[a-z-]+ ){{1,2}}?[a-z-]+|(?:[a-z-]+ )?[a-z-]+s)"
    rf" {_BE}\b"
)


def _said(story: Story, sentence: str) -> Made:
    """What NAME said about what its words begin with."""
    for match in _SAID.finditer(sentence):
        who, thing = story.subject(sentence[: match.start()]), match["thing"]
        if who and thing not in who and not ADVERB.search(f" {thing}") and story.speaks_of(thing):
            about = re.sub(r"^(?:its|their) ", "the ", story.name(thing) or thing)
            about = story.inside(about) if about[0].isupper() else about
            does = "does" if match["now"] else "did"
            yield "say", f"What {does} {story.inside(who)} say about {about}?"


_TOLD = re.compile(rf"\btold (?P<to>(?:The )?{_NAME})(?=[,.]| (?:that|in an|on|during)\b)")


def _told(story: Story, sentence: str) -> Made:
    for match in _TOLD.finditer(sentence):
        who = story.subject(sentence[: match.start()])
        to = story.name(match["to"]) or match["to"]
        if is_person(who) and bare(to.rstrip("s").split()):
            yield "tell", f"What did {who} tell {to}?"


_URGED = re.compile(
    r"\b(?P<verb>urged|asked|ordered|called on|invited|forced|advised|told)"
    rf" (?P<whom>{_NAME}(?: and {_NAME})?|(?:the )?(?:{_NOUN} ){{0,2}}{_NOUN}s)"
    r" to (?!the\b|be\b)[a-z]+"
)


def _urged(story: Story, sentence: str) -> Made:
    for match in _URGED.finditer(sentence):
        who, whom = story.subject(sentence[: match.start()]), match["whom"]
        if who and telling(whom):
            whom = story.name(whom) or whom if " " not in whom else whom
            verb = _plain(match["verb"])
            yield "urge", f"What did {story.inside(who)} {verb} {whom} to do?"


_FOR = re.compile(
    r"\b(?P<verb>thanked|praised|criticized|criticised|sued|fined|condemned)"
    r" (?P<whom>[^,.;]{3,60}?) for \w+"
)


def _for(story: Story, sentence: str) -> Made:
    for match in _FOR.finditer(sentence):
        who, phrase = story.subject(sentence[: match.start()]), match["whom"]
        parts = [part for a, b in names(phrase)[-1:] for part in bare(phrase[a:b].split())]
        if who and parts and phrase.endswith(parts[-1][-1]) and not re.match(MONTH, parts[-1][0]):
            whom = story.name(" ".join(parts[-1])) or " ".join(parts[-1])
            verb = _plain(match["verb"])
            yield "why", f"Why did {story.inside(who)} {verb} {story.inside(whom)}?"


_MAKES = re.compile(
    rf"\b(?P<verb>{_MADE}) (?P<what>(?:an?|the) (?:[\w’'-]+ ){{1,3}}?[\w-]+"
    rf"(?: of (?:the )?(?:[\w’'-]+ ){{0,3}}?[\w-]+)?){_ENDS}"
)


_OWN = re.compile(rf"\b{either(*POSSESSIVES, 'our', 'my', 'your')}\b")


def _who_made(story: Story, sentence: str) -> Made:
    """Who distributed a trove of text messages."""
    for match in _MAKES.finditer(sentence):
        who = story.subject(sentence[: match.start()])
        alone = not _OWN.search(match["what"])
        if is_person(who) and alone and telling(match["what"].split()[-1]):
            yield "who", f"Who {match['verb']} {match['what']}?"


_HOLDS = re.compile(
    rf"[A-Z][\w’'-]+(?: [A-Z][\w’'.-]+){{1,2}}, (?:the )?(?P<role>{_OFFICE})"
    rf" (?P<of>of|for|at) (?P<what>{_NAME})(?=[,.])"
)
_LEADS = re.compile(
    r"(?P<before>\S+ |^)(?P<what>[A-Z][\w-]+) (?P<role>CEO|founder|co-founder|chairman)"
    r" [A-Z][\w’'-]+ [A-Z][\w’'-]+"
)


def _office(story: Story, sentence: str) -> Made:
    """Who is the spokesman for the Council of Ministers."""
    for match in _HOLDS.finditer(sentence):
        if match["role"].endswith("founder"):
            yield "who", f"Who {match['role'][:-1]}d {match['what']}?"
        else:
            yield "who", f"Who is the {match['role']} {match['of']} {match['what']}?"
    for match in _LEADS.finditer(sentence):
        if not story.name(match["what"]) or match["before"][:1].isupper():
            continue
        if match["role"].endswith("founder"):
            yield "who", f"Who {match['role'][:-1]}d {match['what']}?"
        else:
            yield "who", f"Who is the {match['role']} of {match['what']}?"


_WERE = re.compile(
    rf"\b{_COUNT} (?P<what>(?:[a-z-]+ )?(?:[A-Z]\w+s|{_NOUN}s|people|men|women|children))"
    rf"(?:, [^,]{{3,50}},)? (?P<be>were|have been|had been) (?P<done>{_DONE})"
    rf"{_WEEKDAY}(?P<where> in {_NAME})?"
)
_POLICE = re.compile(
    r"\b(?P<who>[Pp]olice|[Aa]uthorities|[Ss]oldiers|[Oo]fficials)"
    rf" in (?:the [a-z ]{{3,40}} of )?(?P<place>{_NAME}) (?P<done>{_DONE}) {_COUNT}"
    rf" (?P<what>{_NOUN})"
)


def _how_many(story: Story, sentence: str) -> Made:
    """How many Indonesians were arrested in Poipet."""
    for match in _WERE.finditer(sentence):
        be = "were" if match["be"] == "had been" else match["be"]
        yield "how many", f"How many {match['what']} {be} {match['done']}{match['where'] or ''}?"
    for match in _POLICE.finditer(sentence):
        who, verb = match["who"].lower(), _plain(match["done"])
        yield "how many", f"How many {match['what']} did {who} in {match['place']} {verb}?"


_COSTS = re.compile(
    rf"(?P<what>(?:[Tt]he )?{_NAME}(?: \d+)?) (?:costs|sells for|retails for|starts at"
    rf"|is priced at) {_MONEY}"
)
_RULES = re.compile(
    rf"(?P<who>{_NAME}), who has (?P<done>[a-z]+ed) (?P<what>{_NAME}) for [\w ]*(?:years|months)"
)
_LASTED = re.compile(r"\bThe (?P<what>(?:[a-z-]+ ){0,2}[a-z]+) lasted\b")


def _how_much_or_long(story: Story, sentence: str) -> Made:
    for match in _COSTS.finditer(sentence):
        what = re.sub("^The ", "the ", match["what"])
        yield "how much", f"How much does {what} cost?"
    for match in _RULES.finditer(sentence):
        if parts := bare(match["who"].split()):
            yield "how long", f"How long has {' '.join(parts[-1])} {match['done']} {match['what']}?"
    for match in _LASTED.finditer(sentence):
        yield "how long", f"How long did the {match['what']} last?"


_DESCRIBED = re.compile(
    r"(?P<who>[A-Z][a-z’'-]+(?: [A-Z]\.)?(?: [A-Z][\w’'-]+){1,2}), (?:who is )?(?:an?|the)"
    r" (?P<as>[a-z][^,.;]{8,90})[,.]"
)
_DEFINED = re.compile(rf"^(?P<what>{_CAPITAL})(?:, [^,]{{3,60}},)? is an? (?P<as>[^,.;]{{8,90}})")


def _is(story: Story, sentence: str) -> Made:
    """Who Raymond Greene is, and what Flipboard is."""
    for match in _DESCRIBED.finditer(sentence):
        parts = bare(match["who"].split())
        who = story.name(" ".join(parts[-1])) if parts else ""
        if is_person(who) and _PERSON.search(match["as"]):
            yield "who is", f"Who is {who}?"
    for match in _DEFINED.finditer(sentence):
        what, told = story.name(match["what"]), match["as"]
        if len(what) > 2 and _WHAT.search(told) and not _PERSON.search(told):
            yield "what is", f"What is {what}?"


_MAKERS: tuple[Callable[[Story, str], Made], ...] = (
    _who_made, _office, _how_many, _how_much_or_long, _is, _urged, _for, _told, _said,
)  # fmt: skip


def _plain(verb: str) -> str:
    """The plain form of a verb in the past: "urge"."""
    return _PLAIN.get(verb, verb.removesuffix("ed"))
