"""The clinic's records: models, migrations, repositories and the CSV import."""

# Tables of one module refer to those of others, so whoever uses one needs to know them all.
from stipple.records import clarity_models, lesson_models, resolution_models, staff_models  # noqa: F401
