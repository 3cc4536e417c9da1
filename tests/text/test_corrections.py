"""Notices that an article was put right, in the forms that papers give them, and what is none."""

from __future__ import annotations

import pytest

from rag.text.corrections import correction

BODY = "The mayor of Kep left office on Monday. He had served for two terms. " * 6


@pytest.mark.parametrize(
    "said",
    [
        "Correction: The mayor is 54, not 45.",
        "Corrections: Two names were misspelled.",
        "CORRECTION (12 May): The mayor is 54.",
        "Correction, 12/5/23, 2:55 PM ET: the price was listed incorrectly.",
        "Correction, May 3: The mayor is 54.",
        "* Correction — the mayor is 54.",
        "Clarification: The firm says it was not asked.",
        "Editor's correction: The mayor is 54.",
        "Retraction: The magazine has withdrawn its account.",
        "This article was amended on 3 May 2024. An earlier version said that he was 45.",
        "This story has been updated to correct the spelling of a name.",
        "This report was substantially revised to clarify what the minister was asked.",
        "Editor’s note: This post has been corrected to say 3,000, not 300.",
        "An earlier version of this article misstated his age.",
        "A previous version of the story incorrectly gave his age.",
        "(This Nov. 3 story has been corrected to say 3,000, not 300.)",
        "(This story corrects the spelling of the mayor's name in the second paragraph.)",
        "(Corrects the mayor's name in paragraph 2)",
        "We have retracted this article.",
        "Rectificatif : le maire a 54 ans, et non 45.",
        "Cet article a été corrigé le 3 mai : le maire a 54 ans.",
        "Une version précédente de cet article lui donnait 45 ans.",
        "Korrektur: Der Bürgermeister ist 54.",
        "In einer früheren Version dieses Artikels hieß es, er sei 45.",
        "Fe de errores: el alcalde tiene 54 años.",
        "تصحیح: میئر کی عمر 54 سال ہے۔",
        "ការកែតម្រូវ៖ អភិបាលមានអាយុ ៥៤ ឆ្នាំ។",
    ],
)
@pytest.mark.parametrize(
    "place", ["{0}\n\n{1}", "{1}\n\n{0}", "{1}{0}"], ids=["first", "last", "run on"]
)
def test_a_notice_is_found_at_either_end(said, place):
    assert said.strip("(*) ") in correction(place.format(said, BODY.strip() + " "))


@pytest.mark.parametrize(
    "said",
    [
        "Editor's note: Ann Lee is a professor of law.",
        "Corrections officers went on strike on Monday.",
        "Correction officers: what they do all day",
        "The correction came too late for him.",
        "A stock market correction — a fall of a tenth — came.",
        "Correction de tir : le maire part.",
        "The court corrected the earlier version of the bill.",
        "The original version of the story was told by Ovid.",
        "Clarification was sought by the court.",
        "He said this article of the constitution must be read with care.",
        "This post was updated with a statement by the firm.",
        "This story is published together with a local paper.",
    ],
)
@pytest.mark.parametrize("place", ["{0}\n\n{1}", "{1}\n\n{0}"], ids=["first", "last"])
def test_what_is_no_correction(said, place):
    assert correction(place.format(said, BODY)) == ""


def test_a_correction_in_the_middle_is_the_article_s_subject():
    assert correction(f"{BODY}\n\nCorrection: a word that brokers like.\n\n{BODY}") == ""


def test_a_notice_ends_with_its_paragraph():
    said = "Correction: He is 54. An earlier version of this article gave another age."
    assert correction(f"{said}\n{BODY}") == said
    assert correction(f"{BODY}\n{said}\nShare this") == said
    assert len(correction("Correction: " + "very " * 1000)) == 600
    assert correction("") == ""
