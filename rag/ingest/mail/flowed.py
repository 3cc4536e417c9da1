"""Join the lines that a mail program has wrapped (format=flowed, RFC 3676). Pure."""

from __future__ import annotations

_SIGNATURE = "-- "


def unflowed(text: str, delete_space: bool = False) -> str:
    """`text` with each line that ends in a space joined to the next of the same quoting.

    With `delete_space` (DelSp=yes) that space goes: it was put there to wrap.
    """
    rows: list[str] = []
    before = -1
    """The depth of quoting of a line that goes on, -1 after one that does not."""
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        flows = bare.endswith(" ") and bare != _SIGNATURE
        kept = bare[:-1] if flows and delete_space else bare
        if before == depth and bare != _SIGNATURE:
            rows.append(kept)
        else:
            quoted = f"{'>' * depth} " if depth else ""
            rows += (["\n"] if rows else []) + [quoted + kept]
        before = depth if flows else -1
    return "".join(rows)
