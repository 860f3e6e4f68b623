"""The pages of docs/ that follow from the code are the ones that the code generates."""

import subprocess
import sys

import pytest

from spec_collector import ROOT

pytestmark = pytest.mark.house


def test_no_generated_page_is_out_of_date():
    run = subprocess.run(
        [sys.executable, "tools/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
