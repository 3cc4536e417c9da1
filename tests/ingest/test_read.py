"""Reading: saved pages, records and metadata to articles, and everything that can be wrong."""

from __future__ import annotations

import datetime
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import InputError
from rag.ingest import ArticleReader, Failure, read_articles
from rag.ingest.encoding import decode
from rag.ingest.failure import Unreadable
from rag.ingest.text_page.article import Found
from rag.ingest.text_page.split import read_page
from rag.types import Article

BUNDLED = Path(__file__).parents[2] / "index" / "articles"

RIVER = (
    "Officials in the northern province said on Monday that the river had risen by two metres "
    "overnight and that three villages were cut off."
)
RELIEF = (
    "Relief workers reached the first of the villages by boat at dawn, carrying rice and drinking "
    "water for about four hundred families there."
)
BRIDGE = (
    "The provincial governor, Sok Vanna, told reporters that the bridge would be closed until "
    "engineers had checked each of its eleven piers."
)
BANK = (
    "Shares in the country's largest bank fell by eight percent on Tuesday after it reported a "
    "loss that was wider than analysts had expected."
)
LOANS = (
    "The bank said that it had set aside more money for loans that are unlikely to be paid back, "
    "most of them to builders in the capital city."
)
BRANCH = (
    "Its chief executive told investors on a call that he expected the second half of the year "
    "to be better, and that no branch would close."
)


def read_all(path: Path) -> tuple[list[Article], list[Failure]]:
    reader = read_articles(path)
    return list(reader), reader.failures


def read_bytes(
    folder: Path, data: bytes, name: str = "page.txt"
) -> tuple[list[Article], list[str]]:
    (folder / name).write_bytes(data)
    articles, failures = read_all(folder / name)
    return articles, [failure.reason for failure in failures]


def only(text: str) -> Found:
    found = read_page(text)
    assert len(found) == 1
    return found[0]


# --- the bundled pages ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled() -> dict[str, Article]:
    articles, failures = read_all(BUNDLED)
    assert failures == []
    return {
        article.origin[:3] + article.origin.partition(".txt")[2]: article for article in articles
    }


@pytest.mark.parametrize(
    ("page", "title", "source", "author", "published"),
    [
        ("000", "Purported leaks distributed", "Phnom Penh Post", "", datetime.date(2017, 3, 2)),
        ("001", "US to Train Cambodian Government on Combating Cybercrime", "VOA Khmer", "", None),
        (
            "002#1",
            "Cambodia makes 1,000 arrests in latest crackdown on cybercrime",
            "AP",
            "",
            None,
        ),
        (
            "002#2",
            "Ceasefire: Hun Manet says brilliant results in achieved in Putrajaya",
            "New Straits Times",
            "Bernama",
            None,
        ),
        (
            "002#3",
            "Anwar applauded by US for brokering Cambodia-Thailand ceasefire",
            "New Straits Times",
            "Bernama",
            None,
        ),
        (
            "002#4",
            "#Showbiz: New TV show imagines China invasion, gives Taiwan viewers wake-up call",
            "New Straits Times",
            "",
            None,
        ),
        (
            "003",
            "Audio Leaks Raise Concerns over Security at P.M. Office",
            "",
            "Jahanzeb Aslam",
            None,
        ),
    ],
)
def test_bundled_fields(
    bundled: dict[str, Article],
    page: str,
    title: str,
    source: str,
    author: str,
    published: datetime.date | None,
) -> None:
    article = bundled[page]
    fields = (article.title, article.source, article.author, article.published)
    assert fields == (title, source, author, published)


def test_bundled_pages_hold_seven_articles(bundled: dict[str, Article]) -> None:
    assert sorted(bundled) == ["000", "001", "002#1", "002#2", "002#3", "002#4", "003"]
    assert len({article.id for article in bundled.values()}) == 7


