"""Rules between keys: each broken alone is found alone, on its line."""

import pytest

from challenges import reading, rules
from challenges.rules import score_keys


def judged(text: str):
    read = reading.read(text.encode())
    assert read.definition is not None, read.findings
    return rules.findings(read.source, read.definition)


def change(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def test_sound_definitions_break_no_rule(definition, tasks_definition):
    assert judged(definition) == ()
    (mixed,) = judged(change(tasks_definition, ('metric = "rmse"', 'metric = "r2"')))
    assert mixed.id == "package.mean_of_both_directions"
    assert judged(tasks_definition) == ()


TIES = 'ties  = ["mae", "earliest"]'
LINE = 'key   = "prize"\ntitle = { en = "Prize", zh = "获奖线" }\nupto  = 3'
SECOND = '[[board.lines]]\nkey = "gold"\ntitle = { en = "Gold", zh = "金奖" }\nupto = 3'


@pytest.mark.parametrize(
    ("old", "new", "message", "key"),
    [
        ('licence  = "CC0-1.0"', 'licence = "custom"', "package.licence_file_missing", "data.licence_file"),
        (
            'personal = "none"',
            'personal="none"\nlicence_file="public/x"',
            "package.licence_file_unused",
            "data.licence_file",
        ),
        ('personal = "none"', 'personal = "personal"', "package.personal_agreement", "data.personal"),
        ('"public/test.csv"', '"answers/test.csv"', "package.not_below", "data.files[1].path"),
        ('"public/test.csv"', '"public/train.csv"', "package.repeated", "data.files[1].path"),
        ('id      = "train"\n', "", "package.missing", "submission.id"),
        ('name = "minutes"\n', 'name = "p_late"\n', "package.repeated", "submission.columns[2].name"),
        ('name = "minutes"\n', 'name = "train"\n', "package.repeated", "submission.columns[2].name"),
        (
            "min  = -30",
            "of = 'x'\nmin = -30\nclasses = ['a', 'b']",
            "package.option_of_other_type",
            "submission.columns[2].classes",
        ),
        ("min  = -30", "min = 700", "package.min_above_max", "submission.columns[2].min"),
        ('type = "number"', 'type = "integer"', "package.want_integer", "submission.columns[2].max"),
        (
            'type = "number"\nmin  = -30\nmax  = 600.5',
            'type = "class"',
            "package.missing",
            "submission.columns[2].classes",
        ),
        (
            'type = "number"\nmin  = -30\nmax  = 600.5',
            'type = "list"',
            "package.missing",
            "submission.columns[2].max_length",
        ),
        (
            'type = "number"\nmin  = -30\nmax  = 600.5',
            'type = "class"\nclasses = [1, "1"]',
            "package.repeated",
            "submission.columns[2].classes[1]",
        ),
        (
            'type = "number"\nmin  = -30\nmax  = 600.5',
            'type = "class"\nclasses = ["a"]',
            "package.one_class",
            "submission.columns[2].classes",
        ),
        ('  "p_late",\n', '  "p_lat",\n', "package.no_such_column_near", "submission.columns[1].sums_to_one_with[0]"),
        (
            '  "p_late",\n',
            '  "p_late", "minutes",\n',
            "package.sum_of_no_probability",
            "submission.columns[1].sums_to_one_with[1]",
        ),
        ('"answers/arrivals.csv"', '"public/train.csv"', "package.not_below", "answers.path"),
        ('"answers/arrivals.csv"', '"answers/arrivals.xlsx"', "package.not_a_table", "answers.path"),
        ('["late", "delay"]', '["late", "delay", "late"]', "package.repeated", "answers.truth[2]"),
        ('["late", "delay"]', '["late", "delay", "cause"]', "package.truth_unread", "answers.truth[2]"),
        ("public = 0.4, ", 'public = 0.4, column = "u", ', "package.split_either", "answers.split"),
        ("public = 0.4, seed = 7, ", "", "package.split_either", "answers.split"),
        ("seed = 7, ", "", "package.missing", "answers.split.seed"),
        (
            'public = 0.4, seed = 7, stratify = "late"',
            'column = "u", seed = 3',
            "package.only_with_share",
            "answers.split.seed",
        ),
        (
            'public = 0.4, seed = 7, stratify = "late"',
            'column = "late"',
            "package.split_is_truth",
            "answers.split.column",
        ),
        ('key        = "loss"', 'key = "mae"', "package.repeated", "scores[2].key"),
        ('key        = "loss"', 'key = "earliest"', "package.reserved", "scores[2].key"),
        ('metric     = "log_loss"', 'metric = "logloss"', "package.metric_unknown_near", "scores[2].metric"),
        ('metric     = "log_loss"', 'metric = "metric.py"', "package.metric_py_not_yet", "scores[2].metric"),
        ('truth      = "delay"', 'truth = "dalay"', "package.no_such_column_near", "scores[1].truth"),
        ('prediction = "minutes"', 'prediction = "hours"', "package.no_such_column", "scores[1].prediction"),
        ('prediction = "minutes"', 'prediction = "p_late"', "package.metric_reads_other", "scores[1].prediction"),
        ('["p_soon", "p_late"]', '["p_soon", "minutes"]', "package.metric_reads_other", "scores[2].prediction"),
        ('["p_soon", "p_late"]', '["p_soon", "p_soon"]', "package.repeated", "scores[2].prediction[1]"),
        (
            'prediction = "p_late"',
            'prediction = ["p_soon", "p_late"]',
            "package.metric_reads_one",
            "scores[0].prediction",
        ),
        ('of   = "0"', 'of = "1"', "package.same_class_twice", "scores[2].prediction"),
        ('sums_to_one_with = [\n  "p_late",\n]\n', "", "package.sum_not_declared", "scores[2].prediction"),
        ("digits     = 4", "options = { k = 5 }", "package.option_unknown", "scores[0].options.k"),
        (TIES, 'ties = ["maa", "earliest"]', "package.tie_unknown_near", "board.ties[0]"),
        (TIES, 'ties = ["auc"]', "package.tie_first", "board.ties[0]"),
        (TIES, 'ties = ["earliest", "mae"]', "package.tie_after_earliest", "board.ties[1]"),
        (TIES, 'ties = ["mae", "mae"]', "package.repeated", "board.ties[1]"),
        (TIES, f'{TIES}\ncombine = "mean"', "package.only_with_tasks", "board.combine"),
        (LINE, f"{LINE}\n{SECOND}", "package.line_order", "board.lines[1].upto"),
        (
            LINE,
            f"{LINE}\n{SECOND}".replace('"gold"', '"prize"').replace("upto = 3", "upto = 9"),
            "package.repeated",
            "board.lines[1].key",
        ),
        ("per_day = 5", "per_day = 500", "package.day_above_total", "limits.per_day"),
        ('key    = "final"', 'key = "preliminary"', "package.repeated", "phases[1].key"),
        ('key    = "final"', 'key = "grand-final"', "package.phase_untitled", "phases[1].title"),
        ("2027-02-01T09:00:00+08:00", "2027-01-31T17:00:00+08:00", "package.phase_overlaps", "phases[1].opens"),
        ("2027-02-28T18:00:00+08:00", "2027-02-01T01:00:00Z", "package.phase_backwards", "phases[1].closes"),
        ("total  = 10\n", "total  = 3\n", "package.day_above_total", "phases[1].total"),
    ],
)
def test_a_broken_rule_is_found_where_it_is_broken(definition, old, new, message, key):
    text = change(definition, (old, new))
    found = judged(text)
    finding = next(finding for finding in found if (finding.id, finding.key) == (message, key))
    assert {other.id for other in found} - {message} <= FOLLOWS.get(message, set())
    start = definition[: definition.index(old)].count("\n") + 1
    if message in TABLES:  # a key that is not there: its table is named
        assert finding.line < start or text.split("\n")[finding.line - 1].startswith(("[", "split"))
    elif message not in PAIRS:
        assert start <= finding.line <= start + new.count("\n")


TABLES = {"package.missing", "package.licence_file_missing", "package.phase_untitled"}
PAIRS = {"package.same_class_twice", "package.sum_not_declared", "package.want_integer"}
"""Rules that two places break together: the other of the two is named."""
FOLLOWS = {
    "package.repeated": {
        "package.metric_reads_other",
        "package.same_class_twice",
        "package.sum_of_no_probability",
        "package.no_such_column",
    },
    "package.missing": {"package.metric_reads_other"},
    "package.one_class": {"package.metric_reads_other"},
    "package.no_such_column_near": {"package.sum_not_declared"},
    "package.sum_of_no_probability": {"package.sum_not_declared"},
}
"""What breaks with a rule, because the same words are read by another."""


def test_nobody_can_pick_more_than_they_may_submit(definition):
    text = change(
        definition, ("picked = 2", "picked = 8"), ("per_day = 5", "per_day = 1"), ("total   = 100", "total   = 7")
    )
    (finding,) = judged(text)
    assert (finding.id, finding.key, finding.value) == ("package.picked_above_total", "board.final.picked", "8")


@pytest.mark.parametrize(
    ("changes", "message", "key"),
    [
        ([("max_mb  = 5\n", 'max_mb  = 5\nid = "train"\n')], "package.belongs_in_tasks", "submission.id"),
        (
            [('[[tasks]]\nkey = "south"', '[[tasks]]\nkey = "north"'), ('"south/mae", ', "")],
            "package.repeated",
            "tasks[1].key",
        ),
        ([('combine = "mean"', 'combine = "mean rank"')], "package.weight_unused", "tasks[0].weight"),
        ([('"south/mae"', '"mae"')], "package.tie_unknown", "board.ties[0]"),
        ([('metric = "rmse"', 'metric = "zzz"')], "package.metric_unknown", "tasks[1].scores[0].metric"),
    ],
)
def test_rules_of_several_tasks(tasks_definition, changes, message, key):
    (finding,) = judged(change(tasks_definition, *changes))
    assert (finding.id, finding.key) == (message, key)


def test_a_column_that_need_not_be_there_cannot_be_scored(definition):
    found = judged(change(definition, ("max  = 600.5", "required = false")))
    assert [(f.id, f.key) for f in found] == [("package.reads_optional", "scores[1].prediction")]


def test_a_column_that_no_score_reads_is_worth_a_word(definition):
    extra = '[[submission.columns]]\nname = "why"\ntype = "text"\nmax_length = 200\n'
    (finding,) = judged(definition.replace("[answers]", f"{extra}\n[answers]"))
    assert (finding.id, finding.level, finding.key) == (
        "package.column_unread",
        "warning",
        "submission.columns[3].name",
    )
    optional = extra + "required = false\n"
    assert judged(definition.replace("[answers]", f"{optional}\n[answers]")) == ()


def test_several_columns_must_be_chosen_from(definition):
    found = judged(change(definition, ('truth      = "late"\nprediction = "p_late"\n', "")))
    assert [(f.id, f.key) for f in found] == [
        ("package.name_one", "scores[0].truth"),
        ("package.name_one", "scores[0].prediction"),
    ]
    assert found[0].params["known"] == "late, delay"


def test_options_of_a_metric_have_a_range(definition):
    lists = change(
        definition,
        ('type = "number"\nmin  = -30\nmax  = 600.5', 'type = "list"\nmax_length = 20'),
        ('metric     = "mae"', 'metric = "map_at_k"\noptions = { k = 0 }'),
    )
    (finding,) = judged(lists)
    assert (finding.id, finding.key, finding.params) == (
        "package.option_range",
        "scores[1].options.k",
        {"low": 1, "high": 10_000},
    )


def test_options_of_a_metric_are_filled_in(definition):
    lists = change(
        definition,
        ('type = "number"\nmin  = -30\nmax  = 600.5', 'type = "list"\nmax_length = 20'),
        ('metric     = "mae"', 'metric = "map_at_k"'),
    )
    (part,) = reading.read(lists.encode()).definition.parts
    assert [score.options for score in part.scores] == [{}, {"k": 10}, {}]


def test_every_default_is_filled_in_for_code_and_for_people(definition):
    one = '[[submission.columns]]\nname = "p_late"\ntype = "probability"\n'
    start, end = definition.index("[[submission.columns]]"), definition.index("[answers]")
    text = definition[:start] + one + "\n" + definition[end:]
    start, end = text.index("[[scores]]"), text.index("[board]")
    scores = '[[scores]]\nkey = "auc"\nmetric = "roc_auc"\n[[scores]]\nkey = "loss"\nmetric = "log_loss"\n\n'
    text = text[:start] + scores + text[end:]
    text = change(text, ('["late", "delay"]', '"late"'), (TIES, 'ties = ["loss"]'))
    assert judged(text) == ()
    whole = reading.read(text.encode()).definition
    (part,) = whole.parts
    assert (part.key, part.submission.id, part.answers.id) == ("", "train", "train")
    assert [(score.truth, score.prediction) for score in part.scores] == [("late", ("p_late",))] * 2
    effective = whole.effective()
    assert [(phase.per_day, phase.total) for phase in effective.phases] == [(5, 100), (5, 10)]
    assert effective.scores == part.scores
    assert effective.effective() == effective


def test_scores_are_named_with_their_task(definition, tasks_definition):
    assert score_keys(reading.read(definition.encode()).definition) == ("auc", "mae", "loss")
    whole = reading.read(tasks_definition.encode()).definition
    assert score_keys(whole) == ("north/mae", "south/rmse", "south/mae")
    assert [part.key for part in whole.effective().parts] == ["north", "south"]
