"""The look: templates, charts, forms, paging, static files. Knows no slice above it."""
