"""What is wrong with the fields of a request, in sentences that can be translated."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_

_SENTENCES: Final[Mapping[str, str]] = {
    # pydantic's kind of fault: our sentence, with its ``ctx`` for parameters
    "missing": N_("This is needed."),
    "string_type": N_("This must be text."),
    "string_too_short": N_("At least {min_length} characters are needed."),
    "string_too_long": N_("At most {max_length} characters fit."),
    "string_pattern_mismatch": N_("This has another form than {pattern}."),
    "int_type": N_("This must be a whole number."),
    "int_parsing": N_("This must be a whole number."),
    "int_from_float": N_("This must be a whole number."),
    "float_type": N_("This must be a number."),
    "float_parsing": N_("This must be a number."),
    "finite_number": N_("This must be a number."),
    "bool_type": N_("This must be true or false."),
    "bool_parsing": N_("This must be true or false."),
    "greater_than": N_("This must be more than {gt}."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "less_than": N_("This must be less than {lt}."),
    "less_than_equal": N_("This must be at most {le}."),
    "enum": N_("This must be one of: {expected}."),
    "literal_error": N_("This must be one of: {expected}."),
    "datetime_type": N_("This is no moment. Write it like 2026-12-01T12:00+08:00."),
    "datetime_parsing": N_("This is no moment. Write it like 2026-12-01T12:00+08:00."),
    "datetime_from_date_parsing": N_("This is no moment. Write it like 2026-12-01T12:00+08:00."),
    "timezone_aware": N_("This is no moment. Write it like 2026-12-01T12:00+08:00."),
    "extra_forbidden": N_("There is no such field."),
    "json_invalid": N_("The body is no JSON."),
    "model_attributes_type": N_("The body must be a JSON object."),
    "dict_type": N_("The body must be a JSON object."),
    "list_type": N_("This must be a list."),
}
_OTHER: Final = N_("This cannot be read: {reason}.")


def field_errors(faults: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """One finding a fault, as `RequestValidationError.errors` lists them; a kind we have no sentence for keeps its own."""
    return [_field_error(fault) for fault in faults]


def _field_error(fault: Mapping[str, Any]) -> FieldError:
    field = ".".join(str(part) for part in fault["loc"][1:]) or "body"
    sentence = _SENTENCES.get(fault["type"])
    if sentence is None:
        return FieldError(field, _OTHER, {"reason": str(fault["msg"]).rstrip(".")})
    return FieldError(field, sentence, {key: _plain(value) for key, value in fault.get("ctx", {}).items()})


def _plain(value: object) -> object:
    return value if isinstance(value, (int, float)) else str(value).replace(" or ", ", ")  # 'a', 'b' or 'c'
