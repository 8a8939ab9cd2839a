"""The exchange of the demo season: what is offered and needed, told in the TOML files beside this, and how it comes about."""
