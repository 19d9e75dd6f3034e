"""What this machine offers to the kit, and the command that mends what is missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform

import torch

from grader.devices import available
from grader.isolation import levels
from grader.plugin import kit_version


def report() -> int:
    """Print what is here; 0 where submissions can be graded isolated, 1 where not."""
    print(f"trainloop {kit_version()}, Python {platform.python_version()}, torch {torch.__version__}, {platform.platform()}")
    print("devices: " + ", ".join(f"{name} {'yes' if here else 'no'}" for name, here in available().items()))
    print(_nbgrader())
    try:
        found = levels.find()
    except levels.CannotIsolate as error:
        print(f"isolation: {error}")
        return 1
    found.warm.close()
    print("\n".join(found.said()))
    return 0


def _nbgrader() -> str:
    if importlib.util.find_spec("nbgrader") is None:
        return "nbgrader: not installed; instructors need it: pip install 'trainloop[instructor]'"
    return f"nbgrader: {importlib.metadata.version('nbgrader')}"
