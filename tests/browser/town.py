"""A made archive for the browser tests: sources and months to choose, accounts that differ, and
text that would run as a script if it were let."""

from __future__ import annotations

import datetime

from fpdf import FPDF

from rag import Article

HOSTILE = Article(
    "The harbour master of Port Elsewhere is <script>window.hit=1</script> Ada Quill, "
    "who said ${window.hit=1} and {{window.hit}} and `x`.\n"
    "She wrote *stars*, _lines_, # heads, $x^2$, [a link](javascript:window.hit=1), "
    '<img src="x" onerror="window.hit=1"> and &amp; in the harbour log.\n\n'
    + "harbour" * 30_000
    + "\n\n"
    + "The harbour was calm. " * 20,
    title="<img src=x onerror=window.hit=1> Harbour ${window.hit=1}",
    source='<b onclick="window.hit=1">Gazette</b>"><img src=x onerror=window.hit=1>',
    author='"><script>window.hit=1</script>',
    published=datetime.date(2024, 5, 17),
    url="javascript:window.hit=1",
)
HARBOUR = "Who is the harbour master of Port Elsewhere?"
BRIDGE = "How much did the Lantern Bridge cost?"
BAKER = "Who bakes the bread of Port Elsewhere?"
_DAYS = {
    "Evening Herald": datetime.date(2024, 1, 10),
    "Morning Post": datetime.date(2024, 3, 12),
    "River Times": datetime.date(2024, 4, 2),
}
_TOLD = (
    (
        "Evening Herald",
        "A bridge for Port Elsewhere",
        "The Lantern Bridge cost $40 million, the mayor Sok Hour said at its opening. Some 900 "
        "people came to see it.\n\nThe bridge has three arches of grey stone.",
    ),
    (
        "Morning Post",
        "What the bridge took",
        "The Lantern Bridge cost $55 million, the engineer Ny Chan said when she left the council."
        " It took two years to build.\n\nShe named no reason for the delay.",
    ),
    (
        "River Times",
        "Bread before dawn",
        "The bread of Port Elsewhere is baked by Mara Lind, who lights her oven at three in the "
        "morning. Her sister sells it on the quay.\n\nA loaf costs two coins.",
    ),
)
_BY = {"Evening Herald": "Pia Holm and Jon Reed", "Morning Post": "Jon Reed", "River Times": ""}
_CLASS = "; ".join(f"Lena {letter}. Marsh" for letter in "ABCDEFGHIJKLMNOPQRST")
TOWN = (
    *(
        Article(
            text,
            title=title,
            source=source,
            published=_DAYS[source],
            author=_BY[source],
            section="Life" if source == "River Times" else "City",
            language="en",
            format="html",
        )
        for source, title, text in _TOLD
    ),
    Article(
        "The town library lends boats as well as books, the librarian Theo Marsh said. A boat may "
        "be kept for a week.",
        title="Boats to borrow",
        source="River Times",
        author=_CLASS,
        section="Life",
        language="en",
        format="pdf",
        partial=True,
    ),
    HOSTILE,
)

CARRIAGE = "Who restored the sleeper carriage?"
RESTORED = "The sleeper carriage was restored by the carpenter Ilse Brandt in the spring."
_REPORT = (
    f"{RESTORED} She said that it carries forty passengers at night.\n\nThe railway paid for the "
    "new brass lamps, which were delivered on Tuesday."
)


def report_pdf() -> bytes:
    """A report that no archive here holds, as a PDF."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.multi_cell(0, 8, _REPORT)
    return bytes(pdf.output())
