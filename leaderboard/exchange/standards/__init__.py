"""Descriptions that need the terms of the exchange beside the card: DCAT-AP with the ODRL offer of a dataset."""
