"""One rule per file: `check(subject)` yields findings."""
