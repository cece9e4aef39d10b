"""Routes: one module per family, thin; rules live below."""
