"""`python3 -m faasd.cli`: the command without its file on PATH."""

from faasd.cli import main

main()
