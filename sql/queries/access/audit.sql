-- name: audit_append
-- Write down who did what.
-- $1 at timestamptz, $2 actor_kind text, $3 actor_id text, $4 address text, $5 request_id text, $6 action text,
-- $7 account_id bigint, $8 object text, $9 before jsonb, $10 after jsonb, $11 note text. Returns the row's id.
INSERT INTO audit (
    at, actor_kind, actor_id, address, request_id, action, account_id, object, before, after, note
)
VALUES (
    $1::timestamptz, $2::text, $3::text, $4::text, $5::text, $6::text, $7::bigint, $8::text, $9::jsonb, $10::jsonb,
    $11::text
)
RETURNING id;

-- name: audit_list
-- A page of what was done, newest first; a parameter that is null asks for nothing.
-- $1 account_id bigint, $2 before_id bigint, $3 limit integer, $4 since timestamptz, $5 until timestamptz (exclusive),
-- $6 action text, $7 actor_kind text, $8 actor_id text, $9 object text, $10 named_for bigint: people and tokens are
-- named that are of this account; null: all are.
SELECT
    id, at, actor_kind, actor_id, address, request_id, action, account_id, object, before, after, note,
    CASE actor_kind
        WHEN 'person' THEN (
            SELECT coalesce(nullif(person.name, ''), person.email)
            FROM person
            WHERE person.id = audit.actor_id::bigint
                AND (
                    $10::bigint IS NULL
                    OR EXISTS (
                        SELECT 1
                        FROM membership
                        WHERE membership.person_id = person.id AND membership.account_id = $10::bigint
                    )
                )
        )
        WHEN 'token' THEN (
            SELECT nullif(token.name, '')
            FROM token
            WHERE token.id = audit.actor_id::bigint AND ($10::bigint IS NULL OR token.account_id = $10::bigint)
        )
    END AS actor_name
FROM audit
WHERE ($1::bigint IS NULL OR account_id = $1::bigint)
    AND ($2::bigint IS NULL OR id < $2::bigint)
    AND ($4::timestamptz IS NULL OR at >= $4::timestamptz)
    AND ($5::timestamptz IS NULL OR at < $5::timestamptz)
    AND ($6::text IS NULL OR action = $6::text)
    AND ($7::text IS NULL OR actor_kind = $7::text)
    AND ($8::text IS NULL OR actor_id = $8::text)
    AND ($9::text IS NULL OR object = $9::text)
ORDER BY id DESC
LIMIT $3::integer;
