-- A copy of a database takes no leads and sends nothing.
UPDATE pipeline_source SET secret = NULL, previous_secret = NULL, vendor_token = NULL, verify_token = NULL;
UPDATE pipeline_outbox SET state = 'failed', error_message = 'Stopped in a copy of the database' WHERE state IN ('pending', 'sending', 'in_doubt');
UPDATE pipeline_conversion_target SET is_enabled = false, client_secret = NULL, refresh_token = NULL, developer_token = NULL, token = NULL;
