"""How often does a race or a fault get its chance? PENSET_TEST_ROUNDS says so; else a few times, as in daily work."""

import os


def rounds(usual: int) -> int:
    """So many rounds, unless the environment asks for another number."""
    return int(os.environ.get("PENSET_TEST_ROUNDS", usual))
