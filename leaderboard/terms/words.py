"""The fixed word lists of the exchange: each maps the key that documents hold to its English name, in the order of pages.

Sectors, tasks and modalities are those of challenges (`challenges.facets`). The names are messages.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dataset": "Dataset",
        "annotation": "Annotation capacity",
        "collection": "Data collection",
        "cleaning": "Data cleaning",
        "legal-audit": "Legal audit",
        "certification": "Certification",
        "talent": "Talent",
    }
)

SIZES: Final[Mapping[str, str]] = MappingProxyType(
    {"rows": "Rows", "bytes": "Bytes", "hours": "Hours", "images": "Images"}
)

FIELD_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "integer": "Whole number",
        "number": "Decimal number",
        "text": "Text",
        "category": "Category",
        "boolean": "Yes or no",
        "date": "Date",
        "time": "Date and time",
        "place": "Geographic place",
        "image": "Image",
        "audio": "Sound",
        "video": "Video",
    }
)

DELIVERIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "download": "Download",
        "api": "API",
        "in-place": "Computing where the data are",
        "privacy-computing": "Privacy computing",
        "on-site": "On site",
    }
)

PRICES: Final[Mapping[str, str]] = MappingProxyType(
    {"free": "Free", "fixed": "Fixed price", "range": "From – to", "on-request": "On request"}
)

EXCLUSIVITIES: Final[Mapping[str, str]] = MappingProxyType(
    {"never": "Never exclusive", "negotiable": "Exclusive on agreement", "only": "Exclusive only"}
)

SECURITIES: Final[Mapping[str, str]] = MappingProxyType(
    {"general": "General data", "important": "Important data", "core": "Core data"}
)
"""From the least to the most protected, as the Data Security Law grades data."""

PERSONAL: Final[Mapping[str, str]] = MappingProxyType(
    {"none": "No personal data", "masked": "Masked personal data", "contained": "With personal data"}
)
"""From the least to the most."""

CROSSINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"yes": "May leave the country", "no": "Stays in the country", "unknown": "Not known"}
)

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "use": "Use as it is",
        "derive": "Derive",
        "distribute": "Distribute",
        "commercialize": "Use commercially",
        "train-models": "Train models",
    }
)

PURPOSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "research": "Research",
        "education": "Education",
        "internal": "Internal use",
        "product": "Products and services",
        "public-service": "Public service",
    }
)

DUTIES: Final[Mapping[str, str]] = MappingProxyType(
    {"attribute": "Name the source", "share-alike": "Share under the same terms", "delete": "Delete after use"}
)

VISIBILITIES: Final[Mapping[str, str]] = MappingProxyType(
    {"public": "Open to all", "verified": "Verified suppliers", "blind": "Blind", "invited": "Invited suppliers"}
)

GRADES: Final[tuple[str, ...]] = ("C", "B", "A", "AA", "AAA")
"""From worst to best."""

CURRENCIES: Final[tuple[str, ...]] = ("CNY", "USD", "EUR", "HKD", "MOP", "GBP", "JPY", "SGD")

MUSTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "modality": "Kind of data",
        "language": "Languages",
        "region": "Geography",
        "delivery": "Delivery",
        "budget": "Budget",
        "personal": "Personal data",
        "certificate": "Certificate",
        "floors": "Quality floors",
    }
)
"""What a demand may insist on. Kind, usage, borders and security are always insisted on."""

FACTORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "relevance": "Relevance of the text",
        "scope": "Sector, task, modality, place and period",
        "fields": "Fields",
        "size": "Volume",
        "quality": "Quality beyond the floors",
        "freshness": "Freshness",
        "price": "Price",
        "delivery": "Delivery",
        "language": "Languages",
        "provenance": "Provenance",
    }
)
"""What fits more or less: each has a weight from 0 to 10 in a demand."""
