"""Mailboxes: each message is an article of its own, with its attachments."""

from __future__ import annotations

import datetime
from email.message import EmailMessage

import pytest
from growth import LINEAR, growth
from hypothesis import given
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in, remarks_in

from rag.types import Article


def message(subject: str, text: str, *attached: tuple[str, str]) -> bytes:
    made = EmailMessage()
    made["From"] = "Ida Brun <ida@courier.example>"
    made["Date"] = "Tue, 09 May 2023 18:02:11 +0200"
    made["Subject"] = subject
    made.set_content(text)
    for name, content in attached:
        made.add_attachment(content, filename=name)
    return bytes(made)


def mailbox(*messages: bytes, start: bytes = b"From - Tue May 09 18:02:11 2023") -> bytes:
    return b"".join(start + b"\n" + one.rstrip(b"\n") + b"\n\n" for one in messages)


BOX = mailbox(
    message("River rises", f"{RIVER}\n\n>From Kratie, rice came.\n"),
    message("Relief comes", RELIEF, ("bridge.txt", f"Bridge closed\n\n{BRIDGE}")),
)


@pytest.mark.parametrize(
    "start",
    [
        b"From - Tue May 09 18:02:11 2023",
        b"From ida@courier.example Tue May  9 18:02:11 2023",
        b"From 1762@xxx Tue May 09 18:02:11 +0000 2023",
        b"From MAILER-DAEMON Tue May  9 18:02 2023 remote from x",
    ],
)
def test_messages_of_a_mailbox(start: bytes) -> None:
    data = BOX.replace(b"From - Tue May 09 18:02:11 2023", start)
    river, relief, bridge = articles_in(data, "all.mbox")
    assert river == Article(
        f"{RIVER}\n\nFrom Kratie, rice came.",
        title="River rises",
        author="Ida Brun",
        published=datetime.date(2023, 5, 9),
        origin="all.mbox/1",
        format="mbox",
    )
    assert (relief.origin, relief.text) == ("all.mbox/2", RELIEF)
    assert (bridge.origin, bridge.format) == ("all.mbox/2/bridge.txt", "text")
    assert (bridge.title, bridge.text) == ("Bridge closed", BRIDGE)
    assert (reasons_in(data), remarks_in(data)) == ([], [])


def test_a_line_of_a_text_starts_no_message() -> None:
    text = f"{RIVER}\n\nFrom Kratie at 18:02 on 9 May 2023\ncame rice.\n\nFrom here\n\n{RELIEF}"
    (article,) = articles_in(mailbox(message("River rises", text)))
    assert article.text == text


def test_a_message_that_cannot_be_read_does_not_stop_the_rest() -> None:
    data = mailbox(message("Nothing", " "), message("River rises", RIVER))
    assert [article.origin for article in articles_in(data, "all.mbox")] == ["all.mbox/2"]
    (reason,) = reasons_in(data)
    assert "a message without text" in reason


def test_a_damaged_mailbox_gives_the_messages_that_are_left() -> None:
    data = BOX[: BOX.index(b"Relief workers") + 40]
    assert [one.title for one in articles_in(data)] == ["River rises", "Relief comes"]


@generated
@given(cut_or_altered(BOX))
def test_cut_and_altered_mailboxes(data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: BOX * n, 100),
        (lambda n: BOX + b"From a 18:02" * n, 20_000),
        (lambda n: BOX + b"\nFrom " * n, 50_000),
    ],
    ids=["messages", "starts", "lines"],
)
def test_linear_time(make, size: int) -> None:
    assert growth(articles_in, make, size) < LINEAR
