"""The exchange: what is offered, what is wanted, and why the two fit."""
