"""Marks for tests that use a program which a machine may lack; the reason is printed when they are left out."""

import shutil

import pytest


def needs(*programs: str) -> pytest.MarkDecorator:
    """Left out where one of the programs is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs the program {', '.join(missing)}")
