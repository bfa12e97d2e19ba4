"""What Pronto says becomes request bodies of the Graph API, within WhatsApp's limits (lengths in characters)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from core.types import Language, Location, Media, MessageKind, Option, Outbound, Template
from whatsapp.cutting import cut_tail, fit, split_text, split_title

TEXT, INTERACTIVE, CAPTION, PARAMETER = 4096, 1024, 1024, 1024
BUTTONS, BUTTON_TITLE = 3, 20
ROWS, ROW_TITLE, ROW_DESCRIPTION = 10, 24, 72
OPTION_ID, BUTTON_PAYLOAD = 200, 256
IN_HEADER = (MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT)
CHOOSE = {Language.IT: "Opzioni", Language.DE: "Auswählen", Language.EN: "Choose"}
BY_NUMBER = {
    Language.IT: "Basta rispondere con il numero.",
    Language.DE: "Bitte mit der Nummer antworten.",
    Language.EN: "Please reply with the number.",
}


@dataclass(frozen=True)
class Payload:
    """One request body, without receiver and callback. text: what a person reads; options: as offered in it."""

    body: dict[str, Any]
    text: str
    options: tuple[Option, ...] = ()


def build_payloads(message: Outbound, language: Language) -> list[Payload]:
    """One payload wherever the content allows, else several in the order to send. ValueError: cannot be said."""
    message = _move_caption(message)
    _check(message)
    text, media = _join(message.text, None if _makes_button(message) else message.link_url), list(message.media)
    payloads = [_build_location(message.location)] if message.location else []
    last = _take_last(media, text, message)
    payloads += [_build_media(one, one.caption or "") for one in media]
    if last and not message.options:
        return [*payloads, _build_media(last, _join(text, last.caption))]
    if not text and not last:
        return payloads
    return payloads + _build_talk(_join(text, last.caption if last else None), last, message, language)


def _move_caption(message: Outbound) -> Outbound:
    """Options need a text above them; the caption of the only medium will do."""
    if not message.options or message.text.strip() or len(message.media) != 1:
        return message
    return replace(message, text=message.media[0].caption or "", media=(replace(message.media[0], caption=None),))


def _check(message: Outbound) -> None:
    ids = [option.id for option in message.options]
    if len(set(ids)) < len(ids):
        raise ValueError("two options have the same id")
    for option in message.options:
        if not 0 < len(option.id) <= OPTION_ID:
            raise ValueError(f"the option {option.title!r} needs an id of 1 to {OPTION_ID} characters")
        if not option.title.strip():
            raise ValueError(f"the option {option.id!r} needs a title")
    if message.options and not message.text.strip():
        raise ValueError("options need a text")
    for link in (message.link_url, *(one.link for one in message.media if one.attachment is None)):
        if link is not None and not link.startswith(("https://", "http://")):
            raise ValueError(f"{link!r} is not a web address")
    for one in message.media:
        if one.kind not in (*IN_HEADER, MessageKind.AUDIO):
            raise ValueError(f"{one.kind} is no medium to send")
        if len(one.caption or "") > (CAPTION if one.kind in IN_HEADER else 0):
            raise ValueError(f"a caption has at most {CAPTION} characters, a voice message has none")


def _makes_button(message: Outbound) -> bool:
    return bool(message.link_url and message.link_label and message.text.strip() and not message.options)


def _asks_location(message: Outbound) -> bool:
    return bool(message.asks_location and message.text.strip() and not message.options and not message.link_url)


def _take_last(media: list[Media], text: str, message: Outbound) -> Media | None:
    """Takes the medium that can carry the text out of the list: as its caption, or above its buttons."""
    if len(media) != 1 or _makes_button(message) or _asks_location(message) or media[0].kind not in IN_HEADER:
        return None
    room = INTERACTIVE if message.options else CAPTION
    if message.options and not _fit_buttons(message.options):
        return None
    if (message.options or text) and len(_join(text, media[0].caption)) <= room:
        return media.pop()
    return None


def _build_talk(text: str, header: Media | None, message: Outbound, language: Language) -> list[Payload]:
    """The text and what can be tapped below it."""
    options = message.options
    if not options and not _makes_button(message) and not _asks_location(message):
        return [_build_text(part, link=message.link_url) for part in split_text(text, TEXT)]
    if len(options) > ROWS:
        return _build_numbered(text, options, language)
    lead, tail = cut_tail(text, INTERACTIVE)
    if _asks_location(message):
        last = _build_location_request(tail)
    elif _makes_button(message):
        last = _build_link(tail, message.link_url or "", message.link_label or "")
    elif _fit_buttons(options):
        last = _build_buttons(tail, header, options)
    else:
        last = _build_list(tail, options, message.list_label or CHOOSE[language])
    return [*(_build_text(part) for part in split_text(lead, TEXT)), last]


def _fit_buttons(options: Sequence[Option]) -> bool:
    return len(options) <= BUTTONS and all(
        len(option.title.strip()) <= BUTTON_TITLE and not option.description for option in options
    )


def _build_text(text: str, link: str | None = None) -> Payload:
    preview = {"preview_url": True} if link and link in text else {}
    return Payload(_body("text", {"body": text} | preview), text)


def _build_numbered(text: str, options: Sequence[Option], language: Language) -> list[Payload]:
    lines = (
        f"{number}. {option.title.strip()}" + (f" – {option.description}" if option.description else "")
        for number, option in enumerate(options, 1)
    )
    whole = "\n".join([text, "", *lines, "", BY_NUMBER[language]])
    payloads = [_build_text(part) for part in split_text(whole, TEXT)]
    return [*payloads[:-1], replace(payloads[-1], options=tuple(options))]


def _build_buttons(text: str, header: Media | None, options: Sequence[Option]) -> Payload:
    titles = _make_unique([option.title.strip() for option in options], BUTTON_TITLE)
    buttons = [
        {"type": "reply", "reply": {"id": option.id, "title": title}}
        for option, title in zip(options, titles, strict=True)
    ]
    content: dict[str, Any] = {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}
    if header:
        content["header"] = {"type": header.kind.value, header.kind.value: _point_to(header)}
    return Payload(_body("interactive", content), text, tuple(options))


def _build_list(text: str, options: Sequence[Option], label: str) -> Payload:
    cut = [split_title(option.title, option.description, ROW_TITLE, ROW_DESCRIPTION) for option in options]
    titles = _make_unique([title for title, _ in cut], ROW_TITLE)
    rows = [
        {"id": option.id, "title": title} | ({"description": description} if description else {})
        for option, title, (_, description) in zip(options, titles, cut, strict=True)
    ]
    action = {"button": fit(label, BUTTON_TITLE), "sections": [{"rows": rows}]}
    content = {"type": "list", "body": {"text": text}, "action": action}
    return Payload(_body("interactive", content), text, tuple(options))


def _build_link(text: str, url: str, label: str) -> Payload:
    parameters = {"display_text": fit(label, BUTTON_TITLE), "url": url}
    action = {"name": "cta_url", "parameters": parameters}
    return Payload(_body("interactive", {"type": "cta_url", "body": {"text": text}, "action": action}), text)


def _build_location_request(text: str) -> Payload:
    action = {"name": "send_location"}
    content = {"type": "location_request_message", "body": {"text": text}, "action": action}
    return Payload(_body("interactive", content), text)


def _build_location(location: Location) -> Payload:
    if not (-90 <= location.latitude <= 90 and -180 <= location.longitude <= 180):
        raise ValueError("a location needs degrees on the globe")
    content: dict[str, Any] = {"latitude": location.latitude, "longitude": location.longitude}
    content |= {key: value for key, value in (("name", location.name), ("address", location.address)) if value}
    return Payload(_body("location", content), _join(location.name, location.address))


def _build_media(media: Media, caption: str) -> Payload:
    content = _point_to(media)
    if caption:
        content["caption"] = caption
    return Payload(_body(media.kind.value, content), caption or media.filename or media.link)


def _point_to(media: Media) -> dict[str, Any]:
    """Where WhatsApp fetches the file, or which stored one it is given before the message leaves."""
    named = media.filename and media.kind is MessageKind.DOCUMENT
    file = {"link": media.link} if media.attachment is None else {"attachment": media.attachment}
    return file | ({"filename": media.filename} if named else {})


def build_template(template: Template) -> dict[str, Any]:
    """The request body of an approved message; its URL button stands before its quick replies.

    ValueError: a parameter is missing or too long, so the message must not leave.
    """
    components: list[dict[str, Any]] = []
    if template.parameters:
        parameters = [_fill(name, value, named=template.named) for name, value in template.parameters.items()]
        components.append({"type": "body", "parameters": parameters})
    if template.url_suffix is not None:
        if not template.url_suffix.strip():
            raise ValueError("the template's link is missing")
        value = {"type": "text", "text": quote(template.url_suffix.strip(), safe="")}
        components.append(_press("url", 0, value))
    for position, payload in enumerate(template.button_payloads, int(template.url_suffix is not None)):
        if not 0 < len(payload) <= BUTTON_PAYLOAD:
            raise ValueError(f"a quick reply needs a payload of 1 to {BUTTON_PAYLOAD} characters")
        components.append(_press("quick_reply", position, {"type": "payload", "payload": payload}))
    content = {"name": template.name, "language": {"code": template.language.value}, "components": components}
    return _body("template", content)


def _fill(name: str, value: str | None, *, named: bool) -> dict[str, str]:
    text = " ".join((value or "").split())  # WhatsApp refuses line breaks, tabs and long runs of spaces
    if not text:
        raise ValueError(f"the template's parameter {name!r} is missing")
    if len(text) > PARAMETER:
        raise ValueError(f"the template's parameter {name!r} is longer than {PARAMETER} characters")
    return {"type": "text"} | ({"parameter_name": name} if named else {}) | {"text": text}


def _press(kind: str, index: int, parameter: dict[str, str]) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}


def _body(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "recipient_type": "individual", "type": kind, kind: content}


def _join(*parts: str | None) -> str:
    return "\n\n".join(part.strip() for part in parts if part and part.strip())


def _make_unique(titles: Sequence[str], limit: int) -> list[str]:
    """WhatsApp refuses two equal titles in one message: the second gets a 2."""
    unique: list[str] = []
    for title in titles:
        count, candidate = 1, title
        while candidate in unique:
            count += 1
            candidate = f"{fit(title, limit - len(str(count)) - 1)} {count}"
        unique.append(candidate)
    return unique
