"""English titles and offices of persons: a word list, and a name without them. Pure."""

from __future__ import annotations

import re

ABBREVIATED = (
    "Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "Gen", "Lt", "Col", "Maj", "Capt", "Cpl", "Sgt",
    "Cmdr", "Adm", "Sen", "Rep", "Gov", "Pres", "Amb", "Rev", "Supt", "Insp", "Messrs",
)  # fmt: skip
"""Before a name, with or without a full stop. Within one they are names: "Hun Sen"."""
OFFICE = (
    "(?:President|Minister|Secretary(?:[- ]General)?|Ambassador|Senator|Governor|Mayor|Professor"
    "|Judge|Chancellor|Commissioner|Director|Officer|Inspector|Leader|Coach|Manager|Speaker|Editor"
    "|Author|Representative|(?:Chair|Spokes|Congress)(?:man|woman|person)|C[EFTO]O|PM"
    "|(?:Co-)?[Ff]ounder|Attorney General|Chief (?:Executive|Justice)|First Lady)"
)
"""A regular expression; what may come before it is left out."""

_BEFORE_OFFICE = (
    "(?:Prime|Vice|Deputy|Former|Acting|Foreign|Interior|Information|Defen[cs]e|Finance|Health"
    "|Education|Assistant|Executive|General|Chief|Head|then|ex)[ -]"
)
_TITLE = re.compile(
    # "The Minister's Office" is no name; "Secretary of State Marco Rubio": one follows the office.
    rf"(?:^|(?<= ))(?:{_BEFORE_OFFICE})*{OFFICE}(?:-elect)?(?![\w-])\.?"
    r"(?:['’]s \w+$| of [A-Z]\w+(?= [A-Z]\S* [A-Z]))?(?: |$)"
    rf"|^(?:(?:Sir|Tan Sri|Watch|See|{'|'.join(ABBREVIATED)})\b\.? )+"
    r"|(?<= )(?:Datuk Seri|Mr|Mrs|Ms|Dr)\.? "
    # "Apple's Tim Cook" are two names, "Cambodian People's Party" is one.
    r"|(?<!People)(?<!Women)(?<!Men)(?<!Children)['’]s(?: |$)"
)
_LOWER_ENDS = re.compile(r"^(?:[a-z]\S*(?: |$))+|(?: [a-z]\S*)+$")


def split_titles(run: str) -> list[str]:
    """Return the names in a run of capitalised words, without titles: ["OpenAI", "Sam Altman"]."""
    parts = (_LOWER_ENDS.sub("", part.strip()) for part in _TITLE.split(run))
    return [part.rstrip(".") for part in parts if part]
