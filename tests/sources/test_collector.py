"""Refreshes run without the cyclic garbage collector."""

import gc

import pytest

from sources.collector import paused_collector


def test_the_collector_is_paused_until_the_outermost_block_ends():
    with paused_collector():
        with paused_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_leaves_it_running():
    with pytest.raises(ValueError, match="broken"), paused_collector():
        raise ValueError("broken")
    assert gc.isenabled()
