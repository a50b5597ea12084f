"""From models, traces and logs to pictures, so that a picture says what the model says."""