@pytest.mark.parametrize(
    ("page", "starts", "ends"),
    [
        ("000", "Prime Minister Hun Sen's middle son, Hun Manith", "initiate an investigation."),
        ("001", "The United States has invited senior", "with VOA's Khmer Service."),
        ("002#1", "PHNOM PENH: Cambodia on Wednesday (July 16)", "operations in Poipet."),
        ("002#2", "PHNOM PENH: Cambodian Prime Minister", "conflict erupted last Thursday."),
        ("002#3", "KUALA LUMPUR: The United States", "the life of a Cambodian soldier."),
        ("002#4", "TAIPEI: A new Taiwanese television", 'face the dangers of the present."'),
        ("003", "Government officials seek to downplay", "sharing of data with the hacker."),
    ],
)
def test_bundled_text_is_the_article_whole(
    bundled: dict[str, Article], page: str, starts: str, ends: str
) -> None:
    assert bundled[page].text.startswith(starts)
    assert bundled[page].text.endswith(ends)


@pytest.mark.parametrize(
    "leftover",
    [
        "Paris Peace Accords",
        "Thursday, March 2, 2017",
        "Phnom Penh Post |",
        "Accessibility links",
        "Breaking News",
        "FILE -",
        "Hashtags",
        "Try Our",
        "Explore what",
        "Daily8",
        "omments",
        "Post a Comment",
        "Related Articles",
        "hours ago",
        "New Straits Times",
        "- AP",
        "– Bernama",
        "by Jahanzeb",
        "Home Latest News",
    ],
)
def test_bundled_texts_hold_no_leftover(bundled: dict[str, Article], leftover: str) -> None:
    assert [page for page, article in bundled.items() if leftover in article.text] == []


def test_bundled_texts_do_not_hold_their_titles(bundled: dict[str, Article]) -> None:
    assert not any(article.title in article.text for article in bundled.values())


def test_a_repeated_caption_is_kept_once(bundled: dict[str, Article]) -> None:
    assert bundled["000"].text.count("middle son, Hun Manith") == 1


def test_subheads_and_standfirst_stay(bundled: dict[str, Article]) -> None:
    assert "\n\nWin over young voters\n\n" in bundled["001"].text
    assert "\n\nAbility to tackle cybercrime\n\n" in bundled["001"].text
    assert "interior minister claiming matter" in bundled["003"].text


def test_each_article_of_a_page_has_its_own_sentences(bundled: dict[str, Article]) -> None:
    arrests = bundled["002#1"].text
    assert "312 people" in arrests
    assert "ceasefire" not in arrests
    assert "midnight on Monday" in bundled["002#2"].text
    assert "3pm" in bundled["002#3"].text
    assert "3pm" not in bundled["002#2"].text
    assert "Zero Day Attack" in bundled["002#4"].text


def test_bundled_texts_are_lines_of_their_pages(bundled: dict[str, Article]) -> None:
    for article in bundled.values():
        page = decode((BUNDLED / article.origin.partition("#")[0]).read_bytes())
        *lines, last = article.text.split("\n")
        assert set(lines) <= set(page.split("\n"))
        assert last in page


# --- other pages ---------------------------------------------------------------------------

MESSY = f"""River rises, three villages cut off | The Daily Example
Skip to content
Menu
News
World
Home > World > Asia
River rises, three villages cut off
Relief workers struggle to reach families
By Jane Doe and John Roe
Published: 3 May 2024
Updated 4 hours ago
Share this article
Photo: The river at dawn. Sok Dara/Reuters
{RIVER}
Advertisement
{RELIEF}
FILE PHOTO: The bridge before the flood, March 2019.
Read more: Ten floods that changed the country
Sign up for our newsletter
“We lost everything,” said one farmer.
What comes next
{BRIDGE}

Related stories
Bank shares fall
Minister resigns

© 2024 The Daily Example. All rights reserved.
Privacy policy"""


def test_messy_page() -> None:
    found = only(MESSY)
    assert found.title == "River rises, three villages cut off"
    assert (found.source, found.author) == ("The Daily Example", "Jane Doe and John Roe")
    assert found.published == datetime.date(2024, 5, 3)
    assert found.text.split("\n") == [
        "Relief workers struggle to reach families",
        RIVER,
        RELIEF,
        "“We lost everything,” said one farmer.",
        "What comes next",
        BRIDGE,
    ]


AGGREGATOR = f"""DigestHub
Trending
Bank shares fall after wide loss
The Gulf Ledger
2 hours ago
{BANK}
{LOANS}
{BRANCH} (Reuters)
Comments
I agree with every word of this, and I have been saying so for all of my life, as you know.
Related Articles

Straits Courier
29-07-2025
- Business
- Straits Courier
River rises, three villages cut off
{RIVER} {RELIEF} {BRIDGE} — AFP

Daily Planet
5 hours ago
Rice prices up again
Farmers say prices are up.

Khmer Courier
5 hours ago
Rice prices up again in the south
Farmers in the south of the country say that prices are up again this year, and many more...
"""


