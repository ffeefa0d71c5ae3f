"""Every page of the console."""

from fastapi import APIRouter

from stipple.console import (
    routes_account,
    routes_accounts,
    routes_audit,
    routes_clarity,
    routes_conversations,
    routes_door,
    routes_elsewhere,
    routes_inbox,
    routes_items,
    routes_learning,
    routes_lessons,
    routes_messages,
    routes_patient_edit,
    routes_patient_erase,
    routes_patient_import,
    routes_patients,
    routes_plan,
    routes_plan_edit,
    routes_proposals,
    routes_reports,
    routes_resolved,
    routes_reviews,
    routes_wordings,
)

PARTS = (
    routes_door,
    routes_account,
    routes_accounts,
    routes_audit,
    routes_inbox,
    routes_items,
    routes_resolved,
    routes_conversations,
    routes_messages,
    routes_reviews,
    routes_clarity,
    routes_wordings,
    routes_proposals,
    routes_plan,
    routes_plan_edit,
    routes_reports,
    routes_patient_import,
    routes_patient_erase,
    routes_patients,
    routes_patient_edit,
    routes_learning,
    routes_lessons,
    routes_elsewhere,
)
router = APIRouter()
for part in PARTS:
    router.include_router(part.router)
