-- name: allowances
-- Lines that may call while the database is away, and what is known of their accounts until it is back (R34, R17).
-- $1 now timestamptz.
WITH allowing AS MATERIALIZED (
    SELECT
        account.id, account.currency, account.unavailable_allow_s, account.when_withheld, account.state, account.caps,
        account.held,
        account.balance + account.credit_limit - account.held AS available, today.day,
        spent_today(account.spent, account.spent_on, today.day) AS spent,
        (SELECT count(*) FROM live_call WHERE live_call.account_id = account.id) AS live
    FROM account
    CROSS JOIN LATERAL (SELECT ($1::timestamptz AT TIME ZONE account.time_zone)::date AS day) AS today
    WHERE account.unavailable_allow_s > 0
)
SELECT
    line.name, line.kind, line.country, line.category, allowing.id AS account_id,
    allowing.unavailable_allow_s AS allowed_s, allowing.when_withheld, allowing.state,
    allowing.currency::text AS currency,
    allowing.available::numeric AS available, allowing.held::numeric AS held, allowing.caps, allowing.day,
    allowing.spent::numeric(20, 6) AS spent, allowing.live
FROM allowing
JOIN line ON line.account_id = allowing.id
WHERE line.state = 'active';

-- name: call_rates
-- A page of the rates of calls, in the order of their ids, that are valid now or later: what is known of prices while
-- the database is away.
-- $1 currencies text[], $2 after bigint, $3 now timestamptz, $4 limit integer.
SELECT to_json(rate) AS row
FROM rate
WHERE id > $2::bigint
    AND kind IN ('outbound', 'inbound')
    AND currency = ANY($1::text[])
    AND (valid_until IS NULL OR valid_until > $3::timestamptz)
ORDER BY id
LIMIT $4::integer;

-- name: rate_version_newest
-- The newest version of the rates, 0 before the first.
SELECT coalesce(max(id), 0) AS id FROM rate_version;

-- name: connector_whereabouts
-- What tells where connectors are, for emergency calls while the database is away.
SELECT
    line.name, line.country, coalesce(numbers.country, '') AS numbers_country, account.main_number, account.time_zone
FROM line
LEFT JOIN LATERAL (SELECT main_number, time_zone FROM account WHERE id = line.account_id LIMIT 1) AS account ON true
LEFT JOIN LATERAL (SELECT country FROM country_of_numbers(line.account_id) AS country LIMIT 1) AS numbers ON true
WHERE line.kind = 'connector' AND line.state <> 'disconnected';
