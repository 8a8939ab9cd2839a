"""The English sentence of every message id of this room, in the style of `challenges.messages`.

A finding is shown as its place and one of these: `datapackage.json resources[0].path = "../a.csv": the path leads outside …`. Files
that it is about stand below as examples. Findings of tables, archives and TOML keep the ids of `challenges.messages`.
"""

from collections.abc import Mapping
from types import MappingProxyType

_FILES: Mapping[str, str] = {
    "dataset.nothing_there": "there is no such file or folder",
    "dataset.empty": "nothing is in it; hand in a table, a folder or a zip with the data",
    "dataset.no_layout": "no dataset was found among these files: {found}. Hand in a table (CSV, TSV, JSON Lines, Parquet) or several of the same columns, a folder or zip with datapackage.json or Croissant, TC609 records, images or sounds with a manifest or in folders by class, COCO annotations, or texts",
    "dataset.files_many": "there are more than the {most} files that are allowed; put small records into one table, or hand in a part",
    "dataset.too_large": "unpacked, the files have {bytes} bytes; at most {most} are allowed here. Hand in a part, or Parquet instead of text",
    "dataset.file_large": "the file has {bytes} bytes; at most {most} are read. Cut it into several files of the same columns, or make it smaller",
    "dataset.file_is_link": "links are not followed; put the files themselves there",
    "dataset.file_is_special": "only ordinary files and folders are part of a dataset; remove the others",
    "dataset.file_name": 'not every system can hold these names; use printable characters without \\ : * ? " < > |, at most 200 of them, and no space or dot at the end',
    "dataset.program": "programs and pickled objects are no data and are never opened; remove them, or save the data as CSV, Parquet or JSON Lines",
    "dataset.archive_inside": "archives inside are not opened; put their files into the folder or zip itself",
    "dataset.kind_differs": "the bytes are of another kind than the name says; rename the files so that others can open them",
    "dataset.files_unread": "files that belong to no part of the dataset as it was understood; they were not read",
    "dataset.path_outside": "the path leads outside the dataset, or is not written with forward slashes; name a file inside",
    "dataset.no_file": "there is no such file in the dataset",
    "dataset.no_file_near": "there is no such file in the dataset; did you mean {nearest}?",
}

_TABLES: Mapping[str, str] = {
    "dataset.heading_none": "the first row is data, not the names of the columns: {found}. Put a row with names above it",
    "dataset.names_empty": "columns without a name: number {places}. Every column needs one",
    "dataset.names_twice": "several columns have the same name: {names}. Give each its own",
    "dataset.names_long": "names of columns have more than {most} characters, or characters that cannot be seen: {names}",
    "dataset.columns_many": "there are {found} columns; at most {most} are read. Long lists of numbers belong in files of their own",
    "dataset.rows_many": "there are more than the {most} rows that are read; hand in a part",
    "dataset.cells_many": "{columns} columns of so many rows are more than the {most} cells that are read; hand in a part",
    "dataset.cell_long": "row {row}: a text has more than {most} bytes; cut it into several records, or hand it in as a file of its own",
    "dataset.memory_large": "unpacked in memory, the table has more than {most} bytes; hand in a part",
    "dataset.columns_differ": "tables of one dataset have the same columns; compared with {other}, missing: {lacking}, beyond it: {beyond}. Name the tables that are the data in dataset.toml (data = [ … ]), or describe them in a datapackage.json",
    "dataset.types_differ": "the column holds {found} here and {expected} in {other}; write it with one type in all files",
    "dataset.types_clash": "columns of these tables have types that have nothing in common; write each column with one type in all files",
    "dataset.parquet_type": "the column has the type {found}, which is not read; write it as numbers, text, dates or lists of them",
    "dataset.no_rows": "there are no rows of data",
    "dataset.columns_nested": "columns that hold lists, objects or bytes; most measures pass over them. Give their parts columns of their own",
    "dataset.text_large": "texts of more than {most} bytes; cut them into parts",
    "dataset.texts_recoded": "texts that are not in UTF-8; they were read in the encoding that they are in",
}

