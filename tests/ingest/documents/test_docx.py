"""Word documents: all that they show, with the fields that can be believed."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from growth import LINEAR, growth
from hypothesis import given
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

from rag.ingest import UPLOADS, Budget
from rag.ingest.failure import Unreadable
from rag.ingest.formats import read
from rag.ingest.source import Source
from rag.types import Article


def saved(document: Document) -> bytes:
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def article() -> Document:
    document = docx.Document()
    document.core_properties.title = "Template of the desk"
    document.core_properties.author = "Sok Chan"
    document.core_properties.created = datetime.datetime(2020, 1, 1)
    document.core_properties.language = "en-GB"
    document.add_heading("River rises", 0)
    document.add_paragraph("By Ida Brun")
    document.add_paragraph("9 May 2023")
    document.add_paragraph(RIVER)
    document.add_heading("What comes next", 2)
    document.add_paragraph(RELIEF)
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Village", "Families", "Kratie", "400"), strict=True):
        cell.text = text
    return document


def changed(data: bytes, name: str, change: Callable[[str], str], **more: str) -> bytes:
    """A package with one of its files changed, and others added."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for entry in old.namelist():
            content = old.read(entry)
            new.writestr(entry, change(content.decode()) if entry == name else content)
        for entry, content in more.items():
            new.writestr(entry, content)
    return packed.getvalue()


def test_fields_and_text() -> None:
    assert articles_in(saved(article()), "a.docx") == [
        Article(
            f"{RIVER}\nWhat comes next\n{RELIEF}\nVillage\tFamilies\nKratie\t400",
            title="River rises",
            author="Ida Brun",
            published=datetime.date(2023, 5, 9),
            language="en-GB",
            origin="a.docx",
            format="docx",
        )
    ]


def test_fields_of_the_document_are_used_where_the_text_has_none() -> None:
    document = docx.Document()
    document.core_properties.title = "River rises"
    document.core_properties.author = "Sok Chan"
    document.add_paragraph(f"{RIVER} {RELIEF}")
    document.add_paragraph(BRIDGE)
    (found,) = articles_in(saved(document))
    assert found.text == f"{RIVER} {RELIEF}\n{BRIDGE}"
    assert (found.title, found.author, found.published) == ("River rises", "Sok Chan", None)


def test_fields_that_a_program_fills_are_not_believed() -> None:
    document = docx.Document()  # Its author is "python-docx", its day that of a template.
    document.core_properties.title = "Microsoft Word - river.docx"
    document.add_paragraph(f"{RIVER} {RELIEF}")
    (found,) = articles_in(saved(document))
    assert (found.title, found.author, found.published) == ("", "", None)


W = nsdecls("w")
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:r><w:t>rose</w:t></w:r><w:del><w:r><w:delText>fell</w:delText></w:r></w:del>", "rose"),
        ("<w:ins><w:r><w:t>rose</w:t></w:r></w:ins>", "rose"),
        ("<w:sdt><w:sdtContent><w:r><w:t>rose</w:t></w:r></w:sdtContent></w:sdt>", "rose"),
        ("<w:hyperlink><w:r><w:t>rose</w:t></w:r></w:hyperlink>", "rose"),
        ("<w:smartTag><w:r><w:t>rose</w:t></w:r></w:smartTag>", "rose"),
        ("<w:r><w:t xml:space='preserve'>rose </w:t><w:tab/><w:t>2</w:t></w:r>", "rose \t2"),
        ("<w:r><w:t>well</w:t><w:noBreakHyphen/><w:t>known</w:t></w:r>", "well\u2011known"),
        ("<w:r><w:t>in</w:t><w:softHyphen/><w:t>formed</w:t></w:r>", "informed"),
        (
            f"<mc:AlternateContent xmlns:mc='{_MC}'>"
            "<mc:Choice><w:r><w:t>rose</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>rose</w:t></w:r></mc:Fallback></mc:AlternateContent>",
            "rose",
        ),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>fell</w:t></w:r><w:r><w:t>rose</w:t></w:r>", "rose"),
        ("<w:moveFrom><w:r><w:t>fell</w:t></w:r></w:moveFrom><w:r><w:t>rose</w:t></w:r>", "rose"),
    ],
)
def test_what_word_shows_is_the_text(xml: str, text: str) -> None:
    document = docx.Document()
    document.add_paragraph(RIVER)
    body = document.element.body
    body.insert(1, parse_xml(f"<w:p {W}><w:r><w:t xml:space='preserve'>It </w:t></w:r>{xml}</w:p>"))
    (found,) = articles_in(saved(document))
    assert found.text == f"{RIVER}\nIt {text}"


def test_a_text_box_is_read_once() -> None:
    document = docx.Document()
    document.add_paragraph(RIVER)
    box = f"<w:txbxContent {W}><w:p><w:r><w:t>{RELIEF}</w:t></w:r></w:p></w:txbxContent>"
    document.add_paragraph(BRIDGE)._p.append(parse_xml(box))
    (found,) = articles_in(saved(document))
    assert found.text == f"{RIVER}\n{RELIEF}\n{BRIDGE}"


