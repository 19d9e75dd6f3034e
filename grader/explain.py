"""What torch's common error messages mean, in one or two plain sentences."""

from __future__ import annotations

import re

SENTENCES: tuple[tuple[str, str], ...] = (
    (
        r"element 0 of tensors does not require grad",
        "backward() was called on a value that autograd has no history for: no tensor that it was computed from has"
        " requires_grad=True, or the history was cut by .item(), float(), .detach(), torch.tensor(...) or torch.no_grad().",
    ),
    (
        r"a (view of a )?leaf Variable that requires grad is being used in an in-place operation",
        "A parameter (requires_grad=True) was changed in place while autograd was recording. Put the update under"
        " `with torch.no_grad():`, so that the update itself is not differentiated.",
    ),
    (
        r"backward through the graph a second time",
        "backward() frees the graph that it walks. Compute the loss again in every step, and call backward() once for it.",
    ),
    (
        r"modified by an inplace operation",
        "A tensor that backward() needs was overwritten after the forward pass. Call backward() before the update, or write"
        " the result into a new tensor.",
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        "backward() starts from one number. Reduce the loss to a scalar first, with .mean() for instance.",
    ),
    (
        r"Can't call numpy\(\) on Tensor that requires grad",
        "A tensor with a history cannot become a numpy array. Use .detach() first, or stay with torch.",
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied|size mismatch, got|inconsistent tensor size|incompatible matrix sizes"
        r"|expected .*? to have (the )?same (size|number)|vector and matrix|must be 2D|1D tensors expected"
        r"|need to be at least 1D",
        "In A @ B the last size of A must equal the first size of B (the one before last, for stacks of matrices). Print both"
        " shapes; a .T or a swapped order is the usual cause.",
    ),
    (
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        "The two shapes do not broadcast: counted from the right, every pair of sizes must be equal or contain a 1.",
    ),
    (
        r"to have the same dtype|expected scalar type|Found dtype \w+ but expected|same dtype|dtype mismatch",
        "Two tensors of different dtypes met. Tensors you make yourself need the dtype of the input: torch.zeros(n,"
        " dtype=x.dtype, device=x.device), or x.new_zeros(n).",
    ),
    (
        r"(Expected all tensors to be on the same device|[Tt]ensors? on device|found at least two devices|is on cpu|meta tensor)",
        "Tensors on different devices met. Tensors you make yourself need the device of the input: torch.zeros(n,"
        " dtype=x.dtype, device=x.device), or x.new_zeros(n).",
    ),
    (
        r"input matrix is singular|does not have full rank|is not invertible",
        "The matrix has no inverse: some columns are combinations of others, so that many solutions exist. pinv and lstsq choose"
        " one of them.",
    ),
    (
        r"(only one element tensors can be converted|a Tensor with \d+ elements cannot be converted to Scalar)",
        "float() and .item() need a tensor with exactly one element. Reduce it first, with .mean() or .sum().",
    ),
    (
        r"Boolean value of Tensor with more than one value is ambiguous",
        "`if` needs one truth value, but the tensor has several. Say .any() or .all(), or use torch.where.",
    ),
    (
        r"unsupported operand type\(s\) for .*'NoneType'",
        "One side is None. A `.grad` is None until backward() has run, and a function without `return` returns None.",
    ),
    (
        r"'NoneType' object (is not|has no|cannot)",
        "Something is None where a value was expected. A `.grad` is None until backward() has run, and a function without"
        " `return` returns None.",
    ),
    (
        r"result type Float can't be cast to .*(Long|Int)",
        "An integer tensor cannot hold fractions in place. Convert it first with .to(x.dtype) or .float().",
    ),
)


def explain(text: str) -> str | None:
    """The plain sentence for an error text of torch or Python, or None."""
    return next((sentence for pattern, sentence in SENTENCES if re.search(pattern, text)), None)
