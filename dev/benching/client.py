"""A browser's session without the browser, and what its views would ask for."""
from __future__ import annotations

import http.client
import json
import time
from typing import Any
from xml.etree import ElementTree

from dev.common import Fail

# what the activity widgets read beside their own field
ACTIVITY_WIDGETS = {"list_activity", "kanban_activity"}
ACTIVITY_FIELDS = ("activity_exception_decoration", "activity_exception_icon", "activity_state", "activity_summary",
                   "activity_type_icon", "activity_type_id")
SUB_VIEWS = ("list", "kanban", "form")


class Client:
    """One logged-in user on one server, over one kept connection."""

    def __init__(self, port: int, database: str, login: str, password: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.cookie = ""
        found = self.post("/web/session/authenticate", {"db": database, "login": login, "password": password})
        self.uid = found["uid"]

    def send(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Post bytes and return status and body."""
        try:
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.HTTPException, ConnectionError):
            # the server may close a connection that was quiet for long
            self.connection.close()
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        return answer.status, content

    def post(self, path: str, params: dict[str, Any]) -> Any:
        """Post a JSON-RPC request and return its result.

        :raise Fail: with the server's sentence, when it refuses
        """
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        _status, content = self.send(path, body, {"Content-Type": "application/json", "Cookie": self.cookie})
        answer = json.loads(content)
        if "error" in answer:
            raise Fail(f"{path}: {answer['error']['data']['message']}")
        return answer.get("result")

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a public method as the web client does."""
        return self.post(f"/web/dataset/call_kw/{model}/{method}",
                         {"model": model, "method": method, "args": args, "kwargs": kwargs})

    def get_specification(self, model: str, view: int, kind: str) -> dict[str, Any]:
        """Return what the web client would ask for to fill a view."""
        found = self.call(model, "get_views", [[view, kind]])
        fields_by_model = {name: values["fields"] for name, values in found["models"].items()}
        return specify(ElementTree.fromstring(found["views"][kind]["arch"]), model, fields_by_model)


def specify(view: ElementTree.Element, model: str, fields_by_model: dict[str, dict]) -> dict[str, Any]:
    """Turn the fields of a view into a specification of web_read."""
    known, found = fields_by_model[model], {}
    for node in own_fields(view):
        name, widget = node.get("name"), node.get("widget")
        if name not in known:
            continue
        found[name] = specify_field(node, known[name], fields_by_model)
        if widget in ACTIVITY_WIDGETS:
            found.update({other: {} for other in ACTIVITY_FIELDS if other in known})
    return found


def own_fields(view: ElementTree.Element) -> list[ElementTree.Element]:
    """List the field nodes of a view, without those of the views inside its fields."""
    found = []
    for node in view:
        found += [node] if node.tag == "field" else own_fields(node)
    return found


def specify_field(node: ElementTree.Element, field: dict, fields_by_model: dict[str, dict]) -> dict[str, Any]:
    """Return the part of a specification for one field."""
    hidden = node.get("invisible") in ("1", "True")
    if field["type"] in ("many2one", "reference"):
        return {"fields": {} if hidden else {"display_name": {}}}
    if field["type"] not in ("one2many", "many2many") or hidden:
        return {}
    inner = next((child for child in node if child.tag in SUB_VIEWS), None)
    if inner is not None and field["relation"] in fields_by_model:
        return {"fields": specify(inner, field["relation"], fields_by_model), "limit": 40}
    if (node.get("widget") or "").startswith("many2many"):
        colored = {"color": {}} if "color_field" in (node.get("options") or "") else {}
        return {"fields": {"display_name": {}, **colored}}
    return {}


def timed(act, *args: Any, **kwargs: Any) -> float:
    """Return how many milliseconds a call took."""
    begin = time.perf_counter()
    act(*args, **kwargs)
    return (time.perf_counter() - begin) * 1000
