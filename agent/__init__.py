"""Goals become plans, plans become runs, runs survive."""
