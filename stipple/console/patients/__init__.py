"""Patients in the console: finding them, one patient's page, and changing their record."""
