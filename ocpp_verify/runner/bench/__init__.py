"""Measurements: contenders take turns in one run, and medians are told with the machine's name left out."""
