"""From a finished check to text for people and machines. A reporter turns it into one string.

Each is one module with a `render` and one line in `ALL`.
"""

ALL: tuple[str, ...] = ("text", "json", "junit", "markdown")
