"""A few facts as RDF: triples without blank nodes, and their three usual forms.

Every node has an address of its own, so the same triples come out of every form. Nothing here knows what is described.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from leaderboard.submissions.service import plain

NAMESPACES: Final[Mapping[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",
    "cc": "http://creativecommons.org/ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "jiebang": "urn:jiebang:",
    "oa": "http://www.w3.org/ns/oa#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class Iri(str):
    """An address or a name, absolute, with nothing in it that an IRI may not hold."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, quote(text, safe=_IN_IRIS))


_IN_IRIS: Final = "".join(
    chr(code) for code in range(0x21, 0x7F) if chr(code) not in '<>"{}|^`\\'
)  # what is not ASCII is quoted too: every reader takes that


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in a language (``tag``, BCP 47), a value of a ``datatype`` (short: ``xsd:date``), or a plain text."""

    text: str
    tag: str = ""
    datatype: str = ""


Node = Iri | Literal
Triple = tuple[Iri, str, Node]
"""Subject, predicate (short: ``dct:title``), object."""


def named(short: str) -> Iri:
    """The whole of a short name: ``dcat:Dataset`` → its address."""
    prefix, _, name = short.partition(":")
    return Iri(NAMESPACES[prefix] + name)


def said(text: str, tag: str = "", datatype: str = "") -> Literal:
    """A literal without characters that do not print, which XML could not carry."""
    return Literal(plain(text), tag, datatype)


def facts(subject: Iri, kind: str, **said_of_it: "Node | Iterable[Node]") -> Iterator[Triple]:
    """Triples of one node: its class, then ``dct_title=…`` as ``dct:title``; one value or many."""
    yield subject, "rdf:type", named(kind)
    for key, given in said_of_it.items():
        short = key.replace("_", ":", 1)
        for value in (given,) if isinstance(given, Iri | Literal) else given:
            yield subject, short, value


def turtle(triples: Iterable[Triple]) -> str:
    """As Turtle 1.1, in the order of the triples; what is said twice is written once."""
    lines = [f"@prefix {prefix}: <{address}> ." for prefix, address in NAMESPACES.items()]
    for subject, said_of_it in _by_subject(triples).items():
        body = " ;\n    ".join(
            f"{'a' if short == 'rdf:type' else short} {', '.join(map(_turtle_node, values))}"
            for short, values in said_of_it.items()
        )
        lines.append(f"\n<{subject}>\n    {body} .")
    return "\n".join(lines) + "\n"


def _turtle_node(node: Node) -> str:
    if isinstance(node, Iri):
        return f"<{node}>"
    text = node.text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"' + (f"@{node.tag}" if node.tag else f"^^{node.datatype}" if node.datatype else "")


def json_ld(triples: Iterable[Triple]) -> dict[str, Any]:
    """As JSON-LD 1.1, flat, with all of its context inside: a reader fetches nothing."""
    nodes = []
    for subject, said_of_it in _by_subject(triples).items():
        node: dict[str, Any] = {"@id": subject}
        for short, values in said_of_it.items():
            if short == "rdf:type":
                node["@type"] = [str(value) for value in values]
            else:
                written = [_json_node(value) for value in values]
                node[short] = written if len(written) > 1 else written[0]
        nodes.append(node)
    return {"@context": dict(NAMESPACES), "@graph": nodes}


def _json_node(node: Node) -> dict[str, str]:
    if isinstance(node, Iri):
        return {"@id": node}
    if node.tag:
        return {"@value": node.text, "@language": node.tag}
    return {"@value": node.text, "@type": node.datatype} if node.datatype else {"@value": node.text}


def xml(triples: Iterable[Triple]) -> str:
    """As RDF 1.1 XML."""
    spaces = "".join(f" xmlns:{prefix}={quoteattr(address)}" for prefix, address in NAMESPACES.items())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<rdf:RDF{spaces}>"]
    for subject, said_of_it in _by_subject(triples).items():
        lines.append(f"<rdf:Description rdf:about={quoteattr(subject)}>")
        lines += [f"  {_xml_node(short, value)}" for short, values in said_of_it.items() for value in values]
        lines.append("</rdf:Description>")
    return "\n".join((*lines, "</rdf:RDF>")) + "\n"


def _xml_node(short: str, node: Node) -> str:
    if isinstance(node, Iri):
        return f"<{short} rdf:resource={quoteattr(node)}/>"
    kind = f' xml:lang="{node.tag}"' if node.tag else ""
    if node.datatype:
        kind = f" rdf:datatype={quoteattr(named(node.datatype))}"
    return f"<{short}{kind}>{escape(node.text)}</{short}>"


def written(triples: Iterable[Triple], form: str) -> tuple[bytes, str]:
    """The document in a form (``ttl``, ``jsonld`` or ``rdf``), and its media type."""
    if form == "jsonld":
        return json.dumps(json_ld(triples), ensure_ascii=False).encode(), MEDIA_TYPES[form]
    return (turtle(triples) if form == "ttl" else xml(triples)).encode(), MEDIA_TYPES[form]


MEDIA_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}


def _by_subject(triples: Iterable[Triple]) -> dict[Iri, dict[str, list[Node]]]:
    found: defaultdict[Iri, defaultdict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for subject, short, value in dict.fromkeys(triples):
        found[subject][short].append(value)
    return {subject: dict(said_of_it) for subject, said_of_it in found.items()}
