"""How good a dataset is: measures, and how they become points, blocks and a grade.

Importing this package loads no NumPy and no polars; the modules that measure do, when they are first used.
"""
