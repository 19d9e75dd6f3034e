"""Answers that no student would be proud of, made from a solution: lazy ones, which must fail, and strange ones, which
must not bring a check down.
"""

from __future__ import annotations

CONSTANTS = {
    "none": "None",
    "int": "3",
    "nan": "float('nan')",
    "text": "'1.0'",
    "empty_list": "[]",
    "empty_tuple": "()",
    "three_nones": "(None, None, None)",
    "nested": "[[1.0], [[2.0, 3.0]]]",
    "dict": "{'w': torch.ones(2)}",
    "object": "object()",
    "function": "torch.mean",
    "empty_tensor": "torch.empty(0)",
    "scalar_tensor": "torch.tensor(1.0)",
    "pair_of_tensors": "(torch.ones(3, 1), torch.ones(1, 3))",
    "integer_tensor": "torch.arange(4)",
    "complex_tensor": "torch.ones(2, dtype=torch.complex64)",
    "meta_tensor": "torch.empty(2, device='meta')",
    "sparse_tensor": "torch.eye(3).to_sparse()",
    "generator": "torch.Generator()",
    "numpy": "__import__('numpy').ones(3)",
}
CHANGES = {
    "one_more": "(*value, value) if isinstance(value, tuple) else (value, value)",
    "one_less": "value[:-1] if isinstance(value, (tuple, list)) and len(value) else None",
    "unsqueezed": "_mapped(value, lambda t: t.unsqueeze(0))",
    "flattened": "_mapped(value, lambda t: t.reshape(-1))",
    "not_a_number": "_mapped(value, lambda t: t * float('nan'))",
    "half_precision": "_mapped(value, lambda t: t.half())",
    "rounded": "_mapped(value, lambda t: t.long())",
    "on_meta": "_mapped(value, lambda t: t.to('meta'))",
    "in_numpy": "_mapped(value, lambda t: t if t.is_meta else t.detach().numpy())",
    "tracked": "_mapped(value, lambda t: t.double().requires_grad_())",
    "as_text": "str(value)",
}
CHANGED = """

def _mapped(value, change):
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_mapped(item, change) for item in value)
    return {{key: _mapped(item, change) for key, item in value.items()}} if isinstance(value, dict) else value


def _zeros(value):
    if isinstance(value, torch.Tensor):
        return torch.zeros_like(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_zeros(item) for item in value)
    if isinstance(value, dict):
        return {{key: _zeros(item) for key, item in value.items()}}
    return type(value)() if isinstance(value, (bool, int, float, str)) else iter(()) if hasattr(value, "__next__") else value


def _spoil(value):
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        _spoil(item)
    if isinstance(value, torch.Tensor):
        value.data.zero_()


def _changed(function):
    def changed(*args, **kwargs):
        value = function(*args, **kwargs)
        return {expression}

    return changed


for _name in {names}:
    globals()[_name] = _changed(globals()[_name])
"""


def lazy(solution: str, names: list[str]) -> dict[str, str]:
    """Modules of someone who does no work: the first argument back, or zeros of the right kind and shape.

    `spoilt` zeroes its arguments too, so that an expected value computed from them afterwards would be zero as well.
    """
    return {
        "first_argument": _all_return(names, "args[0] if args else None"),
        "zeros": _all_changed(solution, names, "_zeros(value)"),
        "spoilt": _all_changed(solution, names, "_spoil((args, kwargs)) or _zeros(value)"),
    }


def strange(solution: str, names: list[str]) -> dict[str, str]:
    """Modules whose functions return what no check expects, or the right thing bent out of shape."""
    constants = {name: _all_return(names, expression) for name, expression in CONSTANTS.items()}
    return constants | {name: _all_changed(solution, names, expression) for name, expression in CHANGES.items()}


def _all_return(names: list[str], expression: str) -> str:
    functions = [f"def {name}(*args, **kwargs):\n    return {expression}\n" for name in names]
    return "import torch\n\n" + "\n".join(functions)


def _all_changed(solution: str, names: list[str], expression: str) -> str:
    return f"{solution}\nimport torch\n{CHANGED.format(names=names, expression=expression)}"
