"""`python -m ocpp_verify` is the `ocpp-verify` command."""

from ocpp_verify.cli import main

if __name__ == "__main__":
    main()
