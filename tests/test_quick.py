"""What makes a run short changes nothing but the time."""

from __future__ import annotations

import subprocess
import sys

import pytest

PREPARED = "import sys, torch\nfrom grader import quick\nquick.postpone_compiler()\n"


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", PREPARED + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_optimizer_steps_without_the_compiler() -> None:
    code = """
w = torch.tensor([1.0], requires_grad=True)
for make in (torch.optim.SGD, torch.optim.Adam):
    optimizer = make([w], lr=0.1)
    optimizer.zero_grad()
    (w * w).sum().backward()
    optimizer.step()
optimizer.load_state_dict(optimizer.state_dict())
print(w.item() < 0.8, "torch._dynamo.symbolic_convert" in sys.modules)
"""
    assert run(code) == "True False\n"


@pytest.mark.parametrize(
    "code",
    [
        "import torch._dynamo.config as config; print(config.verbose)",
        "print(torch._dynamo.config.verbose)",
        "print(not torch.compile(lambda x: x + 1, backend='eager')(torch.ones(1)) == 2)",
    ],
)
def test_whoever_needs_the_compiler_gets_it(code: str) -> None:
    assert run(code) == "False\n"
