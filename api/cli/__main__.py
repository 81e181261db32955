"""`python -m api.cli` is `interlock`."""

from api.cli.root import main

main()
