"""Names that people give to secrets, taken apart into words.

`words_of("smtpPassword2")` is `("smtp", "password", "2")`, `secret_kind("smtp_password")` is `"password"`, and
`secret_kind("PASSWORD_FIELD")` is `""`: it names something about a password.
"""

import re
from collections.abc import Callable, Set
from functools import lru_cache
from typing import Final

from custodiet.pattern import pattern

_MENTION: Final = pattern(
    r"pass(?:w|p|c|\b)|_pass|Pass\b|PASS\b|pwd|psw\b|\bpw\b|secret|token|jwt|key\b|keys\b|credential", re.IGNORECASE
)
_WORD: Final = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

PASSWORD_WORDS: Final = frozenset(
    "password passwd pwd passphrase passcode pw psw passwrd userpass dbpass dbpassword userpassword".split()
)
_SECRET_WORDS: Final = frozenset("secret apikey secretkey authtoken accesstoken".split())
_TOKEN_WORDS: Final = frozenset(("token", "jwt"))
_PAGING: Final = frozenset(
    "next page continuation sync cursor pagination start end sep pad eos bos unk special".split()
)
_KEY_MARKS: Final = frozenset(
    "api secret private access signing sign encryption encrypt crypto aes master auth hmac jwt app license service "
    "account client subscription fernet cipher aws stripe openai sendgrid twilio".split()
)
_ABOUT: Final = frozenset(
    "field fields header headers name names url urls uri path paths file filename files env var variable hint label "
    "labels length len min max type types prefix suffix regex pattern re policy param params parameter column endpoint "
    "expiry expires expiration expire ttl timeout lifetime age error errors message msg text prompt title placeholder "
    "format template validator validators validation hasher hashers backend class algorithm algorithms alg scheme "
    "cookie attr attribute option options arg args index idx count size limit kind status state action event scope "
    "scopes audience issuer dir directory folder location help description desc usage flag form input view page route "
    "link id ids list map dict set store storage manager provider factory generator handler service module model "
    "strength rules requirements pos position start end line lineno version mode method encoding charset chars "
    "alphabet separator delimiter sep def definition docs doc info ref reference arn selector strategy source key "
    "required enabled disabled visible hidden changed reset".split()
)
_NEGATIONS: Final = frozenset(
    "has is use uses require requires required check show hide allow with without no non invalid missing wrong bad "
    "fake dummy mock example sample test tests fixture forgot ask prompt need needs hashed encrypted masked redacted "
    "public".split()
)


_ACTIONS: Final = frozenset("update change set get generate force remember save print rotate".split())
"""First words of names that say what is done with a secret: `update_password == "always"`."""

LONGEST_NAME: Final = 60
"""Characters beyond which nothing is read as a name."""


class Judged:
    """A judgement of single words that is asked for all words of a file at once, file after file.

    The files of a project share most of their words, so each is judged once; the rest is arithmetic of sets.
    """

    def __init__(self, judge: Callable[[str], bool]) -> None:
        self._judge = judge
        self._known: set[str] = set()
        self._chosen: set[str] = set()

    def any(self, words: Set[str]) -> bool:
        """Whether the judgement is true of one of the words."""
        new = words - self._known
        if new:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
                self._chosen.clear()
                new = words
            self._known |= new
            self._chosen.update(filter(self._judge, new))
        return not self._chosen.isdisjoint(words)


_MOST_KNOWN: Final = 200_000
"""Words after which a judgement forgets all and starts again, so that a process that lives long does not grow."""


def mentions_secret(names: Set[str]) -> bool:
    """Whether any of the names may be that of a secret: quick, and true too often."""
    return _MENTIONING.any(names)


_MENTIONING: Final = Judged(lambda name: may_name_secret(name) and _MENTION.search(name) is not None)


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """The words of an identifier in lower case, whatever its style."""
    return tuple(word.lower() for word in _WORD.findall(name))


_PASSES: Final = frozenset("first second third last next one two single multi low high band by render final".split())
"""What stands before a `pass` that is a run over something."""
_PARTS: Final = ("pass", "key", "token", "secret", "auth", "pw", "jwt", "cred", "psw", "login")
"""One of them stands in every name that `secret_kind` gives a kind, and in every name of a login."""


def may_name_secret(name: str) -> bool:
    """Whether a name may be that of a secret (`secret_kind`) or of a login: quick, and true too often."""
    low = name.lower()
    for part in _PARTS:  # noqa: SIM110 - `any` takes three times as long
        if part in low:
            return True
    return False


@lru_cache(maxsize=8192)
def secret_kind(name: str) -> str:
    """`password`, `secret`, `key` or `token` if a value of this name is a secret, else `""`."""
    if not may_name_secret(name):
        return ""
    words = [word for word in words_of(name) if not word.isdigit()]
    if not words or len(name) > LONGEST_NAME or _NEGATIONS.intersection(words) or words[0] in _ACTIONS:
        return ""
    last = words[-1]
    if last in PASSWORD_WORDS or (last == "pass" and len(words) > 1 and words[-2] not in _PASSES):
        return "password"
    if last in ("key", "keys"):
        return "key" if _KEY_MARKS.intersection(words[:-1]) else ""
    if last in _ABOUT:
        return ""
    if last in _SECRET_WORDS or (last in ("credential", "credentials") and len(words) > 1):
        return "secret"
    if last in _TOKEN_WORDS:
        return "" if _PAGING.intersection(words) else "token"
    if last in ("value", "default", "prod", "production", "dev", "live") and len(words) > 1:
        return secret_kind("_".join(words[:-1]))
    return ""
