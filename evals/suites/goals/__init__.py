"""Goals over the demo enterprise, judged by the systems' own ledgers: exactly what was meant, and nothing else."""
