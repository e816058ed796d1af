-- Leads as years of stock use would have left them, in sets. :leads is how many.
-- Every value is a hash of the row's number: two runs make the same rows, dates counted back from the day of the run.
-- A row begins as a copy of one that Odoo itself wrote, so that nothing is missing that stock fills in.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET maintenance_work_mem = '1GB';
-- Keys are drawn from the tables themselves; checking each of a million rows again takes minutes.
SELECT set_config('session_replication_role', 'replica', false) FROM pg_roles WHERE rolname = current_user AND rolsuper
    \g /dev/null

CREATE SCHEMA bench;
CREATE FUNCTION bench.pick(n bigint, salt bigint, many bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    'SELECT (hashint8extended(n, salt) & 9223372036854775807) % many';
CREATE FUNCTION bench.one(n bigint, salt bigint, words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
    'SELECT words[1 + bench.pick(n, salt, array_length(words, 1))]';

-- Indexes are built once at the end instead of row by row.
CREATE TABLE bench.indexes AS
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
      FROM pg_index i
     WHERE i.indrelid = ANY (ARRAY['crm_lead', 'mail_message', 'mail_followers', 'sale_order', 'sale_order_line']::regclass[])
       AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid);
SELECT format('DROP INDEX %s', name) FROM bench.indexes \gexec

-- what rows are drawn from, numbered from 1 without gaps
CREATE TABLE bench.users AS
    SELECT row_number() OVER (ORDER BY u.id) AS n, u.id, u.partner_id, m.crm_team_id AS team_id
      FROM res_users u JOIN crm_team_member m ON m.user_id = u.id AND m.active WHERE u.login LIKE 'seller%';
CREATE TABLE bench.stages AS
    SELECT row_number() OVER (ORDER BY sequence, id) AS n, id FROM crm_stage WHERE is_won IS NOT TRUE;
CREATE TABLE bench.origins AS
    SELECT row_number() OVER (ORDER BY id) AS n, id FROM utm_source WHERE name LIKE 'Origin%';
CREATE TABLE bench.reasons AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM crm_lost_reason;
CREATE TABLE bench.tags AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM crm_tag WHERE name->>'en_US' LIKE 'Interest%';
CREATE TABLE bench.pattern AS SELECT * FROM crm_lead WHERE name = 'Pattern';
ALTER TABLE bench.users ADD PRIMARY KEY (n);

-- people: 8 % of the rows are somebody who came before, written differently
CREATE UNLOGGED TABLE bench.people AS
WITH numbered AS (
    SELECT n, CASE WHEN n > 100 AND bench.pick(n, 1, 100) < 8 THEN 1 + bench.pick(n, 2, n - 1) ELSE n END AS person
      FROM generate_series(1, :leads::bigint) n
), named AS (
    SELECT n, person, n <> person AS again,
           bench.one(person, 3, '{Ada,Amir,Anna,Ben,Bruno,Carla,Chen,Clara,Dana,David,Elif,Emma,Farid,Fiona,Grace,Hugo,Ines,Ivan,Jana,Jonas,Kavya,Kofi,Lara,Leo,Lin,Maya,Milan,Nadia,Nils,Omar,Paula,Priya,Rafael,Rosa,Samir,Sofia,Tariq,Tom,Uma,Yusuf}') AS first,
           bench.one(person, 4, '{Abbot,Bauer,Castro,Dubois,Eriksen,Fischer,Garcia,Haddad,Ivanov,Jansen,Kaya,Kumar,Larsen,Lopez,Martin,Mehta,Moreau,Nakamura,Novak,Okafor,Olsen,Patel,Quinn,Rossi,Sato,Schmidt,Silva,Singh,Tanaka,Torres,Usman,Varga,Weber,Wong,Xu,Yilmaz,Young,Zhang,Ziegler,Zuniga}') AS last,
           bench.one(person, 5, '{Alder,Bright,Cedar,Delta,Ember,Falcon,Granite,Harbor,Indigo,Juniper,Keystone,Lumen,Maple,Nimbus,Orchid,Pioneer,Quartz,River,Summit,Timber}')
               || ' ' || bench.one(person, 6, '{Foods,Health,Labs,Logistics,Media,Motors,Robotics,Studios,Systems,Textiles}')
               || ' ' || bench.pick(person, 7, 1 + :leads / 400) AS company,
           bench.pick(person, 8, 100) < 60 AS at_work, bench.pick(person, 9, 100) AS reach,
           bench.one(person, 10, '{212,305,312,404,415,503,512,602,617,702,713,720,801,917,972}')
               || (2000000 + bench.pick(person, 11, 7999999)) AS digits
      FROM numbered
)
SELECT n, person, again, first, last, company, at_work,
       CASE WHEN reach < 95 THEN lower(first || '.' || last) || person || '@'
            || CASE WHEN at_work THEN lower(replace(company, ' ', '-')) || '.example' ELSE 'gmail.com' END END AS email,
       CASE WHEN reach NOT BETWEEN 80 AND 89 THEN digits END AS digits
  FROM named;

-- leads
SELECT max(id) AS last_lead FROM crm_lead \gset
CREATE UNLOGGED TABLE bench.course AS
SELECT n, n + :last_lead AS id, bench.pick(n, 20, 10) < 7 AS is_lead,
       CASE WHEN bench.pick(n, 20, 10) < 7 THEN CASE WHEN bench.pick(n, 21, 100) < 15 THEN 'lost' ELSE 'pending' END
            WHEN bench.pick(n, 21, 100) < 25 THEN 'won' WHEN bench.pick(n, 21, 100) < 45 THEN 'lost'
            ELSE 'pending' END AS outcome,
       date_trunc('second', CURRENT_DATE - interval '730 days' + interval '730 days' * (n - 1) / :leads) AS made,
       CASE WHEN bench.pick(n, 22, 100) >= 5 THEN 1 + bench.pick(n, 23, (SELECT count(*) FROM bench.users)) END AS owner,
       (round(bench.pick(n, 24, 9000) / 100.0 + 5, 2)) AS chance, (100 * bench.pick(n, 25, 900)) AS revenue,
       CASE WHEN bench.pick(n, 26, 100) < 40 THEN 1 + bench.pick(n, 27, 1 + :leads / 20) END AS contact
  FROM generate_series(1, :leads::bigint) n;

INSERT INTO crm_lead
SELECT r.*
  FROM bench.course c
  JOIN bench.people p USING (n)
  LEFT JOIN bench.users u ON u.n = c.owner
  JOIN bench.stages s ON s.n = CASE WHEN c.is_lead THEN 1 ELSE 1 + bench.pick(c.n, 28, (SELECT count(*) FROM bench.stages)) END
  JOIN bench.reasons l ON l.n = 1 + bench.pick(c.n, 29, (SELECT count(*) FROM bench.reasons))
  LEFT JOIN bench.origins o ON o.n = bench.pick(c.n, 30, 20)
 CROSS JOIN bench.pattern t
 CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', c.id, 'type', CASE WHEN c.is_lead THEN 'lead' ELSE 'opportunity' END,
    'name', bench.one(c.n, 31, '{Question about,Interest in,Call back:,Offer for,Demo for}') || ' ' || p.first || ' ' || p.last,
    'contact_name', CASE WHEN NOT p.again THEN p.first || ' ' || p.last ELSE CASE bench.pick(c.n, 32, 4)
        WHEN 0 THEN upper(p.first || ' ' || p.last) WHEN 1 THEN p.last || ', ' || p.first
        WHEN 2 THEN left(p.first, 1) || '. ' || p.last ELSE p.first || ' ' || p.last || right(p.last, 1) END END,
    'partner_name', CASE WHEN p.at_work THEN p.company || CASE WHEN p.again THEN ' Ltd.' ELSE '' END END,
    'email_from', CASE WHEN NOT p.again THEN p.email ELSE CASE bench.pick(c.n, 33, 3)
        WHEN 0 THEN upper(p.email) WHEN 1 THEN '"' || p.first || ' ' || p.last || '" <' || p.email || '>'
        ELSE p.email END END,
    'email_normalized', p.email, 'email_state', CASE WHEN p.email IS NOT NULL THEN 'correct' END,
    'email_domain_criterion', CASE WHEN p.at_work THEN '@' || split_part(p.email, '@', 2) ELSE p.email END,
    'phone', CASE WHEN NOT p.again THEN '+1 ' || left(p.digits, 3) || '-' || substr(p.digits, 4, 3) || '-' || right(p.digits, 4)
        ELSE CASE bench.pick(c.n, 34, 3) WHEN 0 THEN '(' || left(p.digits, 3) || ') ' || substr(p.digits, 4, 3) || '-' || right(p.digits, 4)
        WHEN 1 THEN '001' || p.digits ELSE p.digits END END,
    'phone_sanitized', '+1' || p.digits, 'phone_state', CASE WHEN p.digits IS NOT NULL THEN 'correct' END,
    'user_id', u.id, 'team_id', u.team_id, 'source_id', o.id,
    'partner_id', CASE WHEN NOT c.is_lead THEN c.contact END, 'city', bench.one(c.n, 35, '{Austin,Boston,Denver,Miami,Portland,Seattle}'),
    'stage_id', CASE WHEN c.outcome = 'won' THEN (SELECT min(id) FROM crm_stage WHERE is_won) ELSE s.id END,
    'won_status', c.outcome, 'active', c.outcome <> 'lost', 'lost_reason_id', CASE WHEN c.outcome = 'lost' THEN l.id END,
    'probability', CASE c.outcome WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE c.chance END,
    'automated_probability', CASE c.outcome WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE c.chance END,
    'priority', bench.one(c.n, 36, '{0,0,0,0,0,0,1,1,2,3}'),
    'expected_revenue', CASE WHEN c.is_lead THEN 0 ELSE c.revenue END,
    'prorated_revenue', CASE WHEN c.is_lead OR c.outcome = 'lost' THEN 0 WHEN c.outcome = 'won' THEN c.revenue
        ELSE round(c.revenue * c.chance / 100, 2) END,
    'date_open', CASE WHEN u.id IS NOT NULL THEN c.made END, 'date_closed', CASE WHEN c.outcome <> 'pending' THEN c.made + interval '9 days' END,
    'date_conversion', CASE WHEN NOT c.is_lead AND bench.pick(c.n, 37, 2) = 0 THEN c.made + interval '2 days' END,
    'date_last_stage_update', c.made + interval '3 days', 'date_deadline', CASE WHEN NOT c.is_lead THEN (c.made + interval '60 days')::date END,
    'create_date', c.made, 'write_date', c.made + interval '3 days', 'day_open', 0,
    'day_close', CASE WHEN c.outcome <> 'pending' THEN 9 ELSE 0 END
 )) r
 ORDER BY c.n;
