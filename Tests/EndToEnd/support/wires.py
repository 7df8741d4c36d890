"""One description of a test, and both wires that it runs over."""

from __future__ import annotations

import sys

from .grpc_client import GRPCClient


def over_both_wires(tests: type) -> type:
    """Makes the tests of a class once more, with gRPC clients where they have ttrpc ones: those of `XOverGRPC`."""
    own = {name: None for name in dir(tests) if getattr(getattr(tests, name), "is_for_ttrpc_only", False)}
    name = tests.__name__ + "OverGRPC"
    twin = type(name, (tests,), {"client_type": GRPCClient, "__module__": tests.__module__, **own})
    setattr(sys.modules[tests.__module__], name, twin)
    return tests


def ttrpc_only(test):
    """For a test in such a class of what only ttrpc has."""
    test.is_for_ttrpc_only = True
    return test
