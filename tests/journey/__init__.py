"""A year of the general voucher, played over HTTP against an instance of its own."""
