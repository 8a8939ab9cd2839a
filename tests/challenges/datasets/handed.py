"""Making small datasets, and looking at what was found."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from challenges.datasets import Bundle, DatasetRefused, Limits, open_dataset
from challenges.datasets.messages import MESSAGES as OURS
from challenges.findings import Finding
from challenges.messages import MESSAGES as THEIRS

SENTENCES = {**THEIRS, **OURS}
Content = bytes | str | dict | list


def as_bytes(content: Content) -> bytes:
    if isinstance(content, dict | list):
        return json.dumps(content, ensure_ascii=False).encode()
    return content.encode() if isinstance(content, str) else content


def zipped(files: Mapping[str, Content], **options) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in files.items():
            archive.writestr(name, as_bytes(content))
    return held.getvalue()


def said(finding: Finding) -> str:
    """The sentence of a finding, filled in: a KeyError here is a param that nobody gives."""
    own = {"count": finding.count, "column": finding.column, "row": finding.row, "line": finding.line}
    return SENTENCES[finding.id].format(
        **{**own, "value": finding.value, "file": finding.file, "key": finding.key, **finding.params}
    )


def checked(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    for finding in findings:
        said(finding)
        texts = [finding.file, finding.key, finding.value, *(example.value for example in finding.examples)]
        texts += [param for param in finding.params.values() if isinstance(param, str)]
        assert all(text is None or (text.isprintable() and len(text) <= 501) for text in texts), texts
    return findings


class Counter:
    """Where datasets are handed in, in one form."""

    def __init__(self, folder: Path, form: str) -> None:
        self._folder, self.form, self._number = folder, form, 0

    def path(self, files: Mapping[str, Content]) -> Path:
        self._number += 1
        here = self._folder / str(self._number)
        if self.form == "zip":
            here = here.with_suffix(".zip")
            here.write_bytes(zipped(files))
            return here
        for name, content in files.items():
            path = here / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_bytes(content))
        return here

    def open(self, files: Mapping[str, Content], limits: Limits | None = None) -> Bundle:
        bundle = open_dataset(self.path(files), limits=limits)
        checked(bundle.findings)
        assert all(finding.level != "error" for finding in bundle.findings)
        return bundle

    def refused(self, files: Mapping[str, Content], limits: Limits | None = None) -> tuple[Finding, ...]:
        with pytest.raises(DatasetRefused) as refusal:
            open_dataset(self.path(files), limits=limits)
        return checked(refusal.value.findings)


def ids(findings, level=None):
    return [finding.id for finding in findings if level in {None, finding.level}]


def errors(findings):
    return ids(findings, "error")


def the(findings, message):
    found = [finding for finding in findings if finding.id == message]
    assert len(found) == 1, ids(findings)
    return found[0]