def test_aggregator_gives_each_article_its_own_fields_and_drops_teasers() -> None:
    bank, river = read_page(AGGREGATOR)
    assert bank == Found(
        "Bank shares fall after wide loss",
        "The Gulf Ledger",
        "Reuters",
        None,
        "\n".join((BANK, LOANS, BRANCH)),
    )
    assert river == Found(
        "River rises, three villages cut off",
        "Straits Courier",
        "AFP",
        datetime.date(2025, 7, 29),
        f"{RIVER} {RELIEF} {BRIDGE}",
    )


def test_blog_front_page_is_split_at_its_date_headers() -> None:
    page = f"""My Notes on the Region

Wednesday, May 1, 2024

Bank shares fall after wide loss

{BANK}

{LOANS}

Posted by Maria at 10:30 AM
No comments:
Post a Comment

Tuesday, April 30, 2024

River rises, three villages cut off

{RIVER}

{RELIEF}

Posted by Maria at 9:00 AM
No comments:"""
    first, second = read_page(page)
    assert (first.title, first.published) == (
        "Bank shares fall after wide loss",
        datetime.date(2024, 5, 1),
    )
    assert (second.title, second.published) == (
        "River rises, three villages cut off",
        datetime.date(2024, 4, 30),
    )
    assert first.text == f"{BANK}\n\n{LOANS}"
    assert second.text == f"{RIVER}\n\n{RELIEF}"
    assert first.author == second.author == ""


def test_whole_related_article_with_a_byline_is_an_article_of_its_own() -> None:
    river, bank = read_page(
        f"River rises, three villages cut off\n{RIVER}\n{RELIEF}\nRelated articles\n"
        f"Bank shares fall after wide loss\nBy John Roe | 2 May 2024\n{BANK}\n{LOANS}\n"
    )
    assert river.text == f"{RIVER}\n{RELIEF}"
    assert (bank.title, bank.author) == ("Bank shares fall after wide loss", "John Roe")
    assert bank.text == f"{BANK}\n{LOANS}"


def test_second_article_without_an_end_mark_starts_at_its_byline() -> None:
    river, bank = read_page(
        f"River rises, three villages cut off\nBy Jane Doe\n{RIVER}\n{RELIEF}\n\n"
        f"Bank shares fall after wide loss\nBy John Roe\n{BANK}\n{LOANS}\n"
    )
    assert (river.author, bank.author) == ("Jane Doe", "John Roe")
    assert (river.text, bank.text) == (f"{RIVER}\n{RELIEF}", f"{BANK}\n{LOANS}")


def test_text_goes_on_after_a_box_of_links() -> None:
    found = only(
        f"River rises, three villages cut off\n{RIVER}\n{RELIEF}\nRelated Articles\n"
        f"Bank shares fall\nMinister resigns after scandal\n{BRIDGE}\n{BANK}\n{LOANS}\n"
        "Most Read\n1\nBank shares fall\n"
    )
    assert found.text == "\n".join((RIVER, RELIEF, BRIDGE, BANK, LOANS))


def test_comment_count_in_the_head_does_not_end_the_article() -> None:
    standfirst = "Relief workers have struggled to reach families where the water keeps rising."
    found = only(
        f"River rises, three villages cut off\n{standfirst}\n3 Comments\nBy Jane Doe\n3 May 2024\n"
        f"{RIVER}\n{RELIEF}\nLeave a Reply\n{LOANS} I liked it.\n"
    )
    assert found.text == "\n".join((standfirst, RIVER, RELIEF))
    assert (found.author, found.published) == ("Jane Doe", datetime.date(2024, 5, 3))


def test_photo_agency_credit_does_not_end_the_article() -> None:
    found = only(
        f"River rises, villages cut off\n\n{RIVER}\n\n© AFP\n{RELIEF}\n© 2024 AFP\nAbout us"
    )
    assert found.text == f"{RIVER}\n\n{RELIEF}"


