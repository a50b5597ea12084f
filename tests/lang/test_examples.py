from __future__ import annotations

import doctest

from ocpp_verify.lang import explain, format, load


def test_examples_in_docstrings_do_what_they_say() -> None:
    for module in (explain, format, load):
        tried = doctest.testmod(module)
        assert tried.attempted
        assert not tried.failed
