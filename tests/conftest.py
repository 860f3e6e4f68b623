"""How Hypothesis looks for examples: the same ones in every run of the gate, new ones when asked.

HYPOTHESIS_PROFILE=explore pytest     looks for new counterexamples, ten times as many
"""

import os

from hypothesis import settings

# No deadline: a shared machine is slow now and then, and time is bounded where it is the subject of a test.
settings.register_profile("gate", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))
