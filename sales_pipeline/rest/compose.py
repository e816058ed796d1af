"""The schemas of a database: what the core declares, with what its installed addons add."""

from typing import Any

from odoo.api import Environment
from pydantic import BaseModel, create_model

_KEPT = "_sales_pipeline_api"


def keep(env: Environment) -> dict[str, Any]:
    """Return what is kept as long as the registry, which is made anew when addons come and go."""
    return env.registry.__dict__.setdefault(_KEPT, {})


def compose(env: Environment, name: str) -> type[BaseModel]:
    """Return the schema of this registry: the base with the parts of every addon; kept as long as the registry.

    :param name: for instance ``LeadPatch``
    :raise KeyError: no resource declares it
    """
    kept = keep(env)
    if name not in kept:
        parts = find_parts(env, name)
        if not parts:
            raise KeyError(name)
        kept[name] = parts[0] if len(parts) == 1 else create_model(name, __base__=tuple(reversed(parts)))
    return kept[name]


def find_parts(env: Environment, name: str) -> list[type[BaseModel]]:
    """Return the parts of a schema, the base first; none when nobody declares it."""
    for resource in list_resources(env):
        if parts := resource._get_api_schema(name):
            return parts
    return []


def list_resources(env: Environment) -> list:
    """Return the models that stand for the entities of the API."""
    names = ["pipeline.api.resource", *env.registry["pipeline.api.resource"]._inherit_children]
    return [env[name] for name in names if name in env]
