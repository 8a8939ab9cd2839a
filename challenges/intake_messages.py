"""What is said about a submission file: a name for every kind of finding, what to do about it, what one cell should be.

`MESSAGES` names the fault; it is shown after its place (column, file or line) and beside its count, so it begins small and ends
without a stop. `HINTS` are whole sentences below it. `EXPECTED` stands beside a single cell. All three are `str.format`
templates over the finding's fields (count, column, row, line, value, file) and params; an example's params come on top.
"""

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType

from challenges.annotation_messages import ANNOTATION_EXPECTED, ANNOTATION_HINTS

_FILES: Mapping[str, str] = {
    "intake.file_empty": "the file is empty",
    "intake.file_too_big": "the file has {size_mb} MB; at most {max_mb} MB are accepted",
    "intake.wrong_kind": "this is a file of the kind {found}, not a table",
    "intake.format_not_accepted": "the file holds {found}, which this challenge does not accept",
    "intake.name_differs": "{name} holds {found}, whatever its name says; it was read as that",
    "intake.expands": "{name} unpacks to more than {max_mb} MB",
    "intake.archive_broken": "the compressed file is damaged or was cut short",
    "intake.archive_empty": "the archive holds no file",
    "intake.archive_several": "the archive holds {files} files, where one table is expected: {names}",
    "intake.archive_many": "the archive lists more files than the {most} that are allowed",
    "intake.archive_path": "the archive names a place outside itself: {name}",
    "intake.archive_locked": "{name} is locked with a password",
    "intake.archive_method": "{name} is compressed in a way that is not read",
    "intake.archive_nested": "{name} is compressed once more",
    "intake.zip_expected": "a zip with one file per task is expected",
    "intake.task_missing": "the archive holds no file for a task",
    "intake.task_twice": "the archive holds two files for the same task",
    "intake.task_unknown": "the archive holds a file for no task; it was not read",
    "intake.list_cut": "the list of findings ends after {most} entries",
    "intake.more_findings": "{count} more kinds of findings are only in the full list",
}

_TEXT: Mapping[str, str] = {
    "intake.encoding": "the text is in {encoding}, not UTF-8; it was read as that",
    "intake.encoding_unknown": "from line {line} on, the text is neither UTF-8 nor GB18030",
    "intake.nul": "line {line} holds a NUL byte: this is no text",
    "intake.line_long": "line {line} is longer than {most_mb} MiB",
    "intake.delimiter_comma": "{name} is cut by commas; it was read so",
    "intake.delimiter_tab": "{name} is cut by tabs; it was read so",
    "intake.delimiter_semicolon": "{name} is cut by semicolons; it was read so",
    "intake.delimiter_bar": "{name} is cut by vertical bars; it was read so",
    "intake.quote_open": "a quotation mark opened in line {line} is never closed",
    "intake.cell_long": "a cell is longer than {most} characters",
    "intake.heading_broken": "the first row cannot be read: a quotation mark is left open, or a name has more than {most} characters",
    "intake.heading_none": "the first row is data, not the names of the columns: {found}",
    "intake.json_array": "this is one JSON array, not one object a line",
    "intake.json_none": "no line is a JSON object",
    "intake.parquet_cut": "the Parquet file has no end: it was cut short",
    "intake.parquet_broken": "the Parquet file is damaged, or says other things about itself than it holds",
    "intake.parquet_expands": "the Parquet file unpacks to more than {max_mb} MB, or to more values than it may have rows",
    "intake.parquet_pages": "the Parquet file is cut into more than {most} pages",
    "intake.parquet_encoding": "the Parquet file uses the encoding {encoding}, which is not read",
    "intake.parquet_names": "two columns of the Parquet file have the same name",
}

_COLUMNS: Mapping[str, str] = {
    "intake.columns_many": "the file has {found} columns; {expected} are expected, and more than {most} are not read",
    "intake.column_missing": "columns are missing",
    "intake.column_misnamed": "columns seem to have another name than expected",
    "intake.column_spelling": "names of columns are written differently; they were understood",
    "intake.column_twice": "columns are there more than once",
    "intake.column_extra": "columns that were not asked for; they were not read",
    "intake.column_type": "the column holds {found}, which cannot be read as {expected}",
}

_ROWS: Mapping[str, str] = {
    "intake.no_rows": "there are no rows of data; {expected} are expected",
    "intake.row_count": "the file has {found} rows of data; {expected} are expected",
    "intake.rows_many": "the file has more than {most} rows of data, where {expected} are expected; the rest was not read",
    "intake.row_ragged": "rows with more or fewer cells than the {expected} names of the first row",
    "intake.row_quote": "rows in which something follows a closing quotation mark",
    "intake.row_json": "lines that are no JSON object, or name a key twice",
    "intake.row_keys": "rows with keys that the first rows do not have; those were not read",
    "intake.ids_missing": "ids that are expected and not there",
    "intake.ids_unknown": "ids that are not asked for",
    "intake.ids_repeated": "ids that come more than once",
    "intake.ids_empty": "rows without an id",
}