_JSON: Mapping[str, str] = {
    "dataset.json_damaged": "this is not JSON: look at character {place} of the line",
    "dataset.json_twice": "the key {name} is given twice in the same object; which one counts differs from reader to reader",
    "dataset.json_nan": "{word} is no value of JSON; write null where there is no value",
    "dataset.json_deep": "values are nested deeper than {most} levels",
    "dataset.json_number": "a whole number has more digits than any reader keeps",
    "dataset.json_half_character": "an escape such as \\ud83d stands for half a character; write the character itself",
    "dataset.unknown_key": "there is no such key here; known are: {known}",
    "dataset.unknown_key_near": "there is no such key here; did you mean {nearest}? Known are: {known}",
    "dataset.keys_unused": "{count} properties that nothing here reads: {found}. They do no harm",
    "dataset.list_long": "there are more than {most} of these; that is more than is read",
    "dataset.faults_many": "more than {most} things are wrong with the schema; the rest was not looked at",
    "dataset.two_cards": "there are two descriptions; keep one, or they may contradict each other",
    "dataset.claim_number": "a number is expected: counts and bytes from 0, missing a share from 0 to 1",
}

_SCHEMA: Mapping[str, str] = {
    "dataset.rules_many": "a schema has at most {most} rules",
    "dataset.schema_no_fields": "a schema lists its fields; at least one is needed",
    "dataset.schema_name": "the name of a field or rule is printable, not empty, and has at most {most} characters",
    "dataset.schema_type": "there is no such type; there are: {known}",
    "dataset.schema_type_near": "there is no such type; did you mean {nearest}? There are: {known}",
    "dataset.schema_type_read_as_text": "there is no such type in Table Schema; the field is read as text",
    "dataset.schema_unchecked": "this feature of Table Schema is not checked here; where the values depend on it, the field is read as text",
    "dataset.schema_misplaced": "this has no meaning for fields of type {type}; it is for: {types}",
    "dataset.schema_bound": "the bound must be a value of the field's own type, {type}; dates are written 2026-11-27, moments 2026-11-27T18:30:00",
    "dataset.schema_pattern": "this is no regular expression that can be used (RE2 syntax); look for brackets left open and stray * + ?",
    "dataset.schema_pattern_look": "patterns have no look-around and no references back, so that they take the same time on any text; say it another way, or as a rule",
    "dataset.schema_pattern_large": "the pattern is too large once its repetitions are written out; make them smaller",
    "dataset.schema_pattern_form": "a pattern is a text of at most {most} characters",
    "dataset.schema_enum": "a list of allowed values is expected, at least one and at most {most}, no lists or objects among them",
    "dataset.schema_enum_value": "the allowed value is not of the field's type, {type}",
    "dataset.schema_missing": 'a list of the texts that stand for no value is expected, such as ["", "NA"]',
    "dataset.schema_names": "names of fields are expected, at least one",
    "dataset.schema_no_field": "there is no such field; there are: {known}",
    "dataset.schema_no_field_near": "there is no such field; did you mean {nearest}?",
}

_RULES: Mapping[str, str] = {
    "rules.long": "a rule has at most {most} characters; make several of it",
    "rules.syntax": "this is no condition; write for example landed > took_off",
    "rules.deep": "the rule is nested deeper than {most} levels; make several of it",
    "rules.types": "the types of these columns do not go together, such as a text compared with a number",
    "rules.no_condition": "a rule says something about a column that is true or false; this does not",
    "rules.not_offered": "at character {place}: rules have no {text}; there are comparisons, + - * / %, in, is None, and, or, not",
    "rules.no_column": "there is no column {name}; there are: {known}",
    "rules.no_column_near": "there is no column {name}; did you mean {nearest}?",
    "rules.no_function": "rules have no function {name}, or not with these arguments; there are: {known}",
    "rules.list": "a list of plain values of one kind is expected after in",
    "rules.no_date": "{text} is no date; write 2026-11-27, or 2026-11-27T18:30:00",
}

_HASHES: Mapping[str, str] = {
    "dataset.hash_differs": "the {algorithm} is {found}, but {where} states {claimed}; the file was changed after it was described, or damaged",
    "dataset.size_differs": "the file has {found} bytes, but {where} states {claimed}; the file was changed after it was described, or damaged",
    "dataset.hash_nothing": "{where} states a hash of this file, but it is not in the dataset",
    "dataset.hash_form": "this is no hash or size of a file: a hash is written in hexadecimal, in full, such as the 64 digits of a SHA-256",
    "dataset.hash_of_several": "one hash or size cannot stand for several files; it was not verified",
    "dataset.hash_line": "the line is not of the form that sha256sum writes: 64 digits, two spaces, a path inside the dataset; it was not verified",
}

