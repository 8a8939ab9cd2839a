"""People, organizations, roles, sign-in, tokens."""
