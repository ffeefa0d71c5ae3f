"""Alembic's entry point: runs the migrations on the address given by `stipple.records.database`."""

from alembic import context

# Imported for its tables, which the comparison of the schema would miss otherwise.
from stipple.records import (  # noqa: F401
    clarity_models,
    erasure_models,
    lesson_models,
    month_models,
    plan_models,
    resolution_models,
    review_models,
    staff_models,
    wording_models,
)
from stipple.records.database import open_database
from stipple.records.models import Base
from stipple.records.search import in_models

engine = open_database(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, include_object=in_models
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
