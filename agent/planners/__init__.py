"""The planners: one protocol, two authors."""
