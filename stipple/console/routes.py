"""Every page of the console."""

from fastapi import APIRouter

from stipple.console import (
    routes_clarity,
    routes_conversations,
    routes_door,
    routes_inbox,
    routes_patient_edit,
    routes_patient_import,
    routes_patients,
)

router = APIRouter()
for part in (
    routes_door,
    routes_inbox,
    routes_conversations,
    routes_clarity,
    routes_patient_import,
    routes_patients,
    routes_patient_edit,
):
    router.include_router(part.router)
