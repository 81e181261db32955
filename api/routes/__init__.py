"""The REST interface under `/v1`, a module for each noun."""
