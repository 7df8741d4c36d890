"""What an attack is, what is held against it, and what is found."""

import dataclasses
from typing import Callable

UNITS = {"s": 1, "ms": 1e-3, "MiB": 1 << 20, "KiB": 1 << 10}


@dataclasses.dataclass
class Findings:
    """What was seen; waits (see bystander.py) in seconds, memory in bytes."""

    before: dict
    during: dict
    memory_before: int
    memory_most: int
    cpu: float
    delay: float  # seconds in which the gateway could have run, and others had its core
    seconds: float
    more: dict  # what the attack itself has found

    @property
    def growth(self):
        return self.memory_most - self.memory_before


@dataclasses.dataclass
class Goal:
    measured: str
    value: Callable[[Findings], float]
    limit: float
    unit: str
    is_wait: bool = False

    def met(self, findings):
        return self.value(findings) <= self.limit * UNITS[self.unit]


@dataclasses.dataclass
class Attack:
    name: str
    what: str
    run: Callable  # the attack, handed its Scene; returns what it has found itself, or None
    goals: list
    upstream: dict  # arguments of ScriptedUpstream
    asks: str = "Cancel"  # what the bystander calls


def bystander_waits(limit, unit="ms", measured="the bystander's longest wait"):
    return Goal(measured, lambda found: found.during["most"], limit, unit, is_wait=True)


def shot_waits(limit):
    """For attacks that are repeated one by one."""
    measured = "the bystander's longest wait, median of the shots"
    return Goal(measured, lambda found: found.more["wait"], limit, "ms", is_wait=True)


def memory_grows_by(limit):
    return Goal("growth of resident memory, at most", lambda found: found.growth, limit, "MiB")


def memory_is(limit):
    return Goal("resident memory, at most", lambda found: found.memory_most, limit, "MiB")


def each_takes(limit):
    return Goal("resident memory a connection", lambda found: found.more["each"], limit, "KiB")
