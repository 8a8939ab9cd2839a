// Improves pages that already work without it.
