"""From text to diagnostics or a linked, typed model."""
