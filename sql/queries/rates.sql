-- name: rate_import_begin
-- Let this transaction plan for many rows and take its time, also for locks, which calls must not.
-- $1 timeout text.
SELECT
    set_config('statement_timeout', $1::text, true),
    set_config('lock_timeout', $1::text, true),
    set_config('idle_in_transaction_session_timeout', $1::text, true),
    set_config('plan_cache_mode', 'auto', true),
    set_config('enable_seqscan', 'on', true),
    set_config('enable_hashjoin', 'on', true),
    set_config('enable_mergejoin', 'on', true);

-- name: rate_import_wait
-- Wait for other imports, and have others wait until this transaction ends. $1 lock bigint.
SELECT pg_advisory_xact_lock($1::bigint);

-- name: rate_stored
-- The rates of some decks that are or will be valid after an instant.
-- $1 kinds text[], $2 currencies text[], $3 whether they are of short numbers boolean[], $4 now timestamptz.
SELECT to_json(rate) AS rate
FROM unnest($1::text[], $2::text[], $3::boolean[]) AS deck (kind, currency, is_short)
JOIN rate ON rate.kind = deck.kind AND rate.currency = deck.currency AND (rate.category = 'short') = deck.is_short
WHERE is_valid_after(rate, $4::timestamptz);

-- name: rate_over
-- When the destinations of some decks had their last rate, as far as that ended in a span of time.
-- $1 kinds text[], $2 currencies text[], $3 whether they are of short numbers boolean[], $4 since timestamptz,
-- $5 now timestamptz.
SELECT
    rate.kind, rate.currency::text AS currency,
    CASE WHEN rate.kind = 'outbound' AND NOT deck.is_short THEN '' ELSE rate.country END AS country,
    CASE WHEN rate.kind = 'outbound' AND NOT deck.is_short THEN '' ELSE rate.category END AS category,
    rate.prefix, rate.caller_prefixes, max(rate.valid_until) AS over_at
FROM unnest($1::text[], $2::text[], $3::boolean[]) AS deck (kind, currency, is_short)
JOIN rate ON rate.kind = deck.kind AND rate.currency = deck.currency AND (rate.category = 'short') = deck.is_short
WHERE rate.valid_until > $4::timestamptz
    AND rate.valid_until <= $5::timestamptz
    AND rate.valid_until > rate.valid_from
GROUP BY 1, 2, 3, 4, 5, 6;

-- name: rate_version_create
-- Record an import.
-- $1 now timestamptz, $2 source text. Returns its id.
INSERT INTO rate_version (imported_at, source)
VALUES ($1::timestamptz, $2::text)
RETURNING id;

-- name: rate_end
-- End rates, each at its instant.
-- $1 ids bigint[], $2 valid_until timestamptz[].
UPDATE rate
SET valid_until = ending.valid_until
FROM unnest($1::bigint[], $2::timestamptz[]) AS ending (id, valid_until)
WHERE rate.id = ending.id;

