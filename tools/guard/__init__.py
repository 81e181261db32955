"""Decides, records and performs every call that reaches a system."""
