"""Common licences by SPDX identifier, as policies.

What a licence leaves to the law stays unsaid: the ND licences permit passing data on unchanged and say nothing here on
deriving and training, because private adaptations are allowed and shared ones are not.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leaderboard.exchange.terms.policy import DutyOwed, Policy, Rule

_ALL: Final = ("use", "derive", "distribute", "commercialize", "train-models")
_BY: Final = ("attribute",)
_SAME: Final = ("attribute", "share-alike")


def _policy(
    licence: str, permitted: tuple[str, ...], duties: tuple[str, ...] = (), prohibited: tuple[str, ...] = ()
) -> Policy:
    return Policy(
        licence=licence,
        permissions=tuple(Rule(action=action) for action in permitted),
        prohibitions=tuple(Rule(action=action) for action in prohibited),
        duties=tuple(DutyOwed(action=duty) for duty in duties),
    )


_NOT_SOLD: Final = ("use", "derive", "distribute", "train-models")
_UNCHANGED: Final = ("use", "distribute")

POLICIES: Final[Mapping[str, Policy]] = MappingProxyType(
    {
        **{
            key: _policy(key, _ALL)
            for key in ("CC0-1.0", "PDDL-1.0", "DL-DE-ZERO-2.0", "MIT-0", "0BSD", "Unlicense")
        },
        **{
            key: _policy(key, _ALL, _BY)
            for key in (
                "CC-BY-3.0", "CC-BY-4.0", "ODC-By-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "OGL-UK-3.0", "etalab-2.0",
                "DL-DE-BY-2.0", "NLOD-2.0", "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MulanPSL-2.0",
            )
        },
        **{key: _policy(key, _ALL, _SAME) for key in ("CC-BY-SA-3.0", "CC-BY-SA-4.0", "ODbL-1.0", "CDLA-Sharing-1.0")},
        "CC-BY-ND-4.0": _policy("CC-BY-ND-4.0", (*_UNCHANGED, "commercialize"), _BY),
        "CC-BY-NC-4.0": _policy("CC-BY-NC-4.0", _NOT_SOLD, _BY, ("commercialize",)),
        "CC-BY-NC-SA-4.0": _policy("CC-BY-NC-SA-4.0", _NOT_SOLD, _SAME, ("commercialize",)),
        "CC-BY-NC-ND-4.0": _policy("CC-BY-NC-ND-4.0", _UNCHANGED, _BY, ("commercialize",)),
    }
)  # fmt: skip
