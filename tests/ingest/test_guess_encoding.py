"""Encodings that are guessed: read where they are sure, else refused, and never wrong."""

from __future__ import annotations

import contextlib

import pytest
from reading import articles_in, reasons_in, remarks_in

from rag.ingest.guess_encoding import guess_encoding

ENGLISH = (
    "The harbour board of Orlet voted on Tuesday to close the old ferry pier, its chair said. The "
    "pier carried 412 passengers a day last year.\n"
)
TEXTS = {
    "en": "The café on the harbour closed on Tuesday, its owner said. “We had no choice,” she told "
    "reporters. The board’s chair called it a façade.",
    "fr": "Le conseil municipal a voté mardi la fermeture de l’ancien embarcadère, a déclaré sa "
    "présidente. Les élèves ont été prévenus. « Nous n’avons pas eu le choix », a-t-elle ajouté.",
    "de": "Der Hafenausschuss hat am Dienstag beschlossen, den alten Fähranleger zu schließen. Die "
    "Kosten für die Überprüfung übernimmt die Gemeinde, hieß es.",
    "es": "La junta del puerto votó el martes cerrar el muelle, según dijo su presidenta. ¿Cuándo "
    "volverá a abrir? Nadie lo sabe todavía, respondió a los niños y niñas de la región.",
    "pl": "Zarząd portu zdecydował we wtorek o zamknięciu starego nabrzeża promowego, powiedziała "
    "jego przewodnicząca. Nauczyciele będą strajkować, zapowiedział związek. Święta minęły źle.",
    "cs": "Rada přístavu v úterý rozhodla o uzavření starého přívozu, řekla její předsedkyně. "
    "Učitelé budou od pondělí dva dny stávkovat, oznámily odbory. Školy zůstanou zavřené.",
    "ru": "Совет порта во вторник проголосовал за закрытие старого паромного причала, сообщила его "
    "председатель. В прошлом году им пользовались 412 пассажиров в день.",
    "th": "คณะกรรมการท่าเรือลงมติเมื่อวันอังคารให้ปิดท่าเรือข้ามฟากเก่า ประธานกล่าว "
    "ปีที่แล้วมีผู้โดยสารวันละ 412 คน ครูจะหยุดงานประท้วงสองวันตั้งแต่วันจันทร์",
    "ja": "港湾委員会は火曜日、古いフェリー乗り場を閉鎖することを決めたと委員長が述べた。"
    "昨年の利用者は一日四百十二人だった。",
    "zh": "港口委员会星期二投票决定关闭旧渡轮码头，主席说。去年每天有四百一十二名乘客使用该码头。",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("en", "cp1252"), ("fr", "cp1252"), ("de", "cp1252"), ("es", "cp1252"), ("pl", "cp1250"),
        ("pl", "iso8859-2"), ("cs", "cp1250"), ("cs", "iso8859-2"), ("ru", "cp1251"),
        ("ru", "koi8-r"), ("th", "cp874"), ("ja", "shift_jis"), ("ja", "euc_jp"),
        ("zh", "gb18030"),
    ],
)  # fmt: skip
def test_an_encoding_that_is_sure_is_read(language: str, encoding: str) -> None:
    data = TEXTS[language].encode(encoding)
    found = guess_encoding(data)
    assert data.decode(found) == TEXTS[language]


@pytest.mark.parametrize("language", ["en", "fr", "de", "es"])
@pytest.mark.parametrize("encoding", ["mac-roman", "cp850", "hp-roman8"])
def test_encodings_that_cannot_be_told_apart_are_refused(language: str, encoding: str) -> None:
    data = TEXTS[language].encode(encoding, "ignore")
    assert guess_encoding(data) == ""
    (reason,) = reasons_in(data)
    assert "save it as UTF-8" in reason


@pytest.mark.parametrize("word", ["во", "školy", "Čína", "będą", "Köprüsü’ne", "¶", "naïve"])
@pytest.mark.parametrize("encoding", ["cp1250", "cp1251", "cp1254", "mac-roman", "cp1257"])
def test_one_word_in_an_english_text_is_right_or_refused(word: str, encoding: str) -> None:
    text = f"{ENGLISH}{word}\n{ENGLISH}"
    with contextlib.suppress(UnicodeEncodeError):
        data = text.encode(encoding)
        found = guess_encoding(data)
        assert not found or data.decode(found) == text


def test_a_table_of_another_encoding_is_read_and_said_to_be() -> None:
    table = (
        '"title";"source";"published";"text"\n"Ferry pier to close – café";"The Orlet Courier";'
        f'"2023-05-04";"{ENGLISH.strip()}"\n'
    )
    (article,) = articles_in(table.encode("cp1252"))
    assert (article.title, article.text) == ("Ferry pier to close – café", ENGLISH.strip())
    assert remarks_in(table.encode("cp1252")) == ["not UTF-8: read as WINDOWS-1252, by its letters"]


def test_a_page_that_declares_nothing_is_guessed_too() -> None:
    page = f"<html><title>Café</title><body><article><p>{TEXTS['fr']}</p></article></body></html>"
    (article,) = articles_in(page.encode("cp1252"))
    assert "l’ancien embarcadère" in article.text
    assert remarks_in(page.encode("cp1252")) == ["not UTF-8: read as WINDOWS-1252, by its letters"]


@pytest.mark.parametrize("data", [b"\x93", b"\xe9" * 1000, bytes(range(128, 256)), b"a\xff" * 99])
def test_noise_is_no_text(data: bytes) -> None:
    assert guess_encoding(data) == ""
