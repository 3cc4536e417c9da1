"""Which files and folders hold no articles by their names. Pure."""

from __future__ import annotations

_SYSTEM = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "$recycle.bin")
"""What Windows and macOS put among others' files."""


def is_hidden(name: str) -> bool:
    """Whether a name is of a hidden file or folder, of one of the system's, or of the lock that an
    office program keeps beside an open document ("~$Letter.docx")."""
    return name.startswith((".", "~$")) or name.lower() in _SYSTEM
