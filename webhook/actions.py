"""Where Rasa runs Pronto's custom actions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions import store
from actions.catalogue import ACTIONS
from core.db import Sessions
from core.settings import Settings
from webhook.deps import require_internal_token

router = APIRouter(prefix="/actions", dependencies=[Depends(require_internal_token)], include_in_schema=False)
executor = ActionExecutor()
for name, action in ACTIONS.items():
    executor.register_function(name, action)


@contextlib.asynccontextmanager
async def running(sessions: Sessions, settings: Settings) -> AsyncIterator[None]:
    """Lends the actions the app's database and settings."""
    store.use(sessions, settings)
    yield


@router.post("/webhook")
async def run_action(call: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Runs one action and answers with its events and texts; 404 for an action we do not have, 422 for no contact."""
    call.setdefault("domain", {})  # no action needs it, so Rasa does not send it
    try:
        result = await executor.run(call)
    except ActionNotFoundException as error:
        return JSONResponse({"action_name": error.action_name, "error": str(error)}, 404)
    except store.UnknownContactError as error:
        return JSONResponse({"action_name": call["next_action"], "error": f"no contact for {error}"}, 422)
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})
