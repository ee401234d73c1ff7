-- name: hooks_write
-- Keep webhooks.
-- $1 rows json: of the columns below.
INSERT INTO hook (
    connection, at, kind, outcome, provider_call_id, method, path, content_type, bytes, body, status, reply_type, reply, ms,
    why
)
SELECT
    connection, at, kind, outcome, provider_call_id, method, path, content_type, bytes, body, status, reply_type, reply, ms,
    why
FROM json_to_recordset($1::json) AS input (
    connection text, at timestamptz, kind text, outcome text, provider_call_id text, method text, path text,
    content_type text, bytes integer, body text, status smallint, reply_type text, reply text, ms numeric, why text
);

-- name: hook_list
-- A page of webhooks, newest first; a parameter that is null asks for nothing.
-- $1 connection text, $2 provider_call_id text, $3 before_id bigint, $4 limit integer, $5 is_refused boolean.
SELECT
    id, connection, at, kind, outcome, provider_call_id, method, path, content_type, bytes, body, status, reply_type, reply,
    ms, why
FROM hook
WHERE ($1::text IS NULL OR connection = $1::text)
    AND ($2::text IS NULL OR provider_call_id = $2::text)
    AND ($3::bigint IS NULL OR id < $3::bigint)
    AND ($5::boolean IS NULL OR (status >= 300) = $5::boolean)
ORDER BY id DESC
LIMIT $4::integer;

-- name: hook_show
-- $1 id bigint. Returns 0..1 row.
SELECT
    id, connection, at, kind, outcome, provider_call_id, method, path, content_type, bytes, body, status, reply_type, reply,
    ms, why
FROM hook
WHERE id = $1::bigint;

-- name: hook_forget
-- Delete webhooks that came before an instant, and those beyond so many, so many at once.
-- $1 before timestamptz, $2 most bigint, $3 limit integer. Returns a row for each.
DELETE FROM hook
WHERE id IN (
    SELECT id
    FROM hook
    WHERE at < $1::timestamptz OR id <= (SELECT max(id) FROM hook) - $2::bigint
    ORDER BY id
    LIMIT $3::integer
)
RETURNING id;
