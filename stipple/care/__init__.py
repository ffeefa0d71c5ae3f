"""The clinic's rules as pure functions: no database, no clock, no network."""
