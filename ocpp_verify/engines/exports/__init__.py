"""A ground system in the words of other tools."""
