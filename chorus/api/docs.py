"""The documentation as a page: made of the OpenAPI document here, so that it needs no script and no other host."""

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter()

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
:root { color-scheme: light dark }
summary { cursor: pointer; padding: .4rem 0; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 4rem }
pre { overflow: auto; padding: .7rem; border: 1px solid #8886; border-radius: .4rem; font-size: .85rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0 }
h2 { margin-top: 2rem; text-transform: capitalize }
details > :not(summary) { margin-left: 1rem }
"""


@router.get("/api/docs", include_in_schema=False)
async def show_docs(request: Request) -> HTMLResponse:
    """Show every route with its parameters, bodies and answers."""
    return HTMLResponse(page_of(request.app.openapi()))


def page_of(openapi: dict[str, Any]) -> str:
    """Write an OpenAPI document as one page."""
    info = openapi["info"]
    about = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in info["description"].split("\n\n"))
    groups: dict[str, list[str]] = {}
    for path, methods in openapi["paths"].items():
        for method, route in methods.items():
            groups.setdefault(route["tags"][0], []).append(_route(path, method, route))
    schemas = "".join(_folded(escape(name), _json(schema)) for name, schema in openapi["components"]["schemas"].items())
    routes = "".join(f"<h2>{escape(tag)}</h2>{''.join(shown)}" for tag, shown in groups.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])} over HTTP</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(info['title'])} {escape(info['version'])} over HTTP</h1>{about}"
        f'<p>The same for programs: <a href="openapi.json">openapi.json</a></p>{routes}<h2>Schemas</h2>{schemas}'
        "</body></html>"
    )


def _route(path: str, method: str, route: dict[str, Any]) -> str:
    said = f"<p>{escape(route.get('description', ''))}</p>{_parameters(route.get('parameters', []))}"
    if body := route.get("requestBody"):
        said += f"<p>Body</p>{_json(body['content'])}"
    answers = "".join(
        _folded(f"{escape(status)} {escape(answer.get('description', ''))}", _json(answer.get("content", {})))
        for status, answer in route["responses"].items()
    )
    return _folded(f"<b>{method.upper()}</b> <code>{escape(path)}</code>", said + answers)


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{escape(each['in'])}</td>"
        f"<td>{escape(each.get('description', ''))}</td><td><code>{escape(json.dumps(each['schema']))}</code></td></tr>"
        for each in parameters
    )
    head = "<tr><th>Parameter</th><th>In</th><th>Meaning</th><th>Schema</th></tr>"
    return f"<table>{head}{rows}</table>" if rows else ""


def _folded(summary: str, inside: str) -> str:
    return f"<details><summary>{summary}</summary>{inside}</details>"


def _json(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
