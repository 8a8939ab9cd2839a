"""Listings: what suppliers offer, reviewed before it is shown, and the measured evidence it comes with.

`states` is the lifecycle, `service` looks listings up and gives what is offered, `drafting` makes and edits them, `deeds` moves
them, `evidence` reads what a dataset card has measured.
"""
