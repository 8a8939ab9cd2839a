"""Pure scoring: numbers in, numbers out."""
