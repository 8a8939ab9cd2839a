"""SPDX identifiers of the licences that data and code of challenges come under: identifier → what it asks of a user.

A compact list on purpose. A licence that is not here is written "custom" with its text beside the data.
"""

LICENCES: tuple[str, ...] = (
    # data
    "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0",
    "CC-BY-NC-ND-4.0", "CC-BY-ND-4.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0",
    "ODC-By-1.0", "ODbL-1.0", "PDDL-1.0", "OGL-UK-3.0", "OGL-Canada-2.0", "etalab-2.0", "DL-DE-BY-2.0", "DL-DE-ZERO-2.0",
    "NLOD-2.0", "C-UDA-1.0", "O-UDA-1.0",
    # terms of a source's own, as SPDX writes what it does not list
    "LicenseRef-OpenSky-Network",
    # software, under which much data is published too
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MulanPSL-2.0", "MPL-2.0", "Unlicense", "Zlib",
    "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later",
    "LGPL-3.0-only", "LGPL-3.0-or-later", "AGPL-3.0-only", "AGPL-3.0-or-later", "EUPL-1.2",
)  # fmt: skip
