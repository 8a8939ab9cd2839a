"""Our words in the vocabularies of others: themes, file types and languages of the Publications Office of the European Union,
media types of IANA. What has no word there gets none: a wrong one would be worse.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leaderboard.datasets.standards.rdf import Iri

_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
THEMES: Final = Iri(f"{_AUTHORITY}data-theme")
OUR_SECTORS: Final = "urn:jiebang:sector:"
_THEMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "scientific-research": "TECH",
        "manufacturing": "ECON",
        "agriculture": "AGRI",
        "energy": "ENER",
        "transport": "TRAN",
        "finance": "ECON",
        "healthcare": "HEAL",
        "education": "EDUC",
        "commerce": "ECON",
        "human-resources": "SOCI",
        "culture-tourism": "EDUC",
        "emergency-management": "JUST",
        "meteorology": "ENVI",
        "green-low-carbon": "ENVI",
        "public-safety": "JUST",
        "urban-governance": "REGI",
        "low-altitude-economy": "TRAN",
        "industrial-internet": "TECH",
    }
)
THEME_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AGRI": "Agriculture, fisheries, forestry and food",
        "ECON": "Economy and finance",
        "EDUC": "Education, culture and sport",
        "ENER": "Energy",
        "ENVI": "Environment",
        "HEAL": "Health",
        "JUST": "Justice, legal system and public safety",
        "REGI": "Regions and cities",
        "SOCI": "Population and society",
        "TECH": "Science and technology",
        "TRAN": "Transport",
    }
)
"""What the Publications Office calls its themes in English; it has no Chinese names."""
SCHEME_NAME: Final = "Data theme"
_FILE_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text/csv": "CSV",
        "text/tab-separated-values": "TSV",
        "application/json": "JSON",
        "application/zip": "ZIP",
    }
)
_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"zh": "ZHO", "en": "ENG"})
RESTRICTED: Final = Iri(f"{_AUTHORITY}access-right/RESTRICTED")


def themes(sector: str) -> tuple[Iri, ...]:
    """A sector as a theme of the European Union, and as our own concept."""
    found = [Iri(OUR_SECTORS + sector)] if sector else []
    return (*([Iri(f"{THEMES}/{_THEMES[sector]}")] if sector in _THEMES else []), *found)


def theme_name(theme: Iri) -> str:
    """The English name of a theme of the European Union."""
    return THEME_NAMES[theme.rpartition("/")[2]]


def file_type(media_type: str) -> Iri | None:
    """The file type of a media type; None where we are not sure of one."""
    name = _FILE_TYPES.get(media_type)
    return Iri(f"{_AUTHORITY}file-type/{name}") if name else None


def media_type(text: str) -> Iri:
    """A media type as IANA's address of it."""
    return Iri(f"https://www.iana.org/assignments/media-types/{text}")


def language(tag: str) -> Iri | None:
    """The language of a BCP 47 tag: ISO 639-1 by the Library of Congress, ISO 639-3 by Lexvo where it has no two letters."""
    code = re.split("-", tag, maxsplit=1)[0].lower()
    if code in _LANGUAGES:
        return Iri(f"{_AUTHORITY}language/{_LANGUAGES[code]}")
    if len(code) == 2:
        return Iri(f"http://id.loc.gov/vocabulary/iso639-1/{code}")
    return Iri(f"http://lexvo.org/id/iso639-3/{code}") if len(code) == 3 else None


def licence(identifier: str) -> Iri:
    """A licence as SPDX's address of it; one that SPDX does not list gets a name of ours."""
    listed = not identifier.startswith("LicenseRef-")
    return Iri(f"https://spdx.org/licenses/{identifier}" if listed else f"urn:jiebang:licence:{identifier}")
