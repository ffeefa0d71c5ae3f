"""`python -m stipple` is the `stipple` command."""

from stipple.cli import main

main()
