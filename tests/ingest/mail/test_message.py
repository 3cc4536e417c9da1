"""Messages: which part is the article, whose it is, and what their attachments hold."""

from __future__ import annotations

import datetime
from email.message import EmailMessage

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

from rag.types import Article

NEWSLETTER = b"""From: The Orlet Courier <news@courier.example>
To: reader@example.org
Subject: =?utf-8?q?Old_ferry_pier_to_close?=
Date: Tue, 09 May 2023 18:02:11 +0200
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

The harbour board of Orlet voted on Tuesday to close the old ferry pier aft=
er engineers found cracks in eleven of its forty piles.

=E2=80=9CWe had no choice,=E2=80=9D said Mara Dolin, the chair of the board=
."""


def letter(sender: str = "Ida Brun <ida@courier.example>", **fields: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["Subject"] = "River rises"
    message["Date"] = "Wed, 10 May 2023 00:30:00 +0700"
    for name, value in fields.items():
        del message[name]
        message[name] = value
    return message


def whole(message: EmailMessage) -> bytes:
    return message.as_bytes()


def test_a_newsletter_in_quoted_printable() -> None:
    assert articles_in(NEWSLETTER, "a.eml") == [
        Article(
            "The harbour board of Orlet voted on Tuesday to close the old ferry pier after "
            "engineers found cracks in eleven of its forty piles.\n\n"
            "“We had no choice,” said Mara Dolin, the chair of the board.",
            title="Old ferry pier to close",
            source="The Orlet Courier",
            published=datetime.date(2023, 5, 9),
            origin="a.eml",
            format="eml",
        )
    ]


def test_a_message_of_a_person() -> None:
    message = letter()
    message.set_content(f"{RIVER}\n\n{RELIEF}\n")
    (article,) = articles_in(whole(message), "a.eml")
    assert article == Article(
        f"{RIVER}\n\n{RELIEF}",
        title="River rises",
        author="Ida Brun",
        published=datetime.date(2023, 5, 10),  # In its own zone; the 9th in UTC.
        origin="a.eml",
        format="eml",
    )


@pytest.mark.parametrize(
    ("sender", "author", "source"),
    [
        ("Ida Brun <ida@courier.example>", "Ida Brun", ""),
        ('"Brun, Ida" <ida@courier.example>', "Brun, Ida", ""),
        ("=?utf-8?q?Zo=C3=AB_Brun?= <zoe@courier.example>", "Zoë Brun", ""),
        ("=?utf-8?b?QnJ1biwgWm/Dqw==?= <zoe@courier.example>", "Brun, Zoë", ""),
        ("Ida Brun at The Orlet Courier <x@y.example>", "Ida Brun", "The Orlet Courier"),
        ("Ida Brun | Orlet Letters <x@y.example>", "Ida Brun", "Orlet Letters"),
        ("'Ida Brun' via River Letters <x@y.example>", "Ida Brun", "River Letters"),
        ("Morning Boat <newsletter@boat.example>", "", "Morning Boat"),
        ("Khmer Times <x@khmer.example>", "", "Khmer Times"),
        ("ida@courier.example", "", ""),
        ("<ida@courier.example>", "", ""),
        ('"ida@courier.example" <ida@courier.example>', "", ""),
    ],
)
def test_senders(sender: str, author: str, source: str) -> None:
    data = f"From: {sender}\nTo: a@b.example\nSubject: River rises\n\n{RIVER}".encode()
    (article,) = articles_in(data)
    assert (article.author, article.source) == (author, source)


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("Tue, 9 May 2023 18:02:11 -0000", (2023, 5, 9)),
        ("9 May 2023 23:59 -1100", (2023, 5, 9)),
        ("Tue, 9 May 23 18:02:11 GMT", (2023, 5, 9)),
        ("2023-05-09T18:02:11Z", (2023, 5, 9)),
        ("yesterday", None),
        ("Tue, 39 May 2023 18:02:11 GMT", None),
        ("", None),
    ],
)
def test_days(date: str, day: tuple[int, int, int] | None) -> None:
    data = f"From: Ida Brun <i@b.example>\nDate: {date}\nSubject: River\n\n{RIVER}".encode()
    (article,) = articles_in(data)
    assert article.published == (datetime.date(*day) if day else None)


