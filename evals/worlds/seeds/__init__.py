"""What each of the six services holds on its first day: the same cast, seen from six systems."""
