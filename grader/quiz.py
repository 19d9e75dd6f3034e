"""The quiz that ends a module: answers are compared by salted hash, so that reading the grader gives none away."""

from __future__ import annotations

import hashlib
from typing import Any

from grader import show
from grader.verdict import CheckFailed


def seal(lesson: str, question: str, answer: str) -> str:
    """The hash that stands in a grader for `answer`; the salt keeps equal letters from looking equal."""
    return hashlib.sha256(f"trainloop/{lesson}/{question}/{answer}".encode()).hexdigest()[:16]


def assert_answers(answers: Any, lesson: str, sealed: dict[str, str]) -> None:
    """Fail unless `answers` maps every question of `sealed` to the letter whose `seal` stands there."""
    if not isinstance(answers, dict):
        raise CheckFailed(
            f"expected   a dict with the keys {', '.join(sealed)}\ngot        {show.kind(answers)}", subject=answers
        )
    absent = [question for question in sealed if question not in answers]
    if absent:
        raise CheckFailed(f"expected   an answer to every question\ngot        none to {', '.join(absent)}", subject=answers)
    letters = [q for q in sealed if not (isinstance(answers[q], str) and len(answers[q]) == 1 and answers[q].islower())]
    if letters:
        raise CheckFailed(
            f"expected   one lower-case letter for each question\ngot        {answers[letters[0]]!r} for {letters[0]}"
        )
    wrong = [question for question, hashed in sealed.items() if seal(lesson, question, answers[question]) != hashed]
    if wrong:
        raise CheckFailed(
            f"expected   {len(sealed)} right answers\ngot        {len(sealed) - len(wrong)}; wrong: {', '.join(wrong)}",
            subject=answers,
        )
