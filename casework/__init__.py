"""The district's own records: areas, posts, staff, households, leads, notices, payouts, ledgers."""