@pytest.mark.parametrize(
    ("fields", "body", "text"),
    [
        ("text/plain; charset=iso-8859-1", "Zoë fährt".encode("latin-1"), "Zoë fährt"),
        ("text/plain; charset=windows-1252", b"\x93Yes,\x94 he said", "“Yes,” he said"),
        ("text/plain; charset=iso-2022-jp", "東京の橋".encode("iso2022_jp"), "東京の橋"),
        ("text/plain; charset=us-ascii", "Zoë fährt".encode(), "Zoë fährt"),
        ("text/plain", "Zoë fährt".encode(), "Zoë fährt"),
        (
            "text/plain; charset=utf-8",
            b"The river\x00 rose\r\nand rose",
            "The river rose\nand rose",
        ),
        ("text/html; charset=iso-8859-1", "<p>Zoë fährt".encode("latin-1"), "Zoë fährt"),
        ("text/html", b'<meta charset="windows-1252"><p>\x93Yes,\x94 he said', "“Yes,” he said"),
    ],
)
def test_charsets(fields: str, body: bytes, text: str) -> None:
    head = f"From: Ida Brun <i@b.example>\nSubject: River rises\nContent-Type: {fields}\n\n"
    (article,) = articles_in(head.encode() + body)
    assert article.text == text


@pytest.mark.parametrize(
    ("parameters", "body", "text"),
    [
        (
            "flowed",
            "The river \nrose on \nMonday.\n\nIt fell.",
            "The river rose on Monday.\n\nIt fell.",
        ),
        ("flowed; delsp=yes", "The riv \ner rose.", "The river rose."),
        ("flowed", "> The river \n> rose.\nIt did.", "> The river rose.\nIt did."),
        ("flowed", "> The river \nIt did.", "> The river \nIt did."),
        ("flowed", " From here \nto there", "From here to there"),
        ("flowed", "It rose. \n-- \nIda", "It rose. \n-- \nIda"),
        ("fixed", "The river \nrose.", "The river \nrose."),
    ],
)
def test_flowed_lines_are_joined(parameters: str, body: str, text: str) -> None:
    head = "From: Ida Brun <i@b.example>\nSubject: River\nContent-Type: text/plain; format="
    (article,) = articles_in(f"{head}{parameters}\n\n{body}".encode())
    assert article.text == text


def test_plain_text_is_preferred_to_html() -> None:
    message = letter()
    message.set_content(f"{RIVER}\n\n{RELIEF}\n\n{BRIDGE}\n")
    message.add_alternative(f"<p>{RIVER}</p><p>Click here</p>", subtype="html")
    (article,) = articles_in(whole(message))
    assert article.text == f"{RIVER}\n\n{RELIEF}\n\n{BRIDGE}"


def test_html_is_read_where_the_plain_text_only_hints_at_it() -> None:
    message = letter()
    message.set_content("View this message in your browser: https://example.org/7\n")
    page = (
        "<html><body><p>View in browser</p><h1>River rises</h1><table><tr><td>"
        f"<p>{RIVER}</p><p style='display:none'>Not shown</p><p>{RELIEF}</p></td></tr></table>"
        "<p>Unsubscribe from this list</p></body></html>"
    )
    message.add_alternative(page, subtype="html")
    (article,) = articles_in(whole(message))
    assert article.text == f"{RIVER}\n{RELIEF}"
    assert article.title == "River rises"


def test_attachments_are_read_as_files() -> None:
    message = letter()
    message.set_content(RIVER)
    message.add_attachment(f"Bridge closed\n\n{BRIDGE}", filename="bridge.txt")
    message.add_attachment(b"\x89PNG\r\n", "image", "png", filename="map.png")
    message.add_attachment(b"\x89PNG\r\n", "image", "png", filename="logo.png", cid="<1@x>")
    message.add_attachment(b"", "application", "pgp-signature", filename="signature.asc")
    forwarded = letter(Subject="Relief comes")
    forwarded.set_content(RELIEF)
    message.add_attachment(forwarded)
    found = articles_in(whole(message), "a.eml")
    assert [(one.origin, one.format, one.title, one.text) for one in found] == [
        ("a.eml", "eml", "River rises", RIVER),
        ("a.eml/bridge.txt", "text", "Bridge closed", BRIDGE),
        ("a.eml/3", "eml", "Relief comes", RELIEF),
    ]
    (reason,) = reasons_in(whole(message), "a.eml")
    assert "binary" in reason


