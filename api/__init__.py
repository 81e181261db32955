"""The doors: HTTP, web pages, command line, and the wiring behind them."""
