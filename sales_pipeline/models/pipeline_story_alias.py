"""Stories that became one: events never move, so the story of what was merged away is joined when it is read."""

from collections.abc import Iterable

from odoo import api, fields, models
from odoo.tools import SQL


class PipelineStoryAlias(models.Model):
    """One story that is told as part of another; taken away again when a merge is undone."""

    _name = "pipeline.story.alias"
    _description = "Joined Story"
    _log_access = False
    _rec_name = "story"

    story = fields.Char(required=True, readonly=True, help="The story that is told along.")
    alias_of = fields.Char(required=True, readonly=True, index=True, help="The story that tells it.")

    # A story is told along by one other at a time.
    _story_unique = models.UniqueIndex("(story)")

    @api.model
    def _resolve(self, stories: Iterable[str]) -> list[str]:
        """Return the stories with all that are told along, those of earlier merges too."""
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            WITH RECURSIVE told (story) AS (
                SELECT unnest(%s::varchar[])
                 UNION
                SELECT alias.story FROM pipeline_story_alias alias JOIN told ON alias.alias_of = told.story
            )
            SELECT story FROM told
            """,
            [story for story in stories if story],
        ))  # fmt: skip
        return [story for (story,) in self.env.cr.fetchall()]

    @api.model
    def _find_teller(self, story: str) -> str | None:
        """Return the story that tells this one along in the end; None: it is told by itself, or unknown."""
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            WITH RECURSIVE told (story, alias_of, depth) AS (
                SELECT story, alias_of, 1 FROM pipeline_story_alias WHERE story = %s
                 UNION
                SELECT alias.story, alias.alias_of, told.depth + 1
                  FROM pipeline_story_alias alias JOIN told ON alias.story = told.alias_of WHERE told.depth < 100
            )
            SELECT alias_of FROM told ORDER BY depth DESC LIMIT 1
            """,
            story,
        ))  # fmt: skip
        found = self.env.cr.fetchone()
        return found[0] if found else None

    @api.model
    def _part(self, stories: Iterable[str], alias_of: str) -> None:
        """Tell stories by themselves again."""
        self.sudo().search([("story", "in", list(stories)), ("alias_of", "=", alias_of)]).unlink()
