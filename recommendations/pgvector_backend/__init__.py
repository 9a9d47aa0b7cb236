"""Search in PostgreSQL, by pgvector: for shops that outgrow one machine. Opt-in; see docs/pgvector.md."""
