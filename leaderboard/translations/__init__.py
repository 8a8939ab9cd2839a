"""Catalogues, one per room, and the comparison of what the code says with what they translate (``make i18n``)."""
