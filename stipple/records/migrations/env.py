"""Alembic's entry point: runs the migrations on the address given by `stipple.records.database`."""

from alembic import context

# Imported for its tables, which the comparison of the schema would miss otherwise.
from stipple.records import clarity_models, lesson_models, resolution_models, staff_models, wording_models  # noqa: F401
from stipple.records.database import open_database
from stipple.records.models import Base

engine = open_database(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
