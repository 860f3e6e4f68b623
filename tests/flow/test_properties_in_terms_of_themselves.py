"""A property whose value is told in terms of itself once made the analysis read it without end."""

from custodiet.scan import scan_texts

PROGRAM = """\
import os

from flask import request


class Folder:
    def __init__(self, name):
        self.name = name

    @property
    def path(self):
        return self.parent.path + self.name


def show(folder: Folder):
    folder.parent = folder
    folder.name = request.args["name"]
    os.system("ls " + folder.path)
"""


def test_a_property_that_is_told_in_terms_of_itself_is_analysed() -> None:
    report = scan_texts({"program.py": PROGRAM.encode()}, select=["command-injection"])
    assert not report.incomplete
    assert [(finding.place.line, finding.place.column) for finding in report.findings] == [(18, 5)]
