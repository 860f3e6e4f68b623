"""What kind of untrusted data a source brings in."""

from enum import StrEnum


class Label(StrEnum):
    """The label of a source (DESIGN section 2).

    `parameter` is a guess: the parameter of a function whose caller is not in sight.
    `exception` is error detail (text of an exception or a traceback), which is harmful
    only where it is shown to a client. `archive` is the name of an archive member.
    """

    REMOTE = "remote"
    MODEL_OUTPUT = "model_output"
    MODEL_ARGS = "model_args"
    RETRIEVED = "retrieved"
    TOOL_RESULT = "tool_result"
    MODEL_FILE = "model_file"
    AI_CONFIG = "ai_config"
    SECRET = "secret"
    FILE = "file"
    ENV = "env"
    ARGV = "argv"
    EXCEPTION = "exception"
    ARCHIVE = "archive"
    PARAMETER = "parameter"
