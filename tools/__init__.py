"""One safe call: what an action is, how it becomes a request, and the guard every request passes."""
