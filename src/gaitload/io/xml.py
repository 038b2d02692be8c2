"""XML that cannot reach beyond its own file."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from lxml import etree

from gaitload.errors import DataError
from gaitload.io.files import require_content


def parse_xml(path: Path) -> etree._ElementTree:
    """Parse an XML file of any size, such as a model, that declares no document type and so no entities.

    Entities can read other files of the machine or grow without bound; no OpenSim file needs one.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `XML_ENTITY` for any document type declaration, `XML_BROKEN`.
    """
    path = require_content(path)
    with path.open("rb") as handle:
        return parse_xml_from(handle, path)


def parse_xml_from(handle: BinaryIO, path: Path) -> etree._ElementTree:
    """Parse an open file, or one inside of an archive; `path` is named in errors, which are those of `parse_xml`."""
    try:
        _refuse_document_type(handle, path)
        handle.seek(0)
        return etree.parse(handle, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    # An encoding that Python does not know, or knows for something else than texts, is no error of the parser's own.
    except (expat.ExpatError, etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise _error("XML_BROKEN", path, "well-formed XML", str(error)) from error


def _refuse_document_type(handle: BinaryIO, path: Path) -> None:
    # Before lxml sees the file: a declaration is refused while its entities are still unread.
    def refuse(name: str, *_: object) -> None:
        raise _error("XML_ENTITY", path, "XML without a document type", f"<!DOCTYPE {name}")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.ParseFile(handle)


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = "Use a file as OpenSim writes it; take out document types and entities by hand if it came from elsewhere."
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