SELECT setval('crm_lead_id_seq', (SELECT max(id) FROM crm_lead)) \g /dev/null

-- customers of the deals
SELECT max(id) AS last_partner FROM res_partner \gset
INSERT INTO res_partner
SELECT r.* FROM generate_series(1, 1 + :leads / 20) n JOIN bench.people p USING (n)
 JOIN res_partner t ON t.id = (SELECT min(id) FROM res_partner WHERE name = 'Pattern')
 CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', :last_partner + n, 'commercial_partner_id', :last_partner + n, 'name', p.first || ' ' || p.last,
    'complete_name', p.first || ' ' || p.last, 'email', p.email, 'email_normalized', p.email,
    'phone', '+1' || p.digits, 'phone_sanitized', '+1' || p.digits)) r;
SELECT setval('res_partner_id_seq', (SELECT max(id) FROM res_partner)) \g /dev/null
UPDATE crm_lead SET partner_id = partner_id + :last_partner WHERE id > :last_lead AND partner_id IS NOT NULL;

INSERT INTO crm_tag_rel (lead_id, tag_id)
SELECT c.id, t.id FROM bench.course c JOIN bench.tags t ON t.n = bench.pick(c.n, 40, 30);

-- what the chatter keeps of each: the note of its making, and its owner following it
SELECT max(id) AS last_message FROM mail_message \gset
INSERT INTO mail_message
SELECT r.* FROM bench.course c LEFT JOIN bench.users u ON u.n = c.owner
 JOIN mail_message t ON t.id = (SELECT min(m.id) FROM mail_message m, bench.pattern p WHERE m.model = 'crm.lead' AND m.res_id = p.id)
 CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', :last_message + c.n, 'res_id', c.id, 'author_id', coalesce(u.partner_id, t.author_id), 'date', c.made,
    'create_date', c.made, 'write_date', c.made, 'message_id', '<' || c.n || '.crm.lead@bench.example>')) r;
