"""The page's addresses: the chat, its history, its stream, what is posted, and its files."""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler as AnyHandler

from bot.channels.base import Load, NotStored, Receive, SendFailed
from bot.channels.web.filetypes import DOWNLOAD, served_as
from bot.channels.web.pages import PAGE_HEADERS, Pages
from bot.channels.web.rates import PerMinute
from bot.channels.web.streams import Streams, TooManyPages
from bot.channels.web.uploads import MOST_BYTES, BadPost, Posted, read_post
from bot.channels.web.wire import LinkTo, line_json
from bot.messages import File
from storage import chatlog, links
from storage.media import MediaFolder, files
from storage.vault import Vault
from storage.worker import StorageWorker

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATIC = Path(__file__).parent / "static"
SECONDS_BETWEEN_BEATS = 15.0
# The comment keeps proxies from cutting the line; only an event is seen by the page's script,
# which thereby notices a line that died in silence.
BEAT = ": beat\nevent: beat\ndata: 1\n\n"
MOST_UNSTORED = 256

log = structlog.get_logger()


class Routes:
    """The handlers, and the little they share."""

    def __init__(
        self,
        worker: StorageWorker,
        vault: Vault,
        media: MediaFolder,
        streams: Streams,
        *,
        clock: Callable[[], datetime],
        demo_cast: Callable[[], Awaitable[list[links.CastMember]]] | None,
        load: Load | None,
        per_minute: int,
    ) -> None:
        self.load = load
        self._worker = worker
        self._vault = vault
        self._media = media
        self._streams = streams
        self._clock = clock
        self._demo_cast = demo_cast
        self._rate = PerMinute(per_minute)
        self._pages = Pages()
        self._receive: Receive | None = None
        # Files of posts that could not be stored yet: the page repeats them with the same id.
        self._unstored: OrderedDict[str, tuple[File, ...]] = OrderedDict()

    def app(self, receive: Receive) -> web.Application:
        """The application that hands what is posted to `receive`."""
        self._receive = receive
        app = web.Application(client_max_size=MOST_BYTES + 1024**2, middlewares=[self._guard])
        app.on_response_prepare.append(_safe_headers)
        app.router.add_get("/", self._front)
        app.router.add_get("/c/{token}", self._chat)
        app.router.add_get("/c/{token}/history", self._history)
        app.router.add_get("/c/{token}/stream", self._stream, allow_head=False)
        app.router.add_post("/c/{token}/messages", self._post)
        app.router.add_get(r"/c/{token}/media/{id:\d{1,12}}.{sig}", self._file)
        app.router.add_static("/static", STATIC)
        return app

    def linker(self, token: str) -> LinkTo:
        """Addresses of files for the page with this token, which open for no other."""

        def link(file: File) -> str:
            return f"/c/{token}/media/{file.id}.{self._signature(token, str(file.id))}"

        return link

    def _signature(self, token: str, media_id: str) -> str:
        return self._vault.digest("media", token, media_id)[:32]

    @web.middleware
    async def _guard(self, request: web.Request, handler: AnyHandler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            if request.method in ("GET", "HEAD"):
                return self._pages.not_found()
            return _no(404, "not_found")
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as error:
            # Only the kind of error: its words may quote what a person wrote, the path a token.
            resource = request.match_info.route.resource
            log.error(
                "web_request_failed",
                route=resource.canonical if resource else "",
                error=type(error).__name__,
            )
            return web.json_response({"ok": False, "error": "fault"}, status=500)

    async def _visitor(self, request: web.Request) -> links.Visitor:
        token = request.match_info["token"]
        if len(token) > 128:
            raise web.HTTPNotFound
        demo = self._demo_cast is not None
        visitor = await self._worker.read(lambda s: links.visitor(s, self._vault, token, demo=demo))
        if visitor is None:
            raise web.HTTPNotFound
        return visitor

    async def _front(self, request: web.Request) -> web.Response:
        if self._demo_cast is None:
            return self._pages.closed()
        return self._pages.demo(await self._demo_cast())

    async def _chat(self, request: web.Request) -> web.Response:
        return self._pages.chat(await self._visitor(request))

    async def _history(self, request: web.Request) -> web.Response:
        visitor = await self._visitor(request)
        before = _moment(request.query.get("before", ""))
        lines, more = await self._worker.read(
            lambda s: chatlog.recent(s, "web", visitor.chat, before=before)
        )
        link = self.linker(request.match_info["token"])
        return web.json_response(
            {"messages": [line_json(line, visitor.chat, link) for line in lines], "more": more},
            headers={"Cache-Control": "no-store"},
        )

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        visitor = await self._visitor(request)
        try:
            stream = self._streams.join(visitor.chat, request.match_info["token"])
        except TooManyPages:
            return web.json_response({"ok": False, "error": "too_many_pages"}, status=429)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        try:
            await response.prepare(request)
            await response.write(BEAT.encode())
            while True:
                try:
                    text = await asyncio.wait_for(stream.waiting.get(), SECONDS_BETWEEN_BEATS)
                except TimeoutError:
                    text = BEAT
                if not text:
                    return response
                await response.write(text.encode())
        except ConnectionError:
            return response  # the page went away
        finally:
            self._streams.leave(stream)

    async def _post(self, request: web.Request) -> web.Response:
        visitor = await self._visitor(request)
        now = self._clock()
        if not self._rate.allows(visitor.chat, now):
            return _no(429, "too_fast")
        try:
            posted = await read_post(request)
        except BadPost as bad:
            return _no(bad.status, bad.code)
        # The inbox knows an event by channel and id: an id of one chat must not hide another's.
        event_id = f"{visitor.chat}:{posted.id}"
        try:
            await self._take(visitor.chat, event_id, posted)
        except NotStored:
            return _no(503, "not_stored")
        # The person's other pages show it too: who says it knows it, the others look.
        self._streams.push(visitor.chat, "own", lambda _token: {"client": posted.id})
        return web.json_response({"ok": True, "at": now.isoformat()})

    async def _take(self, chat: str, event_id: str, posted: Posted) -> None:
        assert self._receive is not None
        if bool(posted.uploads) and await self._worker.read(
            lambda s: chatlog.stored(s, "web", event_id)
        ):
            return  # a repetition whose first answer got lost: do not keep its files twice
        kept = self._unstored.pop(event_id, ())
        if not kept and posted.uploads:
            kept = await asyncio.to_thread(self._keep, posted)
        try:
            await self._receive(posted.incoming(chat, event_id, kept))
        except Exception:
            if kept:
                self._unstored[event_id] = kept
                while len(self._unstored) > MOST_UNSTORED:
                    self._unstored.popitem(last=False)
            raise

    def _keep(self, posted: Posted) -> tuple[File, ...]:
        return tuple(
            File(
                kind=upload.kind,
                origin="web",
                ref=self._media.keep(upload.content),
                name=upload.name,
                mime=upload.mime,
                size=len(upload.content),
            )
            for upload in posted.uploads
        )

    async def _file(self, request: web.Request) -> web.Response:
        await self._visitor(request)
        token, media_id, signature = (request.match_info[key] for key in ("token", "id", "sig"))
        expected = self._signature(token, media_id)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise web.HTTPNotFound
        found = await self._worker.read(lambda s: files(s, [int(media_id)]))
        if not found:
            raise web.HTTPNotFound
        return _served(request, found[0], await self._bytes(found[0]))

    async def _bytes(self, file: File) -> bytes:
        try:
            if file.origin == "web":
                return await asyncio.to_thread(self._media.read, file.ref)
            if self.load is not None:
                return await self.load(file)
        except (FileNotFoundError, SendFailed):
            pass
        raise web.HTTPNotFound


def _moment(text: str) -> datetime | None:
    """The moment that a page names; None, and so the newest messages, for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _no(status: int, code: str) -> web.Response:
    headers = {"Retry-After": "20"} if status in (429, 503) else {}
    return web.json_response({"ok": False, "error": code}, status=status, headers=headers)


def _served(request: web.Request, file: File, content: bytes) -> web.Response:
    shown = served_as(content, file.mime)
    name = quote(file.name or "file", safe="")
    headers = {
        "Content-Type": shown or DOWNLOAD,
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=86400",
        "Accept-Ranges": "bytes",
    }
    # Safari plays sound and video only from a server that can give a part of it.
    try:
        part = request.http_range
    except ValueError:
        part = slice(None)
    if part.start is None and part.stop is None:
        return web.Response(body=content, headers=headers)
    start, stop, _ = part.indices(len(content))
    if start >= stop:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
    return web.Response(status=206, body=content[start:stop], headers=headers)


async def _safe_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in PAGE_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-cache")
