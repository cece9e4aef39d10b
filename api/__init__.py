"""HTTP: routes, schemas, sessions, the built web. All rules live in the rooms below."""
