"""Deals between a supplier and a demander: from the first sign of interest to delivery, acceptance and ratings.

`states` is the lifecycle as a table, `moves` the one way through it (turns, locks, repeated messages, history), and each subject
has a module of its own deeds: `interest`, `talks`, `samples`, `agreements`, `offers`, `sign_off`, `deliveries`, `ratings`.
`service` is what other rooms and the routes call.
"""
