"""A draft demand out of plain text, in Chinese or English, by rules and vocabulary alone.

`reading.understand` is the verb. It says which piece of the text it took for what, and what of the text it did not understand.
"""
