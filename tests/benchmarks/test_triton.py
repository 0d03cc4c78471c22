"""What the Triton benchmark says of queues, without a server."""

import pytest

from benchmarks import triton


def test_at_random_times_even_a_perfect_server_has_a_long_tail():
    idle, busy = (triton.ideal_tail(share, calls=20_000) for share in (0.001, 0.7))

    assert 1 <= idle < 1.1
    assert busy > triton.TAIL  # hence the target is for calls at an even pace


def test_an_unknown_option_is_refused():
    with pytest.raises(SystemExit):
        triton.main(["--guess"])
