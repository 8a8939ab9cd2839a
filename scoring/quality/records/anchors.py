"""Anchors that several checks share: measure → points."""

from typing import Final

FEW_BAD: Final = ((0.0, 100.0), (0.01, 80.0), (0.1, 0.0))
"""A rate of defects: none is excellent, one in a hundred passable, one in ten worthless."""
NEARLY_ALL: Final = ((0.9, 0.0), (0.99, 80.0), (1.0, 100.0))
"""A share of sound ones: the same, seen from the other side."""
MOST: Final = ((0.5, 0.0), (0.95, 80.0), (1.0, 100.0))
CLEAN: Final = ((0.7, 0.0), (0.95, 80.0), (0.995, 100.0))
"""A share of texts, images or sounds that pass rules which a sound one, too, breaks now and then."""
