"""An error says what to do next."""

import importlib
import pkgutil

import pytest

import custodiet
from custodiet.errors import CustodietError

pytestmark = pytest.mark.house


def error_classes() -> list[type[CustodietError]]:
    for module in pkgutil.walk_packages(custodiet.__path__, "custodiet."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = [], [CustodietError]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return found


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_an_error_has_a_hint_and_an_exit_code(error: type[CustodietError]):
    raised = error("nothing to see")
    assert raised.hint
    assert raised.exit_code in {2, 3, 4}
    assert raised.hint[0].islower() or raised.hint[0] == "`"
    assert not raised.hint.endswith(".")
