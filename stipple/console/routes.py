"""Every page of the console."""

from fastapi import APIRouter

from stipple.console import routes_clarity, routes_conversations, routes_door, routes_inbox, routes_reports

router = APIRouter()
for part in (routes_door, routes_inbox, routes_conversations, routes_clarity, routes_reports):
    router.include_router(part.router)