-- name: rate_begin
-- Write the rates of a version. The columns stand in the order of DeckRate, all as texts.
-- $1 version_id bigint, $2 valid_from timestamptz[], $3 valid_until timestamptz[], from $4 on a column each, text[].
INSERT INTO rate (
    version_id, valid_from, valid_until, prefix, per_minute, connection_fee, first_interval_s, increment_s,
    caller_prefixes, kind, currency, country, category
)
SELECT $1::bigint, begun.*
FROM unnest(
    $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[]::numeric[], $6::text[]::numeric[],
    $7::text[]::integer[], $8::text[]::integer[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[]
) AS begun;

-- name: rate_versions
-- The imports, the newest first, with the rows that each began. A report: it reads the whole table of rates.
SELECT rate_version.id, rate_version.imported_at, rate_version.source, coalesce(begun.rows, 0) AS rows
FROM rate_version
LEFT JOIN (
    SELECT version_id, count(*) AS rows
    FROM rate
    GROUP BY version_id
) AS begun ON begun.version_id = rate_version.id
ORDER BY rate_version.id DESC;

-- name: rate_around_version
-- The rates that were valid, or to be, before the newest import, and those that it began. A report: it reads the whole
-- table of rates.
-- $1 version_id bigint, $2 imported_at timestamptz.
SELECT to_json(rate) AS rate, version_id = $1::bigint AS is_begun
FROM rate
WHERE version_id = $1::bigint OR valid_until IS NULL OR valid_until >= $2::timestamptz;

-- name: rate_currencies
-- The currencies that there are rates in, now or later. A report: it reads the whole table of rates.
-- $1 now timestamptz.
SELECT DISTINCT currency::text AS currency
FROM rate
WHERE is_valid_after(rate, $1::timestamptz)
ORDER BY 1;

-- name: rate_search_beginning
-- Outbound rates, now or later, of the prefixes that begin in a way, and those of short numbers that do, in whatever
-- country; `total`: how many there are. A report: it reads all outbound rates of a currency.
-- $1 currency text, $2 beginning text, $3 now timestamptz, $4 limit bigint (null: all).
SELECT to_json(rate) AS rate, count(*) OVER () AS total
FROM rate
WHERE kind = 'outbound'
    AND currency = $1::text
    AND (starts_with(prefix, $2::text) OR (category = 'short' AND starts_with($2::text, prefix)))
    AND is_valid_after(rate, $3::timestamptz)
ORDER BY prefix, country, caller_prefixes, valid_from
LIMIT $4::bigint;

-- name: rate_search_country
-- Outbound rates, now or later, that bear the label of a country, and those without a label that begin with its code,
-- whose country is not known here. A report: it reads all outbound rates of a currency.
-- $1 currency text, $2 code text, $3 label text, $4 now timestamptz.
SELECT to_json(rate) AS rate
FROM rate
WHERE kind = 'outbound'
    AND currency = $1::text
    AND (country = $3::text OR (country = '' AND starts_with(prefix, $2::text)))
    AND is_valid_after(rate, $4::timestamptz)
ORDER BY prefix, caller_prefixes, valid_from;

-- name: rate_applying
-- The outbound rates that apply to a number, or to whatever begins with some digits: of a caller one, and of callers in
-- general that for all of them, and those for some of them that go before it.
-- $1 currency text, $2 callee in E.164, or its beginning, text, $3 now timestamptz, $4 caller in E.164 text (null: any).
SELECT to_json(rate) AS rate
FROM rates_for('outbound', $1::text, $2::text, NULL, NULL, $3::timestamptz, $3::timestamptz, $4::text) AS rate
LIMIT CASE WHEN $4::text IS NULL THEN NULL ELSE 1 END;

-- name: rate_applying_numbers
-- The rates that apply to numbers of a country, of some kinds and some categories.
-- $1 currency text, $2 country text, $3 kinds text[], $4 categories text[], $5 now timestamptz. Returns a row for each
-- kind and category; the rate is null where there is none.
SELECT asked.kind, asked.category, rate.row AS rate
FROM (
    SELECT kind, category
    FROM unnest($3::text[]) AS kind
    CROSS JOIN unnest($4::text[]) AS category
) AS asked
LEFT JOIN LATERAL (
    SELECT to_json(rate) AS row
    FROM rates_for(asked.kind, $1::text, NULL, $2::text, asked.category, $5::timestamptz, $5::timestamptz, NULL)
        AS rate
    LIMIT 1
) AS rate ON true;

-- name: rate_search_numbers
-- Inbound and rent rates, now or later, of numbers of a country, and those for all countries.
-- $1 currency text, $2 country text, $3 now timestamptz.
SELECT to_json(rate) AS rate
FROM rate
WHERE kind = ANY(ARRAY['inbound', 'rent'])
    AND kind <> 'outbound'
    AND currency = $1::text
    AND country = ANY(ARRAY[$2::text, ''])
    AND category <> 'connector'
    AND is_valid_after(rate, $3::timestamptz)
ORDER BY kind, country DESC, category, valid_from;
