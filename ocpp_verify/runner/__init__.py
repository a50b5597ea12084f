"""From files to results: load, check, generate, test. Emits events and prints nothing."""
