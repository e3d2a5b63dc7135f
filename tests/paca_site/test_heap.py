"""The garbage collector of a web process leaves alone what start-up made."""

import gc

from paca_site.heap import heap_settle


def test_what_is_there_is_out_of_the_collectors_sight_and_what_comes_is_not() -> None:
    try:
        heap_settle()
        assert gc.get_freeze_count() > 50_000, "everything that was imported"
        knot: list[object] = []
        knot.append(knot)
        del knot
        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
