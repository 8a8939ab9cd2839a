"""Keys that are shown once: made from the system's randomness, looked up by their sha-256, never stored themselves.

A key carries 256 random bits, so one fast hash is enough (nothing can be guessed), and looking its hash up in an index
tells a listener nothing about any key.
"""

import secrets
from hashlib import sha256


def new_key(prefix: str = "") -> str:
    """A fresh key of 43 address-safe characters behind ``prefix``."""
    return prefix + secrets.token_urlsafe(32)


def fingerprint(key: str) -> str:
    """What is stored of a key: its sha-256 in hexadecimal, 64 characters."""
    return sha256(key.encode()).hexdigest()