def test_a_message_under_the_line_of_a_mailbox_and_an_encoded_name() -> None:
    data = (
        b"From ida@b.example\nReturn-Path: <ida@b.example>\nFrom: Ida Brun <ida@b.example>\n"
        b"Subject: River rises\nContent-Type: text/plain; name==?utf-8?q?fl=C3=B6de.txt?=\n\n"
    )
    (article,) = articles_in(data + RIVER.encode(), "a.eml")
    assert (article.author, article.text) == ("", RIVER)
    assert article.origin == "a.eml/flöde.txt"


def test_the_name_of_an_attachment_leads_nowhere() -> None:
    message = letter()
    message.set_content(RIVER)
    message.add_attachment(RELIEF, filename="../../up/relief.txt")
    origins = [article.origin for article in articles_in(whole(message), "a.eml")]
    assert origins == ["a.eml", "a.eml/.._.._up_relief.txt"]


@pytest.mark.parametrize(
    "text",
    [
        f"From: our correspondent in Kratie\n\n{RIVER}",
        f"Subject: the river\nPlace: Kratie\n\n{RIVER}",
        f"Title: River rises\nAuthor: Ida Brun\nDate: 9 May 2023\n\n{RIVER}",
        f"From the river: a report\nTo: the sea\n{RIVER}\n",
    ],
)
def test_a_text_that_looks_like_a_message_is_none(text: str) -> None:
    (article,) = articles_in(text.encode())
    assert article.format in ("text", "labelled")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"From: Ida Brun <i@b.example>\nSubject: River\n\n \n", "a message without text"),
        (b"From: a@b.example\nSubject: River", "a message without text"),
        (
            b"From: a@b.example\nTo: b@c.example\nContent-Type: text/plain; charset=x\n\n\xff\xfe!",
            "not UTF-16",
        ),
        (
            b"MIME-Version: 1.0\nContent-Type: multipart/mixed;" + b" a=b;" * 5000 + b"\n\nx",
            "a broken message",
        ),
    ],
    ids=["blank", "header", "charset", "parameters"],
)
def test_what_cannot_be_read_is_a_failure(data: bytes, reason: str) -> None:
    (found,) = reasons_in(data)
    assert reason in found


def test_a_damaged_message_gives_what_is_left_of_it() -> None:
    message = letter()
    message.set_content(f"{RIVER}\n\n{RELIEF}")
    message.add_attachment(BRIDGE, filename="bridge.txt")
    data = whole(message)
    (article,) = articles_in(data[: data.index(b"Relief")], "a.eml")
    assert (article.title, article.text) == ("River rises", RIVER)


def sample() -> bytes:
    message = letter()
    message.set_content(f"{RIVER} Zoë\n\n{RELIEF}")
    message.add_alternative(f"<h1>River</h1><p>{RIVER}</p>", subtype="html")
    message.add_attachment(f"Bridge closed\n\n{BRIDGE}", filename="bridge.txt")
    message.add_attachment(b"PK\x03\x04", "application", "zip", filename="a.zip")
    return whole(message)


@generated
@given(cut_or_altered(sample()))
def test_cut_and_altered_messages(data: bytes) -> None:
    holds(data)


@generated
@given(
    st.text(alphabet="aB:;=?_,\n \t<@>\"'é", max_size=60), st.text(alphabet="a \n>é-", max_size=40)
)
def test_any_header_and_any_body(header: str, body: str) -> None:
    holds(f"From: {header}\nSubject: {header}\nContent-Type: {header}\n\n{body}".encode())


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: b"From: a\nSubject: " + b"=?utf-8?q?a?= " * n + b"\n\nx", 20_000),
        (lambda n: b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=b\n\n"
         + b"--b\n\nThe river rose.\n" * n, 4_000),
        (lambda n: b"From: a\nTo: b\nContent-Type: text/plain; format=flowed\n\n"
         + b"a \n" * n, 50_000),
        (lambda n: b"From: a\nTo: " + b"a@b.example, " * n + b"\nSubject: x\n\nx", 50_000),
    ],
    ids=["words", "parts", "flowed", "receivers"],
)  # fmt: skip
def test_linear_time(make, size: int) -> None:
    assert growth(articles_in, make, size) < LINEAR