SELECT setval('mail_message_id_seq', (SELECT max(id) FROM mail_message)) \g /dev/null
SELECT max(id) AS last_follower FROM mail_followers \gset
INSERT INTO mail_followers (id, res_model, res_id, partner_id)
SELECT :last_follower + c.n, 'crm.lead', c.id, u.partner_id FROM bench.course c JOIN bench.users u ON u.n = c.owner;
SELECT setval('mail_followers_id_seq', (SELECT max(id) FROM mail_followers)) \g /dev/null
INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
SELECT f.id, s.id FROM mail_followers f
  JOIN mail_message_subtype s ON s.default AND (s.res_model IS NULL OR s.res_model = 'crm.lead') AND NOT coalesce(s.internal, false)
 WHERE f.id > :last_follower;

-- to-dos on a fifth of what is open, meetings on a twentieth of the deals
SELECT max(id) AS last_activity FROM mail_activity \gset
INSERT INTO mail_activity
SELECT r.* FROM bench.course c JOIN bench.users u ON u.n = c.owner
 JOIN mail_activity t ON t.id = (SELECT min(a.id) FROM mail_activity a, bench.pattern p
        WHERE a.res_model = 'crm.lead' AND a.res_id = p.id AND a.summary = 'Call')
 CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', :last_activity + c.n, 'res_id', c.id, 'user_id', u.id, 'create_date', c.made, 'write_date', c.made,
    'date_deadline', (CURRENT_DATE + bench.pick(c.n, 41, 40)::int - 20)::date)) r
 WHERE c.outcome = 'pending' AND bench.pick(c.n, 42, 5) = 0;
