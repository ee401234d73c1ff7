-- name: connection_hooks_note
-- Write down what a process has seen of connections' webhooks; the latest of all processes stands.
-- $1 rows json: of the columns below, in the order of their connections.
INSERT INTO connection_hooks AS known (
    connection, configured_at, accepted_at, refused_at, refused_status, refused_why
)
SELECT connection, configured_at, accepted_at, refused_at, refused_status, refused_why
FROM json_to_recordset($1::json) AS input (
    connection text, configured_at timestamptz, accepted_at timestamptz, refused_at timestamptz, refused_status integer,
    refused_why text
)
ORDER BY connection
ON CONFLICT (connection) DO UPDATE
SET accepted_at = greatest(known.accepted_at, excluded.accepted_at),
    refused_at = greatest(known.refused_at, excluded.refused_at),
    refused_status = CASE
        WHEN known.refused_at > coalesce(excluded.refused_at, '-infinity') THEN known.refused_status
        ELSE coalesce(excluded.refused_status, known.refused_status)
    END,
    refused_why = CASE
        WHEN known.refused_at > coalesce(excluded.refused_at, '-infinity') THEN known.refused_why
        ELSE coalesce(excluded.refused_why, known.refused_why)
    END;

-- name: connection_secrets_note
-- Write down which secrets proved webhooks, and when the last; the latest of all processes stands.
-- $1 rows json: of the columns below.
INSERT INTO connection_secret AS known (connection, fingerprint, used_at)
SELECT connection, fingerprint, used_at
FROM json_to_recordset($1::json) AS input (connection text, fingerprint text, used_at timestamptz)
ORDER BY connection, fingerprint
ON CONFLICT (connection, fingerprint) DO UPDATE
SET used_at = greatest(known.used_at, excluded.used_at);

-- name: connection_hooks_list
-- What the webhooks of each connection were like.
SELECT connection, configured_at, accepted_at, refused_at, refused_status, refused_why
FROM connection_hooks
ORDER BY connection;

-- name: connection_secrets_list
-- When each secret last proved a webhook.
SELECT connection, fingerprint, used_at
FROM connection_secret
ORDER BY connection, fingerprint;
