"""The verbs of a check, one idea per file."""
