-- A copy of a database takes no leads and sends nothing.
UPDATE pipeline_source SET secret = NULL, previous_secret = NULL, vendor_token = NULL, verify_token = NULL;
UPDATE pipeline_outbox SET state = 'failed', error_message = 'Stopped in a copy of the database' WHERE state IN ('pending', 'sending', 'in_doubt');
UPDATE pipeline_conversion_target SET is_enabled = false, client_secret = NULL, refresh_token = NULL, developer_token = NULL, token = NULL;
DELETE FROM pipeline_api_token;
DELETE FROM pipeline_api_claim;
DELETE FROM pipeline_api_answer;
UPDATE pipeline_webhook SET state = 'paused', secret = '', previous_secret = NULL;
UPDATE pipeline_webhook_delivery SET state = 'cancelled' WHERE state IN ('waiting', 'sending', 'held');
