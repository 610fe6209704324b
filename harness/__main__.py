"""The command `claims`, by `python -m memorization_claims`."""

from memorization_claims.cli.main import main

if __name__ == "__main__":
    main(prog_name="python -m memorization_claims")
