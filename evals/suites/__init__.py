"""The evaluation suites; `interlock evals run SUITE` runs one and writes its report."""
