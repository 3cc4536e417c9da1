"""ProQuest, PressReader and other exports with a label before each field, as text and HTML."""

from __future__ import annotations

from exported import stories


def proquest(rule: str, titled: bool, text: str = "Full text: {}") -> str:
    """An export of ProQuest; `titled`: the title has a label, at the top."""
    contents = "".join(f"{n}. {title}\n\n" for n, title, *_ in stories())
    written = (
        f"Report Information from ProQuest\nMay 30 2023 10:12\n\nTable of contents\n\n{contents}"
    )
    for n, title, source, author, day, section, body in stories():
        when = f"{day:%B} {day.day}, {day.year}"
        label = f"Title: {title}" if titled else f"{title}"
        fields = [rule, f"Document {n} of 3", label, f"Author: {author}", "ProQuest document link"]
        fields += ["Abstract: The board met.", "Links: Check for text", text.format(body)]
        fields += ["Subject: Harbours; Ferries", f"Title: {title}", f"Publication title: {source}"]
        fields += ["Pages: A.3", "Publication year: 2023", f"Publication date: {when}"]
        fields += [f"Section: {section}", "Publisher: Orlet Press Ltd", "Source type: Newspapers"]
        fields += ["Language of publication: English", f"ProQuest document ID: 2514399{n}"]
        fields += [f"Document URL: https://search.example.com/docview/2514399{n}?accountid=1"]
        fields += ["Copyright: (Copyright (c) 2023)", "Last updated: 2023-11-07", "Database: News"]
        written += "\n\n".join(fields) + "\n\n"
    return f"{written}{rule}\n\nContact us at: help\n\nCopyright © 2023 ProQuest LLC."
