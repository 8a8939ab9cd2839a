"""A listing for machines: JSON-LD in the words of schema.org, and its terms of use as an ODRL offer."""

from typing import Any, Final

from pydantic import JsonValue

from leaderboard.core.i18n import translate
from leaderboard.exchange.listings.service import Offer
from leaderboard.terms import odrl
from leaderboard.terms.listing import Price
from leaderboard.terms.words import KINDS

SCHEMA: Final = "https://schema.org/"
_SPDX: Final = "https://spdx.org/licenses/"


def policy(offer: Offer, address: str) -> dict[str, JsonValue]:
    """The terms of use as an ODRL offer on the listing at ``address``, by its supplier's page."""
    site = address.rpartition("/listings/")[0]
    assigner = f"{site}/organizations/{offer.document.supplier}"
    return odrl.offer(offer.document.policy, uid=f"{address}/policy.json", target=address, assigner=assigner)


def document(offer: Offer, address: str, locale: str) -> dict[str, Any]:
    """A ``Dataset`` or a ``Service`` with its offer. What is not said is left out."""
    listing, site = offer.document, address.rpartition("/listings/")[0]
    said: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": "Dataset" if listing.kind == "dataset" else "Service",
        "@id": address,
        "url": address,
        "name": offer.title.said(locale),
        "description": offer.summary.said(locale),
        "provider": {
            "@type": "Organization",
            "name": offer.organization,
            "url": f"{site}/organizations/{listing.supplier}",
        },
        "offers": _offer(listing.price, address),
        "usageInfo": f"{address}/policy.json",
    }
    if listing.kind == "dataset":
        said |= _data(offer, site)
    else:
        said["serviceType"] = translate(locale, KINDS[listing.kind])
        said["areaServed"] = list(listing.regions)
    return {name: value for name, value in said.items() if value not in ("", None, [])}


def _data(offer: Offer, site: str) -> dict[str, Any]:
    listing = offer.document
    first, last = (day.isoformat() if day else ".." for day in (listing.period.first, listing.period.last))
    return {
        "creator": {"@type": "Organization", "name": offer.organization},
        "license": f"{_SPDX}{listing.policy.licence}" if listing.policy.licence else None,
        "inLanguage": list(listing.languages),
        "spatialCoverage": list(listing.regions),
        "temporalCoverage": None if first == last == ".." else f"{first}/{last}",
        "dateModified": listing.updated.isoformat() if listing.updated else None,
        "isBasedOn": f"{site}/datasets/{offer.dataset_slug}" if offer.dataset_slug else None,
        "isAccessibleForFree": None if listing.price is None else listing.price.model == "free",
        "variableMeasured": [
            {"@type": "PropertyValue", "name": field.name, **({"unitText": field.unit} if field.unit else {})}
            for field in listing.fields
        ],
    }


def _offer(price: Price | None, address: str) -> dict[str, Any]:
    offer: dict[str, Any] = {"@type": "Offer", "url": address}
    if price is None or price.span is None:
        return offer
    low, high = price.span
    if low == high:
        return offer | {"price": low, "priceCurrency": price.currency}
    return {
        "@type": "AggregateOffer",
        "url": address,
        "lowPrice": low,
        "highPrice": high,
        "priceCurrency": price.currency,
    }
