"""From models and specs to tests that people can read."""
