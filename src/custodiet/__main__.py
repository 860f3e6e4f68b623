"""`python -m custodiet` is `custodiet`."""

from custodiet.cli import main

if __name__ == "__main__":
    main()
