"""Descriptions that others wrote, read for a draft card: Croissant 0.8, 1.0, 1.1 and Frictionless data packages.

A description is a stranger's text. It is read as what it is, one JSON document; nothing that it names is ever fetched.
"""
