"""What common licences allow, by SPDX identifier: what may be done with data, and what is owed for it.

What a licence leaves to the law stays unsaid: the ND licences permit passing data on unchanged and say nothing here on
deriving and training, because private adaptations are allowed and shared ones are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Action = Literal["use", "derive", "distribute", "commercialize", "train-models"]
Duty = Literal["attribute", "share-alike"]


@dataclass(frozen=True, slots=True)
class Terms:
    """Acts that are permitted and that are prohibited; what is in neither is not said. `duties` are owed by who uses it."""

    permitted: tuple[Action, ...]
    duties: tuple[Duty, ...] = ()
    prohibited: tuple[Action, ...] = ()


ACTIONS: Final[tuple[Action, ...]] = ("use", "derive", "distribute", "commercialize", "train-models")
_BY: Final[tuple[Duty, ...]] = ("attribute",)
_SAME: Final[tuple[Duty, ...]] = ("attribute", "share-alike")
_NOT_SOLD: Final[tuple[Action, ...]] = ("use", "derive", "distribute", "train-models")
_UNCHANGED: Final[tuple[Action, ...]] = ("use", "distribute")

TERMS: Final[Mapping[str, Terms]] = MappingProxyType(
    {
        **dict.fromkeys(("CC0-1.0", "PDDL-1.0", "DL-DE-ZERO-2.0", "MIT-0", "0BSD", "Unlicense"), Terms(ACTIONS)),
        **dict.fromkeys(
            (
                "CC-BY-3.0", "CC-BY-4.0", "ODC-By-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "OGL-UK-3.0", "etalab-2.0",
                "DL-DE-BY-2.0", "NLOD-2.0", "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MulanPSL-2.0",
            ),
            Terms(ACTIONS, _BY),
        ),
        **dict.fromkeys(("CC-BY-SA-3.0", "CC-BY-SA-4.0", "ODbL-1.0", "CDLA-Sharing-1.0"), Terms(ACTIONS, _SAME)),
        "CC-BY-ND-4.0": Terms((*_UNCHANGED, "commercialize"), _BY),
        "CC-BY-NC-4.0": Terms(_NOT_SOLD, _BY, ("commercialize",)),
        "CC-BY-NC-SA-4.0": Terms(_NOT_SOLD, _SAME, ("commercialize",)),
        "CC-BY-NC-ND-4.0": Terms(_UNCHANGED, _BY, ("commercialize",)),
    }
)  # fmt: skip