@pytest.mark.parametrize(
    ("line", "source", "author", "published"),
    [
        ("By JANE DOE, Associated Press", "Associated Press", "JANE DOE", None),
        ("By Jane Doe, Staff Writer", "", "Jane Doe", None),
        ("By Jane Doe on March 2, 2017", "", "Jane Doe", datetime.date(2017, 3, 2)),
        ("Written by Jean-Luc de la Tour", "", "Jean-Luc de la Tour", None),
        ("Cambodia Daily | 3 March 2017", "Cambodia Daily", "", datetime.date(2017, 3, 3)),
        ("3 March 2017 | Some Site", "Some Site", "", datetime.date(2017, 3, 3)),
        ("Jane Doe - March 2, 2017", "", "", datetime.date(2017, 3, 2)),
        ("Source: The Straw", "The Straw", "", None),
        ("Sok Dara | Publication date 03 May 2024 | 10:22 ICT", "", "", datetime.date(2024, 5, 3)),
        ("Issued on: 03/04/2024 - 10:22", "", "", None),
        ("Politics | 3 May 2024", "", "", datetime.date(2024, 5, 3)),
        ("Updated 3 May 2024", "", "", None),
        ("Last updated: May 3, 2024 10:30 AM", "", "", None),
        ("May 3, 2024 10:30 AM ET", "", "", datetime.date(2024, 5, 3)),
        ("03/04/2017", "", "", None),
        ("July 16", "", "", None),
        ("3 hours ago", "", "", None),
        ("Posted by admin on May 3, 2024", "", "", datetime.date(2024, 5, 3)),
    ],
)
def test_lines_below_the_title(
    line: str, source: str, author: str, published: datetime.date | None
) -> None:
    found = only(f"River rises, three villages cut off\n{line}\n{RIVER}\n{RELIEF}")
    assert found == Found(
        "River rises, three villages cut off", source, author, published, f"{RIVER}\n{RELIEF}"
    )


@pytest.mark.parametrize(
    "line",
    [
        "By the time the water fell, it was too late",
        "Subscribers to the newsletter had been warned",
        "Terms of the deal were not disclosed.",
        "Privacy policy changes alarm users",
        "Contact US troops, governor says",
        "Comments made in anger",
        "Share prices fell, too",
        "Home",
        "Opinion",
    ],
)
def test_subheads_in_the_body(line: str) -> None:
    found = only(f"River rises, three villages cut off\n{RIVER}\n{RELIEF}\n{line}\n{BRIDGE}")
    kept = line != "Home"
    assert (line in found.text.split("\n")) is kept
    assert found.text.endswith(BRIDGE)


@pytest.mark.parametrize(
    ("end", "agency"),
    [
        (" - AP", "AP"),
        (" – Bernama", "Bernama"),
        (" (Reuters)", "Reuters"),
        ("\n(AFP)", "AFP"),
        ("\nREUTERS", "REUTERS"),
        ("\n\n— AP/AFP", "AP/AFP"),
        (" -- BERNAMA", "BERNAMA"),
    ],
)
def test_sign_off_is_the_source_where_none_is_named(end: str, agency: str) -> None:
    found = only(f"River rises, three villages cut off\n{RIVER}\n{RELIEF}{end}\n")
    assert (found.source, found.author) == (agency, "")
    assert found.text == f"{RIVER}\n{RELIEF}"


@pytest.mark.parametrize(
    "end", [' "I came." – Julius Caesar', " - or so it seemed", " (Sok Vanna)"]
)
def test_what_is_no_sign_off_stays(end: str) -> None:
    found = only(f"River rises, three villages cut off\n{RIVER}{end}\n")
    assert found.text == RIVER + end
    assert (found.source, found.author) == ("", "")


def test_agency_of_the_dateline_is_the_source() -> None:
    text = f"PHNOM PENH, July 16 (Reuters) - {RIVER}"
    found = only(f"River rises, three villages cut off\n\n{text}")
    assert (found.source, found.text) == ("Reuters", text)


