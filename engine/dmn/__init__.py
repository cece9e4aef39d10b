"""DMN 1.1 to 1.5: decision tables, requirement graphs and boxed expressions, on our own FEEL.

`load(data).decide(name, inputs)` gives a `Decision(value, errors, matched)`.
"""

from .model import Decision, Model, load

__all__ = ["Decision", "Model", "load"]
