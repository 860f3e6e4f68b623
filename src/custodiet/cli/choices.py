"""The words that options accept: constants, so that `--help` imports nothing that knows more (tests compare)."""

SEVERITIES = ("critical", "high", "medium", "low")
CONFIDENCES = ("high", "medium", "low")
PERSONAS = ("default", "strict")
FORMATS = (
    "text",
    "concise",
    "json",
    "json-v1",
    "jsonl",
    "sarif",
    "gitlab",
    "gitlab-codequality",
    "github",
    "junit",
    "rdjson",
    "html",
    "markdown",
)
