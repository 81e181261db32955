"""What each of the six services does: one module a service, named like it."""
