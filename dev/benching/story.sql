-- The log of what happened to generated leads, in our own event table, as far as it can be known from the leads.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
INSERT INTO pipeline_event (recorded_at, occurred_at, kind, story, res_model, res_id, company_id, actor_id, metadata, digest)
SELECT happened.at, happened.at, happened.kind, l.uuid, 'crm.lead', l.id, coalesce(l.company_id, 1), l.user_id, '{}',
       encode(sha256((happened.kind || l.uuid)::bytea), 'hex')
  FROM crm_lead l
 CROSS JOIN LATERAL (VALUES
    ('created', l.create_date), ('assigned', l.date_open), ('stage', CASE WHEN l.type = 'opportunity' THEN l.date_last_stage_update END),
    ('converted', l.date_conversion), (nullif(l.won_status, 'pending'), l.date_closed)) happened (kind, at)
 WHERE happened.at IS NOT NULL AND happened.kind IS NOT NULL AND l.uuid IS NOT NULL
 ORDER BY happened.at;
