"""Alembic's entry point: runs the migrations on the address given by `stipple.records.database`."""

from alembic import context

from stipple.records.database import open_database
from stipple.records.models import Base

engine = open_database(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