SELECT setval('mail_activity_id_seq', (SELECT max(id) FROM mail_activity)) \g /dev/null
SELECT max(id) AS last_event FROM calendar_event \gset
INSERT INTO calendar_event
SELECT r.* FROM bench.course c JOIN bench.users u ON u.n = c.owner
 JOIN calendar_event t ON t.id = (SELECT min(id) FROM calendar_event WHERE name = 'Pattern')
 CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', :last_event + c.n, 'opportunity_id', c.id, 'res_id', c.id, 'user_id', u.id, 'name', 'Meeting ' || c.n,
    'start', c.made + interval '5 days', 'stop', c.made + interval '5 days 1 hour')) r
 WHERE NOT c.is_lead AND bench.pick(c.n, 43, 20) = 0;
SELECT setval('calendar_event_id_seq', (SELECT max(id) FROM calendar_event)) \g /dev/null

-- quotes on a third of the deals, as far as their deal has come
CREATE TABLE bench.quotes AS
SELECT row_number() OVER (ORDER BY c.n) AS q, c.n, c.id AS deal_id, c.made, c.revenue,
       'pattern ' || CASE c.outcome WHEN 'won' THEN 'sale' WHEN 'lost' THEN 'cancel' ELSE bench.one(c.n, 44, '{draft,sent}') END AS pattern,
       u.id AS user_id, u.team_id
  FROM bench.course c LEFT JOIN bench.users u ON u.n = c.owner
 WHERE NOT c.is_lead AND bench.pick(c.n, 45, 3) = 0;
SELECT max(id) AS last_order FROM sale_order \gset
SELECT max(id) AS last_line FROM sale_order_line \gset
INSERT INTO sale_order
SELECT r.* FROM bench.quotes q JOIN sale_order t ON t.client_order_ref = q.pattern
 JOIN crm_lead l ON l.id = q.deal_id
 CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', :last_order + q.q, 'name', 'B' || q.q, 'opportunity_id', q.deal_id, 'user_id', q.user_id, 'team_id', q.team_id,
    'partner_id', coalesce(l.partner_id, t.partner_id), 'partner_invoice_id', coalesce(l.partner_id, t.partner_id),
    'partner_shipping_id', coalesce(l.partner_id, t.partner_id), 'amount_untaxed', 2 * q.revenue, 'amount_total', 2 * q.revenue,
    'amount_tax', 0, 'client_order_ref', NULL, 'access_token', NULL, 'date_order', q.made, 'create_date', q.made,
    'validity_date', (q.made + interval '30 days')::date)) r
 WHERE t.id <= :last_order;
INSERT INTO sale_order_line
SELECT r.* FROM bench.quotes q JOIN sale_order o ON o.client_order_ref = q.pattern JOIN sale_order_line t ON t.order_id = o.id
 CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', :last_line + q.q, 'order_id', :last_order + q.q, 'price_unit', q.revenue, 'price_subtotal', 2 * q.revenue,
    'price_total', 2 * q.revenue, 'salesman_id', q.user_id, 'create_date', q.made)) r;
SELECT setval('sale_order_id_seq', (SELECT max(id) FROM sale_order)) \g /dev/null
SELECT setval('sale_order_line_id_seq', (SELECT max(id) FROM sale_order_line)) \g /dev/null

SELECT definition FROM bench.indexes \gexec
SET client_min_messages = warning;
DROP SCHEMA bench CASCADE;
