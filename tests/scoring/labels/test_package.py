"""The package is cheap to import, and its names are what they say."""

import subprocess
import sys

from scoring import labels


def test_importing_it_loads_no_library():
    code = "import sys, scoring.labels; print(sorted({'numpy', 'sklearn', 'polars', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_finding_issues_needs_no_scikit_learn():
    code = "import sys; from scoring.labels import find_issues; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_name_is_there():
    assert dir(labels) == labels.__all__
    for name in labels.__all__:
        assert getattr(labels, name).__name__ == name