@pytest.mark.parametrize(
    ("head", "title", "source"),
    [
        ("Home Latest News Banks fall by eight percent\nBanks fall by eight percent", "", ""),
        ("Banks fall by eight percent - The Site\nBanks fall by eight percent", "", "The Site"),
        ("Banks fall by eight percent | World | My Site", "", "My Site"),
        ("Phnom Penh Post\nBanks fall by eight percent", "", "Phnom Penh Post"),
        ("Live TV\nRadio\nToday\nBanks fall by eight percent", "", ""),
        (
            "We use cookies. By staying you agree.\nBanks fall by eight percent",
            "",
            "",
        ),
        ("Who ordered the audits?", "Who ordered the audits?", ""),
        ("Audio leak at the P.M.", "Audio leak at the P.M.", ""),
        ("កម្ពុជាចាប់ខ្លួនមនុស្ស១០០០នាក់", "កម្ពុជាចាប់ខ្លួនមនុស្ស១០០០នាក់", ""),
        ("首页\n柬埔寨打击网络犯罪逮捕千余人", "柬埔寨打击网络犯罪逮捕千余人", ""),
        ("آڈیو لیکس سے سوالات", "آڈیو لیکس سے سوالات", ""),
    ],
    ids=lambda value: str(value)[:24],
)
def test_title_and_site(head: str, title: str, source: str) -> None:
    found = only(f"{head}\n\n{RIVER}\n\n{RELIEF}")
    assert found.title == (title or "Banks fall by eight percent")
    assert found.source == source
    assert found.text == f"{RIVER}\n\n{RELIEF}"


@pytest.mark.parametrize(
    "text",
    [
        f"{RIVER}\n\n{RELIEF}\n\nA subhead\n\n{BRIDGE}",
        "The government said on Tuesday that it would\nclose the bridge until engineers had come.",
        "Hello",
        "ភ្នំពេញ៖ រដ្ឋាភិបាលកម្ពុជាបាននិយាយថា បានចាប់ខ្លួនមនុស្ស។\n\nប៉ូលិសបានរឹបអូសឧបករណ៍។",
        "柬埔寨政府星期三表示,本周已逮捕一千多名嫌疑人。\n警方还缴获了设备。",
        "پاکستان میں گفتگو کی ریکارڈنگ لیک ہونا کوئی نئی بات نہیں۔\n\nوزیر نے کہا۔",
    ],
    ids=["paragraphs", "wrapped", "one-word", "khmer", "chinese", "urdu"],
)
def test_page_without_a_title_keeps_all_its_text(text: str) -> None:
    assert only(text) == Found(text=text)


def test_blank_lines_stay_between_paragraphs_and_go_with_what_is_left_out() -> None:
    found = only(f"\n\nRiver rises\n\n\n{RIVER}\n\n\nAdvertisement\n\n{RELIEF}\n\n")
    assert found.text == f"{RIVER}\n\n\n{RELIEF}"


def test_short_repeated_lines_are_no_repeated_caption() -> None:
    text = f"{RIVER}\nWhy?\n{RELIEF}\nWhy?\n{BRIDGE}"
    assert only(f"Talk with the governor\n{text}").text == text


LINES = st.sampled_from(
    [
        *(MESSY + AGGREGATOR).split("\n"),
        "",
        "By Jane Doe",
        "Thursday, March 2, 2017",
        "No comments:",
        "– AP",
        "Related Articles",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(LINES, max_size=30).map("\n".join)))
def test_every_kept_line_is_a_line_of_the_page(text: str) -> None:
    try:
        found = read_page(text)
    except Unreadable:
        return
    page = text.split("\n")
    for article in found:
        *lines, last = article.text.split("\n")
        assert article.text.strip()
        assert set(lines) <= set(page)
        assert any(line.startswith(last) for line in page)
        assert article.title in text


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "x" * 1_000_000,
        "FILE - " + "word " * 200_000,
        "\n".join(f"short line {n}" for n in range(100_000)),
        "\n".join(["Related Articles", "A title stands here", RIVER] * 30_000),
        "\n".join(["1 " * 75] * 20_000),
        "\n" * 1_000_000 + "word",
    ],
    ids=["words", "one-word", "photo", "short-lines", "boxes", "numbers", "blank"],
)
def test_reading_takes_linear_time(text: str) -> None:
    start = time.perf_counter()
    assert read_page(text)
    assert time.perf_counter() - start < 20  # seconds; about one on a free core


