"""Whether values, columns and rows are what the schema asks for."""

import numpy as np

from scoring.quality import issues
from scoring.quality.check import Measured, counted
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import as_names
from scoring.quality.precision import check_precision
from scoring.quality.profile.sentinels import TEXTS

VALUES = ("type", "minimum", "maximum", "min_length", "max_length", "pattern", "enum", "unique")
SHAPE = ("column_missing", "key", "key_empty", "required")


def format_conformity(seen: Evidence) -> Measured | None:
    """Q1: values that fit their type and constraints, of all values there are."""
    fits = seen.conformity.fields
    cells, bad = sum(fit.cells for fit in fits), sum(fit.bad for fit in fits)
    found = seen.conformity.issues
    return counted(
        cells - bad,
        cells,
        issues=found.filter(found["code"].is_in(VALUES)),
        details={"records": float(1 - seen.conformity.bad_rows.mean()) if seen.rows else None},
    )


def schema_conformity(seen: Evidence) -> Measured | None:
    """Q2: of the columns asked for and the rows' keys, those that are there and sound. Only with a schema."""
    if seen.schema is None or not seen.schema.fields:
        return None
    found = seen.conformity
    columns = sum(fit.there for fit in found.fields) / len(found.fields)
    faulty = found.key_repeats + found.key_empty
    keys = 1 - faulty / seen.rows if seen.rows else 1.0
    value = columns * keys
    return Measured(
        value, value, value, len(found.fields) + seen.rows, len(found.missing) + faulty,
        issues=found.issues.filter(found.issues["code"].is_in(SHAPE)),
        details={"missing": list(found.missing), "extra": list(found.extra), "key_repeats": found.key_repeats},
    )  # fmt: skip


def codes_listed(seen: Evidence) -> Measured | None:
    """Q3: values that are among the codes that an authority lists, of the columns for which there is a list. Words that stand for a
    missing value are completeness's (Q7), unless they are codes.
    """
    lists = seen.reference.code_lists if seen.reference else {}
    checked, unknown, found = 0, dict[str, int](), []
    for name in sorted(set(lists) & set(seen.table.columns)):
        codes = as_names(seen.table[name])
        words = [text for text, rule in TEXTS.items() if rule not in {"number", "date"} and text not in lists[name]]
        codes = codes.set(codes.is_in(words), None)
        rows = np.flatnonzero((~codes.is_in(list(lists[name]))).fill_null(value=False).to_numpy())
        checked += len(codes) - codes.null_count()
        unknown[name] = len(rows)
        found.append(issues.at(rows, "code_unknown", column=name, values=codes.gather(rows)))
    return counted(checked - sum(unknown.values()), checked, issues=issues.joined(found), details={"unknown": unknown})


def rules_kept(seen: Evidence) -> Measured | None:
    """Q10: rules between columns that hold, of all times that one could be judged."""
    rules = seen.conformity.rules
    checked, broken = sum(rule.checked for rule in rules), sum(rule.broken for rule in rules)
    found = seen.conformity.issues
    return counted(
        checked - broken,
        checked,
        issues=found.filter(found["code"].str.starts_with("rule:")),
        details={"rules": {rule.name: [rule.checked, rule.broken] for rule in rules}},
    )


def labels_known(seen: Evidence) -> Measured | None:
    """Q6: labels that are among the classes there are. Only where these are stated."""
    if seen.labels is None or not seen.classes:
        return None
    strange = (~seen.labels.is_in(list(seen.classes))).fill_null(value=False).to_numpy()
    rows = np.flatnonzero(strange)
    labelled = len(seen.labels) - seen.labels.null_count()
    return counted(
        labelled - len(rows),
        labelled,
        issues=issues.at(rows, "class_unknown", column=seen.roles.label, values=seen.labels.gather(rows)),
    )


def enough_decimals(seen: Evidence) -> Measured | None:
    """Q19: numbers given with the decimals that their field asks for."""
    asked = [field for field in (seen.schema.fields if seen.schema else ()) if field.decimals]
    found = {
        field.name: check_precision(seen.table[field.name], field.decimals or 0)
        for field in asked
        if field.name in seen.table.columns
    }
    return counted(
        sum(one.fine.count for one in found.values()),
        sum(one.fine.of for one in found.values()),
        issues=issues.joined(
            [
                issues.at(one.rows, "too_few_decimals", column=name, values=seen.table[name].gather(one.rows))
                for name, one in found.items()
            ]
        ),
        details={"found": {name: one.found for name, one in found.items()}},
    )
