"""`byline calibrate`: the confidence is fitted to the owner's judgements."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from rag.commands.opening import open_archive
from rag.commands.streams import print_json
from rag.progress import bars

_WRITTEN = "It is in force; a chat that is running takes it up when it is started again."
_AS_IT_WAS = {
    True: "Nothing was changed.",
    False: "The packaged confidence fits these judgements as well: nothing was changed.",
}


def run(options: argparse.Namespace) -> None:
    from rag.answer import refit
    from rag.chat.calibrate import calibrate
    from rag.chat.feedback import read_judgements
    from rag.commands.terminal import print_refit

    home = Path(options.index)
    if options.undo:
        removed = refit.remove(home)
        print(f"{home}: the packaged calibration is in force{' again' if removed else ''}.")
        return
    judgements = read_judgements(Path(options.feedback or home / "feedback.jsonl"))
    archive = open_archive(options)
    with bars() as progress:
        found = calibrate(archive, judgements, progress)
    written = found.better and not options.dry_run
    if written:
        refit.write(home, found.scaling, archive.pipeline.fitted_with, asdict(found))
    if options.json:
        print_json({"written": written, **asdict(found)})
    else:
        print_refit(found)
        print(_WRITTEN if written else _AS_IT_WAS[found.better])