def test_footnotes_follow_the_text() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    notes = (
        f"<w:footnotes {W}><w:footnote w:type='separator' w:id='-1'><w:p><w:r><w:t>-</w:t></w:r>"
        "</w:p></w:footnote><w:footnote w:id='1'><w:p><w:r><w:footnoteRef/><w:t>By Monday noon."
        "</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    link = f"<Relationship Id='rId99' Type='{kind}' Target='footnotes.xml'/></Relationships>"
    data = changed(
        saved(article()),
        "word/_rels/document.xml.rels",
        lambda rels: rels.replace("</Relationships>", link),
        **{"word/footnotes.xml": notes},
    )
    data = changed(
        data, "[Content_Types].xml", lambda types: types.replace(
            "</Types>",
            "<Override PartName='/word/footnotes.xml' ContentType='application/vnd.openxmlformats-"
            "officedocument.wordprocessingml.footnotes+xml'/></Types>",
        ),
    )  # fmt: skip
    (found,) = articles_in(data)
    assert found.text.endswith("Kratie\t400\n\nBy Monday noon.")


def test_a_document_with_macros_is_read_without_them() -> None:
    data = changed(
        saved(article()), "[Content_Types].xml", lambda types: types.replace(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
        **{"word/vbaProject.bin": "Sub AutoOpen()"},
    )  # fmt: skip
    (found,) = articles_in(data)
    assert (found.title, "AutoOpen" in found.text) == ("River rises", False)


def test_a_document_in_the_strict_form_of_the_standard() -> None:
    data = saved(article())
    for name, kind in (
        ("_rels/.rels", "officeDocument"),
        ("word/document.xml", "wordprocessingml"),
    ):
        old, new = f"schemas.openxmlformats.org/{kind}/2006", f"purl.oclc.org/ooxml/{kind}"
        data = changed(data, name, lambda xml, old=old, new=new: xml.replace(old, new))
    (found,) = articles_in(data)
    assert (found.title, found.author) == ("River rises", "Ida Brun")


def test_an_export_of_a_database_in_a_document() -> None:
    document = docx.Document()
    for line in (
        "River rises", "The Orlet Courier", "May 9, 2023 Tuesday", "",
        "Copyright 2023 The Orlet Courier All Rights Reserved", "",
        "Section: NEWS; Pg. 3", "Length: 22 words", "Byline: Ida Brun",
        "", "Body", "", RIVER, "", RELIEF, "", "Load-Date: May 9, 2023", "", "End of Document",
    ):  # fmt: skip
        document.add_paragraph(line)
    (found,) = articles_in(saved(document), "a.docx")
    assert found == Article(
        found.text,
        title="River rises",
        source="The Orlet Courier",
        author="Ida Brun",
        published=datetime.date(2023, 5, 9),
        section="NEWS",
        origin="a.docx",
        format=found.format,
    )
    assert found.text.split("\n\n") == [RIVER, RELIEF]


# --- damaged, and made to do harm --------------------------------------------------------------


def test_damaged_documents_are_refused() -> None:
    data = saved(article())
    for broken in (data[:-200], data[:3000], changed(data, "word/document.xml", lambda s: s[:-30])):
        (reason,) = reasons_in(broken)
        assert "a broken document: open it in its program" in reason
    (reason,) = reasons_in(saved(docx.Document()))
    assert "a document without text" in reason


def test_entities_are_not_expanded(tmp_path) -> None:
    (tmp_path / "secret").write_text("A secret of the machine")
    for entity in (f'SYSTEM "{tmp_path}/secret"', '"rose and rose"'):
        head = f"<!DOCTYPE a [<!ENTITY e {entity}>]>"
        data = changed(
            saved(article()),
            "word/document.xml",
            lambda xml, head=head: xml.replace("?>", f"?>{head}", 1).replace("rises", "&e;"),
        )
        for found in articles_in(data):
            assert "secret" not in found.text + found.title
            assert "rose and rose" not in found.text + found.title


def test_a_bomb_is_counted_as_it_unpacks() -> None:
    packed = io.BytesIO(saved(article()))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("_rels/.rels2", b"0" * 50_000_000)
    budget = Budget(replace(UPLOADS, file_bytes=1_000_000))
    with pytest.raises(Unreadable, match="more than 1 MB"):
        list(read(Source("a.docx", packed.getvalue(), budget)))
    assert budget.unpacked < 2_000_000


def test_deep_nesting_is_refused_or_read() -> None:
    deep = "<w:sdt><w:sdtContent>" * 5000 + "</w:sdtContent></w:sdt>" * 5000
    holds(
        changed(
            saved(article()),
            "word/document.xml",
            lambda xml: xml.replace("<w:p>", deep + "<w:p>", 1),
        )
    )


@generated
@given(cut_or_altered(saved(article())))
def test_cut_and_altered_documents(data: bytes) -> None:
    holds(data)


def test_linear_time() -> None:
    def make(paragraphs: int) -> bytes:
        text = f"<w:p><w:r><w:t>{RIVER}</w:t></w:r></w:p>" * paragraphs
        table = "<w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr>" * paragraphs
        inside = f"{text}<w:tbl>{table}</w:tbl>"
        return changed(
            saved(article()),
            "word/document.xml",
            lambda xml: xml.replace("<w:sectPr", inside + "<w:sectPr", 1),
        )

    assert growth(articles_in, make, 1000) < LINEAR
