"""What a program may import from the package itself."""

import doctest
import subprocess
import sys

import pytest

import custodiet
from custodiet import Config, Finding, Report, Rule, Scan, scan_texts
from custodiet.domain import finding, report, rule


def test_the_example_of_the_package_runs():
    assert doctest.testmod(custodiet).failed == 0
    assert doctest.testmod(custodiet).attempted > 0


def test_public_names_are_those_of_their_modules():
    import custodiet.config
    import custodiet.scan

    assert (Finding, Report, Rule) == (finding.Finding, report.Report, rule.Rule)
    assert (Scan, scan_texts) == (custodiet.scan.Scan, custodiet.scan.scan_texts)
    assert Config is custodiet.config.Config
    assert custodiet.__version__[0].isdigit()
    assert set(custodiet.__all__) <= set(dir(custodiet))


def test_a_name_that_is_not_there_is_missed_as_usual():
    with pytest.raises(AttributeError, match="has no attribute `scanner`"):
        custodiet.scanner  # noqa: B018 - reading it is the test


def test_importing_the_package_imports_nothing_of_it():
    program = "import sys, custodiet; print([name for name in sys.modules if name.startswith('custodiet.')])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
