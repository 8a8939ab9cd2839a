"""Dataset cards in the words of others: DCAT-AP, Frictionless and CKAN outwards, Croissant and Frictionless inwards."""