# --- decoding ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    text = f"Sân bay mới mở cửa – “hôm nay”\n\n{RIVER}"
    articles, reasons = read_bytes(tmp_path, text.replace("\n", end).encode(encoding))
    assert reasons == []
    assert (articles[0].title, articles[0].text) == ("Sân bay mới mở cửa – “hôm nay”", RIVER)


def test_nothing_is_normalised(tmp_path: Path) -> None:
    text = "“ﬁve” cafe\u0301 ½ \u00a0 ‘quoted’ " + RIVER
    articles, _ = read_bytes(tmp_path, text.encode())
    assert articles[0].text == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("Caf\xe9 au lait".encode("latin-1"), "not UTF-8 (at byte 3): save it as UTF-8"),
        (b"abc\x00def", "binary"),
        ("Title".encode("utf-16-le"), "binary"),
        (b"\x89PNG\r\n\x1a\n", "binary"),
        (b"%PDF-1.7\n", "a broken PDF"),
        (b"PK\x03\x04", "a broken zip"),
        (b"\xff\xfea", "not UTF-16"),
        (b"\xed\xa0\x80", "not UTF-8"),
        (b"<!DOCTYPE html>\n<html><p>Hi</p></html>", "HTML"),
        (b"Menu\nHome\nRelated Articles\n", "no article text"),
        (b'[\n {"text": "x"}\n]', "not JSON Lines"),
        (b'{\n "text": "x"\n}', "not JSON Lines"),
        (b"title,text\n", "no records"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_unreadable_files_are_failures(tmp_path: Path, data: bytes, reason: str) -> None:
    articles, reasons = read_bytes(tmp_path, data)
    assert articles == []
    assert len(reasons) == 1
    assert reason in reasons[0]


# --- records -------------------------------------------------------------------------------


def test_json_lines(tmp_path: Path) -> None:
    record = {
        "body": "Line one.\r\nLine two.",
        "title": " A title ",
        "id": 7,
        "source": "The Example",
        "author": ["Jane Doe", "John Roe"],
        "category": "world",
        "published_at": "2023-11-27 08:45:59.000000000Z",
        "url": "https://example.org/a",
        "language": "en",
    }
    data = json.dumps(record) + "\n\n" + '{"text": "More.\\u2028Still.", "author": null}\n'
    articles, reasons = read_bytes(tmp_path, data.encode(), "odd.txt")
    assert reasons == []
    assert articles[0] == Article(
        "Line one.\nLine two.",
        title="A title",
        id="7",
        source="The Example",
        author="Jane Doe, John Roe",
        published=datetime.date(2023, 11, 27),
        url="https://example.org/a",
        language="en",
        origin="odd.txt#1",
    )
    assert (articles[1].text, articles[1].origin) == ("More.\u2028Still.", "odd.txt#2")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "x"', "line 2: not JSON"),
        ("not json", "line 2: not JSON"),
        ("[" * 100_000, "line 2: not JSON"),
        ('{"text": ' + "1" * 5000 + "}", "line 2:"),
        ("[1]", "line 2: not an object"),
        ('{"title": "x"}', "line 2: no text"),
        ('{"text": null, "body": "  "}', "line 2: no text"),
        ('{"text": ["x"]}', "line 2: the text is not a string"),
        ('{"text": "a \\ud800 b"}', "line 2: the text holds half a surrogate"),
        ('{"text": "a \\u0000 b"}', "line 2: the text holds a NUL"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_broken_record_does_not_stop_the_rest(tmp_path: Path, line: str, reason: str) -> None:
    data = '{"text": "first"}\n' + line + '\n{"text": "third"}\n'
    articles, reasons = read_bytes(tmp_path, data.encode(), "a.jsonl")
    assert [article.origin for article in articles] == ["a.jsonl#1", "a.jsonl#3"]
    assert len(reasons) == 1
    assert reasons[0].startswith(reason)


@pytest.mark.parametrize("first", ["{broken", "{}", '{"text": '], ids=["word", "empty", "cut"])
def test_broken_first_line_is_still_json_lines(tmp_path: Path, first: str) -> None:
    articles, reasons = read_bytes(tmp_path, f'{first}\n{{"text": "second"}}'.encode())
    assert [article.text for article in articles] == ["second"]
    assert len(reasons) == 1
    assert reasons[0].startswith("line 1:")


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ('"published": "July 16"', "date 'July 16' is not a full date"),
        ('"published": 1700000000', "is not a full date"),
        ('"published": "03/04/2017"', "is not a full date"),
        ('"url": "javascript:alert(1)"', "url does not start with http"),
        ('"title": "\\ud800"', "title holds half a surrogate"),
        ('"source": {"name": "x"}', "source is neither text nor"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_unreadable_field_is_left_empty_and_reported(
    tmp_path: Path, field: str, reason: str
) -> None:
    articles, reasons = read_bytes(tmp_path, f'{{"text": "x", {field}}}'.encode())
    assert articles == [Article("x", origin="page.txt#1")]
    assert len(reasons) == 1
    assert reasons[0].startswith("line 1: ")
    assert reason in reasons[0]


def test_csv(tmp_path: Path) -> None:
    long = "word " * 300_000
    data = (
        "\ufeffTitle,Body,published\r\n"
        '"A, title","Para one.\r\n\r\nSaid ""yes"".",2 March 2017\r\n'
        "\r\n"
        f"B,{long},\r\n"
    )
    articles, reasons = read_bytes(tmp_path, data.encode(), "table.txt")
    assert reasons == []
    assert articles[0].text == 'Para one.\n\nSaid "yes".'
    assert (articles[0].title, articles[0].published) == ("A, title", datetime.date(2017, 3, 2))
    assert (articles[1].text, articles[1].origin) == (long, "table.txt#2")


@pytest.mark.parametrize("delimiter", [";", "\t"], ids=["semicolon", "tab"])
def test_csv_delimiters(tmp_path: Path, delimiter: str) -> None:
    data = delimiter.join(("text", "title")) + "\n" + delimiter.join(("Body, here", "T"))
    articles, _ = read_bytes(tmp_path, data.encode())
    assert (articles[0].text, articles[0].title) == ("Body, here", "T")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,One, two", "line 2: 3 cells under 2 columns"),
        ("A,", "line 2: no text"),
        ('A,"x"y', "line 2: broken quoting"),
    ],
)
def test_broken_row_does_not_stop_the_rest(tmp_path: Path, row: str, reason: str) -> None:
    articles, reasons = read_bytes(tmp_path, f"title,text\n{row}\nB,Two\n".encode())
    assert [article.origin for article in articles] == ["page.txt#2"]
    assert len(reasons) == 1
    assert reasons[0].startswith(reason)


def test_unclosed_quote_names_the_lines_that_are_lost(tmp_path: Path) -> None:
    articles, reasons = read_bytes(tmp_path, b'title,text\nA,One\nB,"Two\nC,Three\n')
    assert [article.text for article in articles] == ["One"]
    assert reasons[0].startswith("line 3: broken quoting")
    assert "line 4" in reasons[0]


def test_page_that_starts_like_a_table_is_a_page(tmp_path: Path) -> None:
    articles, _ = read_bytes(tmp_path, f"Text, body and soul\n\n{RIVER}".encode())
    assert (articles[0].title, articles[0].text) == ("Text, body and soul", RIVER)


# --- metadata.csv --------------------------------------------------------------------------

TWO = (
    f"River rises, three villages cut off\nBy Jane Doe\n{RIVER}\n{RELIEF}\n\n"
    f"Bank shares fall after wide loss\nBy John Roe\n{BANK}\n{LOANS}\n"
)
HEADER = "file,ordinal,title,source,author,published,url\n"


def with_metadata(folder: Path, rows: str) -> tuple[list[Article], list[Failure]]:
    (folder / "one.txt").write_text(f"River rises\n\n{RIVER}")
    (folder / "two.txt").write_text(TWO)
    (folder / "metadata.csv").write_text(rows)
    return read_all(folder)


def test_metadata_fills_and_corrects_fields(tmp_path: Path) -> None:
    rows = (
        "one.txt,,,The Example,,3 May 2024,https://example.org\n"
        "two.txt,2,Bank falls,,,2024-05-01,\n"
    )
    (one, river, bank), failures = with_metadata(tmp_path, HEADER + rows)
    assert failures == []
    assert (one.title, one.source, one.url) == ("River rises", "The Example", "https://example.org")
    assert one.published == datetime.date(2024, 5, 3)
    assert (river.title, river.author) == ("River rises, three villages cut off", "Jane Doe")
    assert (bank.title, bank.author) == ("Bank falls", "John Roe")
    # The id follows the corrected fields, as if the page had said so itself.
    assert bank == Article(
        bank.text, "Bank falls", "", "", "John Roe", bank.published, origin="two.txt#2"
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (HEADER + "gone.txt,,,X,,,\n", "line 2: no file gone.txt beside it"),
        (HEADER + "two.txt,3,,X,,,\n", "line 2: two.txt holds 2 articles, none with ordinal 3"),
        (HEADER + "two.txt,,,X,,,\n", "line 2: two.txt holds 2 articles: say which"),
        (HEADER + "one.txt,x,,X,,,\n", "line 2: ordinal 'x' is not a number"),
        (HEADER + "one.txt,0,,X,,,\n", "line 2: ordinal '0' is not a number"),
        (HEADER + "one.txt,1,,,,July 16,\n", "line 2: date 'July 16'"),
        (HEADER + "one.txt,1,,,,,ftp://x\n", "line 2: url does not"),
        (HEADER + "one.txt,1,,X,,,\none.txt,,,Y,,,\n", "line 3: a second row for one.txt"),
        (HEADER + ",1,,X,,,\n", "line 2: no file named"),
        ("file,publisher\none.txt,X\n", "line 1: unknown column 'publisher'; known columns: file,"),
        ("title\nX\n", "line 1: no column file"),
        ("", "empty"),
    ],
    ids=lambda value: str(value).removeprefix(HEADER).strip()[:24],
)
def test_metadata_failures(tmp_path: Path, rows: str, reason: str) -> None:
    articles, failures = with_metadata(tmp_path, rows)
    assert len(articles) == 3
    assert len(failures) == 1
    assert failures[0].file == "metadata.csv"
    assert failures[0].reason.startswith(reason)