_MEDIA: Mapping[str, str] = {
    "dataset.media_missing": "files that the column names and that are not there; paths count from the table's folder or from the root",
    "dataset.media_outside": "paths that lead outside the dataset; name files inside, with forward slashes",
    "dataset.media_remote": "{count} cells hold addresses or inline data; nothing is fetched or decoded. Put the files into the dataset",
    "dataset.media_none": "the column names files, but no images or sounds that can be read were handed in; they will not be measured",
    "dataset.media_unlisted": "images or sounds that no row names; add rows for them, or remove them",
    "dataset.media_unread": "images, sounds or videos in formats that are not read; use PNG, JPEG, WebP, GIF or WAV",
    "dataset.media_mixed": "the column names files of several kinds, or of kinds that are not read; they will not be measured",
    "dataset.folders_uneven": "files that stand in no folder of their own class, or in several; no labels were taken from folders",
}

_PACKAGE: Mapping[str, str] = {
    "dataset.package_no_resources": "a data package lists its resources; at least one is needed",
    "dataset.package_no_table": "none of the resources is a table; give one of them a path to CSV, JSON Lines or Parquet",
    "dataset.package_path_or_data": "a resource has either a path or data, exactly one of them",
    "dataset.package_remote": "nothing is fetched from the network; put the file into the dataset and name it here",
    "dataset.package_dialect": "this dialect is not read; write the table with one row of names, double quotation marks, and a comma, semicolon, tab or bar between cells",
    "dataset.package_data": "data in the description is a list of objects, or of lists below a list of names, all as long",
    "dataset.resources_unread": "the records are those of {read}; these were not read as records: {others}. Put what matters first, or link them by foreign keys",
    "dataset.foreign_key": "values that are not in the table that the foreign key leads to, {resource}",
    "dataset.foreign_key_held": "the foreign key {fields} was followed to {resource}: every value is there",
    "dataset.foreign_key_nowhere": "the foreign key {fields} leads to {resource}, which is not there with those fields; it was not followed",
}

_CROISSANT: Mapping[str, str] = {
    "dataset.croissant_version": "Croissant descriptions name the version that they conform to, one of: {known}; it was read as if it were one of them",
    "dataset.croissant_lacking": "properties that Croissant requires are missing: {lacking}",
    "dataset.croissant_no_records": "no record set says where its records come from; give its fields a source",
    "dataset.croissant_nothing": "none of the fields of the record set can be read",
    "dataset.croissant_no_resource": "there is no file or set of files with the id {id} in the distribution",
    "dataset.croissant_no_file": "no file of the dataset is {id}; nothing is fetched from the network, so put the file itself there, under the name that contentUrl or includes says",
    "dataset.croissant_local": "nothing was fetched; {found} has the same name and was taken for it",
    "dataset.croissant_field": "the source of {field} cannot be read: known are a column of a table, and filename, fullpath or content of files",
    "dataset.croissant_transform": "this transform is not applied; only a regex with one group is",
    "dataset.croissant_regex": "the regex of a transform needs a group in parentheses: what it matches is the value",
    "dataset.croissant_no_join": "{field} comes from other files than the rest, and no field refers to them with references; say which fields belong together",
    "dataset.croissant_no_partner": "{count} rows have no partner in the files that the column comes from; it is empty there",
}

_ANNOTATIONS: Mapping[str, str] = {
    "dataset.coco_image": "images without an id or a file_name",
    "dataset.coco_size": "images without a width and height in pixels; boxes cannot be held against them",
    "dataset.coco_category": "categories without an id or a name",
    "dataset.coco_twice": "ids that come more than once",
    "dataset.coco_no_image": "annotations of images that are not listed",
    "dataset.coco_no_category": "annotations of categories that are not listed",
    "dataset.coco_box": "boxes that are not four finite numbers: left, top, width, height",
    "dataset.tc609_lacking": "records without this field, which the form requires; write null where nothing is known",
    "dataset.tc609_content": "data_content is a list of at least one object with media_type and content, both texts",
    "dataset.tc609_media_type": "no known media type; known are: {known}",
    "dataset.tc609_files": "records that name several files; only the first of each is measured",
    "dataset.tc609_annotation": "annotation is an object whose label is a list; these were read as if there were none",
    "dataset.tc609_enumeration": "no value of the standard's list; allowed are: {known}",
    "dataset.tc609_rid": "rid is a list of ids",
}

_LICENCE: Mapping[str, str] = {
    "dataset.no_licence": 'no licence is stated; write licence = "CC-BY-4.0" or another SPDX identifier into dataset.toml, or a heading Licence into the README',
    "dataset.licence_unknown": "the licence is none of the SPDX licences known here: {written}",
}

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        **_FILES,
        **_TABLES,
        **_JSON,
        **_SCHEMA,
        **_RULES,
        **_HASHES,
        **_MEDIA,
        **_PACKAGE,
        **_CROISSANT,
        **_ANNOTATIONS,
        **_LICENCE,
    }
)
"""Message id → English sentence in the style of `str.format`."""
