"""Alters bytes of a snapshot, one at a time: `check` sees each, and none shows a wrong quote."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tqdm import tqdm

from eval.datasets.gold import ARTICLES
from eval.trust import archives
from eval.trust.trials import Found, Plan
from rag import Archive, read_articles
from rag.errors import BylineError

_QUESTIONS = ("How many people did police in Kratie arrest?", "Who was detained?")
_ASK_EVERY = 9
"""Asking takes much longer than checking. Odd, so that files chosen either way are asked of."""
_KEEP_EVERY = 50


def measure(plan: Plan, found: Found) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        articles = list(read_articles(ARTICLES))
        archive = archives.build(articles, home)
        texts = {one.text for one in articles}
        current = next((home / "snapshots").iterdir())
        files = [home / "CURRENT", *(one for one in current.rglob("*") if one.is_file())]
        sizes = {one: one.stat().st_size for one in files if one.stat().st_size}
        for number in tqdm(range(found.tried, plan.size), "flips", disable=None):
            chance = plan.chance(number)
            # Half of them by file, so that small files come up, half by byte.
            weights = None if number % 2 else list(sizes.values())
            file = chance.choices(list(sizes), weights)[0]
            at, change = chance.randrange(sizes[file]), chance.randrange(1, 256)
            where = f"byte {at} of {file.relative_to(home)}"
            _alter(file, at, change)
            _look(archive, home, texts, number % _ASK_EVERY == 0, where, found)
            _alter(file, at, change)
            found.tried += 1
            found.count(f"in {file.name}")
            if not found.tried % _KEEP_EVERY:
                plan.keep(found)
        if Archive.open(home).check():
            found.fault("the bytes were not put back")
        plan.keep(found)


def _alter(file: Path, at: int, change: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        byte = opened.read(1)[0]
        opened.seek(at)
        opened.write(bytes([byte ^ change]))


def _look(
    archive: Archive, home: Path, texts: set[str], ask: bool, where: str, found: Found
) -> None:
    try:
        opened = archive.open_alike(home)
    except BylineError:
        found.count("refused when opened")
        return
    except Exception as error:
        found.fault(f"{where}: opening raised {error!r}")
        return
    try:
        if opened.check():
            found.count("found by check")
        else:
            found.fault(f"{where}: check finds nothing")
    except BylineError:
        found.count("found by check")
    except Exception as error:
        found.fault(f"{where}: check raised {error!r}")
    if ask:
        _ask(opened, texts, where, found)


def _ask(opened: Archive, texts: set[str], where: str, found: Found) -> None:
    for question in _QUESTIONS:
        found.count("questions asked")
        try:
            for cited in opened.ask(question).citations:
                if not any(text[cited.start : cited.end] == cited.quote for text in texts):
                    found.fault(f"{where}: a wrong quote: {cited.quote}")
        except BylineError:
            found.count("questions refused")
        except Exception as error:
            found.fault(f"{where}: asking raised {error!r}")
