"""The gateway's application: the one process the public can reach."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import State

from stipple.console.alike import Reader
from stipple.console.render import STATIC
from stipple.console.routes import router as console
from stipple.content.pack import Pack, load_pack
from stipple.gateway import cases, chat
from stipple.gateway.engine import Engine
from stipple.gateway.forgetting import keep_forgetting
from stipple.gateway.notifier import Notifier
from stipple.gateway.outage import Outage
from stipple.gateway.reach import Reach
from stipple.gateway.reading_in import ReadingIn
from stipple.gateway.turns import Turns
from stipple.records.database import Database
from stipple.records.in_use import PackInUse
from stipple.records.spool import Spool
from stipple.screening.screen import Screen
from stipple.sealing import Sealer
from stipple.settings import Settings, get_settings
from stipple.stack.model import model_path

PAGE = Path(__file__).parent / "page"
# On two cores Python gives six, which the turns that are under way when the database falls silent could all hold.
THREADS = 32
# The page loads nothing from elsewhere and cannot be framed.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _State(State):
    """What every request can reach; ``pack`` is the content in use, never an older one kept aside."""

    @property
    def pack(self) -> Pack:
        packs: PackInUse = self.packs
        return packs.pack


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the gateway.

    Raises:
        SettingsError: when a setting is missing or bad.
        ContentError: when a content file cannot be used.
    """
    settings = settings or get_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        forgetting = keep_forgetting(state.database, settings.engine_database_url)
        watches = [asyncio.create_task(watch) for watch in (state.notifier.run(), state.reading_in.run(), forgetting)]
        yield
        for watch in watches:
            watch.cancel()
        await app.state.engine.close()

    app = FastAPI(title="Stipple", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state = _State()
    app.state.settings = settings
    app.state.sealer = Sealer(settings)
    app.state.packs = PackInUse(load_pack(settings.content_dir))
    app.state.database = Database(settings.database_url)
    # While the database is down the files must do; the first turn looks again.
    with suppress(SQLAlchemyError), app.state.database.begin() as db:
        app.state.packs.refresh(db)
    app.state.engine = Engine(settings.engine_url, settings.reply_timeout_seconds)
    model = settings.model_dir or model_path()
    screen = Screen(model, app.state.pack.red_flags)
    app.state.reader = Reader(model)
    app.state.notifier = Notifier(app.state.database, settings)
    state = app.state
    state.spool = Spool(settings.spool_dir)
    state.reading_in = ReadingIn(state.database, state.spool, state.packs, state.notifier)
    state.turns = Turns(state.database, state.engine, state.packs, screen, state.notifier, state.reading_in)
    state.reach = Reach(state.database)
    state.outage = Outage(state.spool, screen, state.packs, state.notifier)
    app.include_router(chat.router)
    app.include_router(console)
    if settings.environment == "test":
        app.include_router(cases.router)
    app.mount("/static/console", StaticFiles(directory=STATIC), name="console")
    app.mount("/static", StaticFiles(directory=PAGE), name="static")
    app.middleware("http")(_guard)

    @app.get("/")
    def page() -> FileResponse:
        return FileResponse(PAGE / "chat.html")

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse a change that another site's page asks for, and set the security headers."""
    response: Response
    if request.method == "POST" and request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        response = JSONResponse({"detail": "This request came from another site."}, status_code=403)
    else:
        response = await call_next(request)
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
