"""Cleanliness of images: safe reading, signals of each image, the rules they must pass."""

from scoring.quality.images.reading import Picture, read
from scoring.quality.images.rules import RULES, clean_images
from scoring.quality.images.signals import image_signals

__all__ = ["RULES", "Picture", "clean_images", "image_signals", "read"]
