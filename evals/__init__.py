"""Measuring: the demo enterprise, the suites that run over it, and their reports."""
