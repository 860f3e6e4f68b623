"""Names of values that must not be guessed, such as `reset_code` and `generate_password`."""

import itertools
from functools import lru_cache
from typing import Final

from custodiet.rules.checks.words import words_of

_ALONE: Final = frozenset(
    "password passwd pwd passphrase passcode otp totp hotp token secret salt nonce csrf captcha apikey credential "
    "sessionid sessid sid jwt iv pin cryptokey secretkey authtoken".split()
)
_IN_FUNCTIONS: Final = frozenset(("tokens", "passwords", "secrets", "salts"))
_BEFORE_KEY: Final = frozenset(
    "api secret private access signing encryption crypto aes master license session auth hmac symmetric fernet "
    "generate create make new random unlock security".split()
)
_BEFORE_CODE: Final = frozenset(
    "verification verify confirmation confirm activation activate reset recovery access auth authentication security "
    "invite invitation backup login otp promo coupon discount voucher referral mfa 2fa pairing unlock sms email".split()
)
_CODES: Final = frozenset("code codes link number pin id url hash string".split())
_SESSION: Final = frozenset("id key identifier token cookie".split())
_NEUTRAL: Final = frozenset(
    "length len size count index idx num position pos type policy field chars characters delay timeout ttl ratio prob "
    "probability rate weight bucket limit offset max min row column col color colour alphabet charset".split()
)
_QUANTITIES: Final = frozenset("num n max min count total mask masked".split())
_SELECTING: Final = frozenset("sample pick select mask drop choose augment subsample".split())
_SPELLED: Final = frozenset("string str text id code key chars identifier uid slug suffix".split())


@lru_cache(maxsize=4096)
def protects(name: str, *, is_function: bool = False) -> bool:
    """Whether a value of this name (or what a function of this name makes) must not be guessed."""
    words = words_of(name)
    if not words or words[-1] in _NEUTRAL or words[0] in _QUANTITIES or (is_function and words[0] in _SELECTING):
        return False
    if _ALONE.intersection(words) or (is_function and _IN_FUNCTIONS.intersection(words)):
        return True
    for before, after in itertools.pairwise(words):
        if (
            (after == "key" and before in _BEFORE_KEY)
            or (before == "session" and after in _SESSION)
            or (after in _CODES and before in _BEFORE_CODE)
        ):
            return True
    return False


@lru_cache(maxsize=4096)
def protects_if_spelled(name: str) -> bool:
    """Whether a function of this name that draws letters is likely to make something that must not be guessed."""
    words = words_of(name)
    return bool(words) and words[-1] in _SPELLED and bool({"random", "generate", "unique", "create"} & set(words))
