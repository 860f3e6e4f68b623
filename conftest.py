"""The Markdown files of rules, knowledge and language features are tests: `pytest src/custodiet/rules/sql-injection.md`."""

pytest_plugins = ["spec_collector"]
