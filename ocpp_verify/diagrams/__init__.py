"""Pictures of models: neutral descriptions (`pictures`) and their formats (`render`)."""
