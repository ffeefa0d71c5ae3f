"""Every page of the console."""

from fastapi import APIRouter

from stipple.console import (
    routes_clarity,
    routes_conversations,
    routes_door,
    routes_inbox,
    routes_messages,
    routes_reviews,
)

router = APIRouter()
for part in (routes_door, routes_inbox, routes_conversations, routes_clarity):
    router.include_router(part.router)
for part in (routes_messages, routes_reviews):
    router.include_router(part.router)
