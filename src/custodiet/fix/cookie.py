"""Sends cookies over HTTPS only, and keeps them from scripts and foreign sites."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import added, is_spread, keyword
from custodiet.fix.script import Change, Draft, Script
from custodiet.fix.setting import assigned_right, keywords_right, pairs_right

_TITLE: Final = "Set the cookie with secure, httponly and samesite"
_ON: Final = {"False": "True", "None": "True", "0": "True"}
_LAX: Final = {"None": '"Lax"', "False": '"Lax"', '""': '"Lax"', "''": '"Lax"'}
_FLAGS: Final = {"secure": _ON, "httponly": _ON, "samesite": {"False": '"Lax"'}}
_SETTINGS: Final = {
    f"{kind}_cookie_{flag}": _LAX if flag == "samesite" else _ON
    for kind in ("session", "csrf", "remember", "language")
    for flag in ("secure", "httponly", "samesite")
}
_METHODS: Final = frozenset(("set_cookie", "set_signed_cookie", "set_secure_cookie", "add_cookie", "setcookie"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """The three flags, where the cookie is set or in the settings."""
    change = assigned_right(script, finding, {**_SETTINGS, "secure": _ON, "httponly": _ON})
    if change is not None:
        return Draft(_TITLE, (change,))
    for call in script.calls(finding):
        if script.method(call) in _METHODS:
            if is_spread(call):
                return None
            changes: list[Change] = list(keywords_right(script, call, _FLAGS))
            missing = [
                text
                for name, text in (
                    ("secure", "secure=True"),
                    ("httponly", "httponly=True"),
                    ("samesite", 'samesite="Lax"'),
                )
                if keyword(script, call, name) is None
            ]
            if missing:
                changes.append(added(call, *missing))
            return Draft(_TITLE, tuple(changes))
        settings = (*keywords_right(script, call, _SETTINGS), *pairs_right(script, call, _SETTINGS))
        if settings:
            return Draft(_TITLE, settings)
        session = tuple(keywords_right(script, call, {"https_only": _ON}))
        if session:
            return Draft(_TITLE, session)
        if script.callee(call).endswith("SessionMiddleware") or script.method(call) == "add_middleware":
            return Draft(_TITLE, (added(call, "https_only=True"),)) if not is_spread(call) else None
    return None
