"""The vocabulary of a lesson's grader: what its checks import, and nothing else."""

from grader.checks.conduct import AUTOGRAD, assert_differentiable, assert_follows_device, banned, unchanged
from grader.checks.values import (
    assert_close,
    assert_converges,
    assert_detached,
    assert_floats,
    assert_mean,
    assert_raises,
    autograd,
    claim,
    looks_like,
    returned,
)
from grader.drawing import Drawing
from grader.face import Student
from grader.given import Given
from grader.lesson import check
from grader.plain import in_place
from grader.quiz import assert_answers
from grader.verdict import StudentError

__all__ = [
    "AUTOGRAD",
    "Drawing",
    "Given",
    "Student",
    "StudentError",
    "assert_answers",
    "assert_close",
    "assert_converges",
    "assert_detached",
    "assert_differentiable",
    "assert_floats",
    "assert_follows_device",
    "assert_mean",
    "assert_raises",
    "autograd",
    "banned",
    "check",
    "claim",
    "in_place",
    "looks_like",
    "returned",
    "unchanged",
]
