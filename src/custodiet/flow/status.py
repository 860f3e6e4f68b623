"""How a block of instructions ended: NORMAL, or what made control leave it."""

from typing import Final

NORMAL: Final = 0
RETURNED: Final = 1
RAISED: Final = 2
BROKE: Final = 3
CONTINUED: Final = 4
