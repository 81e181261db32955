"""Expressions: a small subset of Python over labelled JSON values. Nothing is ever passed to `eval`."""

from tools.expressions.language import Expression, parse, references_in, resolve

__all__ = ["Expression", "parse", "references_in", "resolve"]