_CELLS: Mapping[str, str] = {
    "intake.value_empty": "no value",
    "intake.not_a_number": "not a number",
    "intake.comma_number": "a comma in a number",
    "intake.not_finite": "not a finite number",
    "intake.not_an_integer": "not a whole number",
    "intake.out_of_range": "outside the range from {min} to {max}",
    "intake.below": "below {min}",
    "intake.above": "above {max}",
    "intake.sum_not_one": "probabilities that do not sum to 1: {columns}",
    "intake.class_unknown": "not one of the classes",
    "intake.list_form": "not a list",
    "intake.list_long": "more than {most} items",
    "intake.text_long": "more than {most} characters",
}

_ANSWERS: Mapping[str, str] = {
    "answers.no_column": "the answers have no such column; they have: {known}",
    "answers.no_rows": "the answers have no rows",
    "answers.ids_empty": "rows of the answers without an id",
    "answers.ids_repeated": "ids that come more than once in the answers",
    "answers.split_value": "a row is one of: {known}",
    "answers.split_empty": "no row of the answers is {split}",
}

MESSAGES: Mapping[str, str] = MappingProxyType({**_FILES, **_TEXT, **_COLUMNS, **_ROWS, **_CELLS, **_ANSWERS})
"""Message id → what is wrong."""

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "intake.wrong_kind": "Export the table as CSV or Parquet. Nothing else in a file is ever opened or run.",
        "intake.format_not_accepted": "Accepted: {accepted}, each also compressed as gzip or zip.",
        "intake.expands": "A table of the expected size needs far less. If it is genuine, upload it uncompressed or as Parquet.",
        "intake.archive_broken": "Pack it again, and compare the size of the upload with that of your file.",
        "intake.archive_several": "Put only the predictions into the archive.",
        "intake.archive_path": "Pack the files without folders. Archives are never unpacked to disk here.",
        "intake.archive_locked": "Pack it without a password.",
        "intake.archive_method": "Use ordinary zip compression (deflate), or gzip.",
        "intake.archive_nested": "Compress the table once.",
        "intake.zip_expected": "The tasks are: {tasks}. Name each file after its task.",
        "intake.encoding_unknown": "Save the file as UTF-8.",
        "intake.nul": "Files that were cut short or copied badly often hold such bytes. Export the table again.",
        "intake.line_long": "Lines end with a newline. Check that rows were not joined.",
        "intake.quote_open": "Nothing after it could be read. Write a quotation mark within a quoted cell twice.",
        "intake.heading_none": "Put a first row with the names: {expected}.",
        "intake.json_array": "Write one object a line, without brackets around and commas between.",
        "intake.parquet_cut": "Upload it again; if that does not help, write it again.",
        "intake.parquet_encoding": "Write the file with the default encodings.",
        "intake.column_missing": "The file has: {found}.",
        "intake.column_misnamed": "The cells were checked as if the names were right, so that you see everything at once.",
        "intake.row_ragged": "Cells that hold a delimiter are put in quotation marks.",
        "intake.row_quote": "Write a quotation mark within a quoted cell twice.",
        "intake.ids_missing": "Every id of the test data needs one row; the order does not matter.",
        "intake.ids_unknown": "Check that the predictions are for the test data of this challenge, and that ids were not rounded.",
        "intake.ids_repeated": "Each id may come once. The first row with it is named.",
        "intake.value_empty": "Every row needs a value here.",
        "intake.not_a_number": "Plain digits with a point, such as 0.25 or 1e-3; no units, no separators, no full-width digits.",
        "intake.comma_number": "Write a point: 0.25, and nothing between thousands.",
        "intake.not_finite": "NaN and infinity cannot be scored, and neither can numbers beyond 1.8e308.",
        "intake.class_unknown": "The classes are: {known}.",
        "intake.list_form": 'A JSON list such as ["a", "b"], or items between bars, commas or spaces; best first.',
        "intake.sum_not_one": "The sum may differ from 1 by 0.001.",
        "answers.split_empty": "Both parts need rows: choose another share, or mark rows in the column.",
        **ANNOTATION_HINTS,
    }
)
"""Message id → what to do about it, where that is not plain from the message."""

EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "intake.task_missing": "a file for task {task}",
        "intake.task_twice": "one file for task {task}",
        "intake.task_unknown": "perhaps {nearest}",
        "intake.column_misnamed": "{column}",
        "intake.column_spelling": "{column}",
        "intake.row_ragged": "{expected} cells",
        "intake.ids_repeated": "first in row {first_row}",
        "intake.class_unknown": "perhaps {nearest}",
        "intake.not_an_integer": "a whole number",
        "intake.not_a_number": "a number",
        "intake.comma_number": "a point instead of the comma",
        "intake.not_finite": "a finite number",
        "intake.out_of_range": "{min} to {max}",
        "intake.below": "at least {min}",
        "intake.above": "at most {max}",
        "intake.sum_not_one": "1",
        "intake.list_long": "at most {most} items",
        "intake.text_long": "at most {most} characters",
        **ANNOTATION_EXPECTED,
    }
)
"""Message id → what a single cell, name or file should be."""


def template(table: Mapping[str, str], message: str, params: Mapping[str, object]) -> str | None:
    """The template of `message` in one of the tables above, if there is one and `params` hold all that it names.

    >>> template(EXPECTED, "intake.class_unknown", {"nearest": "cat"})
    'perhaps {nearest}'
    >>> template(EXPECTED, "intake.class_unknown", {})
    """
    text = table.get(message)
    if text is None or any(name not in params for _, name, _, _ in Formatter().parse(text) if name):
        return None
    return text
