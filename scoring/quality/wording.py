"""What a code of an issue means, in English: one sentence about one cell or record. `leaderboard.core.i18n` owns the Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scoring.quality.personal.kinds import KINDS

_CODES: Final = {
    # structure
    "type": "not a value of its column's type",
    "minimum": "below the least value allowed",
    "maximum": "above the greatest value allowed",
    "min_length": "shorter than allowed",
    "max_length": "longer than allowed",
    "pattern": "not of the required form",
    "enum": "not among the values allowed",
    "unique": "comes twice where each value may come once",
    "required": "empty where a value is required",
    "key": "the key stood in a record before",
    "key_empty": "a part of the key is missing",
    "column_missing": "the column is missing",
    "class_unknown": "not among the classes there are",
    "too_few_decimals": "fewer decimals than asked for",
    "code_unknown": "not among the codes that are listed",
    "unsafe_word": "holds words that must not be there",
    "sector_other": "its words are mostly of another sector",
    # people
    "few_alike": "shares what may tell who it is about with too few records",
    # origin
    "source_missing": "no source is said",
    "licence_missing": "no licence is said",
    "licence_unknown": "not a licence that is known or accepted",
    "hash_differs": "a hash or size that is stated does not hold",
    "time_implausible": "a time that cannot be",
    "flag_unknown": "neither 0 nor 1, so whether a machine made it is not said",
    "flag_false": "flagged otherwise than the same record of the raw data",
    "id_not_in_raw": "no record of the raw data has this identifier, or none is left that has it",
    "another_in_raw": "the raw data says something else under this identifier in most columns",
    "item_open": "an item of the documentation is not answered",
    "generated_copy": "said to be generated, but equal to a raw record",
    # documentation: why an item is not answered, and what to write
    "document.missing": "nothing is said about this; write a heading with its name and a sentence or two below",
    "document.prompt": "only words of a template or of the question stand here; replace them with what is so of this data",
    "document.repeated": "only sentences that stand under other items too; write what is so of this item alone",
    "document.unreadable": "this does not read as a language; write sentences",
    "document.short": "too few words that say something: words of the question, headings, codes and words in many other answers do not "
    "count; write a sentence or two of its own",
    "document.address": "the only address leads nowhere (example.org, localhost and the like); write one where somebody answers",
    "document.foreign": "nothing true is said of the size, files, labels and records of this data, so that the documentation may be of other "
    "data; describe what is here",
    "document.contradicted": "states a number that the data contradicts; write what is counted, to within 1%",
    "document.scale": "no number of records, files or bytes in digits that agrees with the data; write what is counted, to within 1%",
    "document.format": "names no format that a file here is in; write for instance CSV, if that is what it is",
    "document.structure": "names no file, folder or column that is here; name the files and say what stands in the columns",
    "document.modality": "names no kind of data that is here, or mostly others; write for instance table, text, image or sound",
    "document.distribution": "no number; say in figures how the data spreads over time, places, sources, lengths or groups",
    "document.label_statistics": "no label that is here with its number of records or its share; write each label with its count, to within 1%",
    "document.samples": "no record of this data; copy one as it stands",
    "document.versioning": "no version and no date; write for instance 1.0, 2026-11-27",
    "document.baseline": "no number; name a model and the value that it reaches",
    # values
    "disguised_missing": "stands for a missing value",
    "empty_column": "no record has a value",
    "label_missing": "no label",
    "label_contradicts": "equal to a record with another label",
    "label_doubtful": "probably the wrong label",
    "annotators_disagree": "annotators gave this item different labels",
    "gives_label_away": "the column alone tells the label",
    "outlier.unit": "a power of ten away from most values of its column, as in another unit",
    "outlier.tail": "far from all other values of its column",
    "stuck": "the same value for longer than its column lets values stay",
    "track.no_place": "a place that is not on earth, or 0° 0°",
    "track.stale": "an old place again, which the next point cannot be reached from",
    "track.teleport": "a place that could not be reached from the other points of the track",
    "track.leap": "too far from the point before it; one of both sides is false",
    "track.altitude_range": "an altitude where nothing flies",
    "track.altitude_jump": "an altitude that could not be reached from the other points of the track",
    # groups and times
    "group_missing": "too few records of this group",
    "groups_few": "fewer different values than asked for",
    "time_outside": "outside the time that is asked for",
    "time_unknown": "no time that can be read",
    # copies
    "exact_copy": "equal to an earlier record",
    "near_copy": "nearly equal to another record",
    # texts
    "text.strange": "characters follow each other as in no other text here",
    "text.thin": "few different characters for its length",
    "text.tiny": "not even two words",
    "text.one_character": "one letter or digit ten times in a row",
    "text.same_sentences": "says the same sentences again",
    "text.same_strings": "long strings of words come again",
    "text.top_string": "one string of words makes up much of it",
    "text.cut_off": "ends in a comma or an open bracket",
    "text.no_end": "a longer text that does not end its last sentence",
    "text.no_sentences": "hardly a line ends a sentence",
    "text.long_word": "a word of more than 40 characters",
    "text.blank": "holds no character",
    "text.placeholder": "a placeholder in the place of a text",
    "text.mojibake": "rubble of a wrong encoding",
    "text.control": "control or private characters",
    "text.markup": "tags or entities of HTML",
    "text.addresses": "mostly web addresses",
    "text.boilerplate": "stock phrases of web pages",
    "text.punctuation": "mostly punctuation",
    "text.symbols": "mostly symbols",
    "text.digits": "mostly digits",
    "text.white": "mostly white space",
    "text.shuffled": "characters in no order that a language has",
    # images
    "image.unopened": "a file that cannot be opened",
    "image.too_many_bytes": "a file of more than 64 MiB",
    "image.too_many_pixels": "more than 50 million pixels",
    "image.unknown_format": "no PNG, JPEG, WebP or GIF",
    "image.broken": "a damaged image",
    "image.narrow": "fewer than 16 pixels wide",
    "image.low": "fewer than 16 pixels high",
    "image.blank": "nothing but one shade",
    "image.noisy": "more noise than picture",
    "image.blurred": "blurred",
    "image.flat": "hardly any contrast",
    "image.dark": "almost black",
    "image.bright": "almost white",
    "image.poor": "less than one bit in a pixel",
    "image.place": "the file says where it was taken",
    # sounds
    "audio.unopened": "a file that cannot be opened",
    "audio.too_many_bytes": "a file of more than 1 GiB",
    "audio.not_wav": "no WAV file",
    "audio.unknown_coding": "a coding of sound that is not read",
    "audio.false_header": "a header that contradicts itself",
    "audio.truncated": "ends before its header says",
    "audio.no_sound": "holds no sound",
    "audio.noisy": "more noise than a telephone line",
    "audio.silent": "mostly silence",
    "audio.faint": "too faint",
    "audio.clipped": "clipped",
    "audio.offset": "off centre",
    "audio.not_finite": "samples that are no numbers",
    "audio.rate": "fewer than 8,000 samples a second",
    "audio.narrow": "recorded at a much lower rate than it says",
    "audio.depth": "fewer than 8 bits in use",
    "audio.bit_rate": "less than 64 kbit a second",
    "audio.short": "shorter than a tenth of a second",
    "audio.long": "longer than four hours",
}

ISSUES: Final[Mapping[str, str]] = MappingProxyType(_CODES)
"""Codes with a fixed sentence. Beside them: `rule:<name>`, a rule between columns, and `personal:<kind>`."""

RULE_BROKEN: Final = "breaks the rule “{rule}”"


def sentence(code: str) -> tuple[str, dict[str, str]]:
    """The English sentence of a code, and what fills it.

    >>> sentence("rule:order")
    ('breaks the rule “{rule}”', {'rule': 'order'})
    """
    if code.startswith("rule:"):
        return RULE_BROKEN, {"rule": code.removeprefix("rule:")}
    if code.startswith("personal:"):
        return KINDS[code.removeprefix("personal:")].title, {}
    return ISSUES[code], {}