def test_metadata_beside_a_single_file(tmp_path: Path) -> None:
    with_metadata(tmp_path, HEADER + "one.txt,,,The Example,,,\ntwo.txt,1,,X,,,\n")
    articles, failures = read_all(tmp_path / "one.txt")
    assert [article.source for article in articles] == ["The Example"]
    assert failures == []


# --- files and folders ---------------------------------------------------------------------


def test_folder_is_read_in_order_and_one_bad_file_does_not_stop_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "b.txt").write_text(RIVER)
    (tmp_path / "a.txt").write_bytes(b"\xff")
    (tmp_path / "sub" / "c.jsonl").write_text('{"text": "c"}\nbroken\n')
    (tmp_path / ".hidden" / "d.txt").write_text(RIVER)
    (tmp_path / ".e.txt").write_text(RIVER)
    articles, failures = read_all(tmp_path)
    assert [article.origin for article in articles] == ["b.txt", "sub/c.jsonl#1"]
    assert [failure.file for failure in failures] == ["a.txt", "sub/c.jsonl"]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.txt").write_text(RIVER)
    (folder / "a.txt").write_text(RIVER)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "linked").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    articles, failures = read_all(folder)
    assert [article.origin for article in articles] == ["a.txt"]
    assert [failure.file for failure in failures] == ["link.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "a.txt").write_text(RIVER)
    articles, _ = read_all(tmp_path)
    assert [article.origin for article in articles] == ["a.txt"]


def test_file_that_vanishes_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RIVER)
    reader = read_articles(tmp_path)
    (tmp_path / "a.txt").unlink()
    assert list(reader) == []
    assert reader.failures[0].file == "a.txt"
    assert "cannot be read" in reader.failures[0].reason


def test_missing_path_and_empty_folder_are_errors_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        read_articles(tmp_path / "missing")
    (tmp_path / "metadata.csv").write_text(HEADER)
    with pytest.raises(InputError, match="no article files"):
        read_articles(tmp_path)


def test_failures_grow_while_the_reader_is_iterated(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\nbroken\n{"text": "three"}\n')
    reader = read_articles(str(tmp_path / "a.jsonl"))
    assert isinstance(reader, ArticleReader)
    assert iter(reader) is reader
    assert next(reader).text == "one"
    assert reader.failures == []
    assert next(reader).text == "three"
    assert len(reader.failures) == 1
    assert reader.failures[0] == Failure("a.jsonl", reader.failures[0].reason)
