"""The clinic's records: models, migrations, repositories and the CSV import."""
