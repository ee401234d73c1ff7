-- Rates by the caller's origin (R39): a row may be for callers that begin in some ways only, whose prefixes stand in it,
-- separated by spaces; '' is for all. Nothing is rewritten; the index of open rows is built again, with rates locked for
-- some 0.2 s for 300,000 rows.
ALTER TABLE rate
    ADD COLUMN caller_prefixes text NOT NULL DEFAULT '',
    ADD CONSTRAINT rate_caller_prefixes_check
        CHECK (
            caller_prefixes ~ '^([0-9]{1,15}( [0-9]{1,15})*)?$'
            AND (caller_prefixes = '' OR (kind = 'outbound' AND category <> 'short'))
        );

DROP INDEX rate_outbound_open;
CREATE UNIQUE INDEX rate_outbound_open ON rate (currency, prefix)
    WHERE kind = 'outbound' AND category <> 'short' AND caller_prefixes = '' AND valid_until IS NULL;
-- A row can be for more callers than an index takes.
CREATE UNIQUE INDEX rate_callers_open ON rate (currency, prefix, md5(caller_prefixes))
    WHERE kind = 'outbound' AND caller_prefixes <> '' AND valid_until IS NULL;

-- How many digits of a caller's number $2 a row names whose caller prefixes are $1, the longest of them: 0 where it is
-- for all callers, null where it is for others only.
CREATE FUNCTION caller_digits(text, text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN $1 = '' THEN 0
        ELSE length(substring($2 FROM '^[+](' || replace($1, ' ', '|') || ')'))
    END
$$;

-- The outbound rates for a callee, whoever calls, that are valid at some time from $4 until $5: for a long number those
-- of long numbers alone, for a short one those of short numbers of the country.
-- $1 currency, $2 callee in E.164, or a short number, $3 country.
CREATE FUNCTION outbound_rates(text, text, text, timestamptz, timestamptz) RETURNS SETOF rate
LANGUAGE sql STABLE AS $$
    SELECT rate.*
    FROM rate
    WHERE rate.kind = 'outbound'
        AND rate.currency = $1
        AND CASE WHEN starts_with($2, '+') THEN rate.category <> 'short'
            ELSE rate.category = 'short' AND rate.country = $3 END
        AND rate.prefix = ANY(CASE WHEN starts_with($2, '+') THEN ARRAY[
            substr($2, 2, 1), substr($2, 2, 2), substr($2, 2, 3), substr($2, 2, 4), substr($2, 2, 5),
            substr($2, 2, 6), substr($2, 2, 7), substr($2, 2, 8), substr($2, 2, 9), substr($2, 2, 10),
            substr($2, 2, 11), substr($2, 2, 12), substr($2, 2, 13), substr($2, 2, 14), substr($2, 2, 15)
        ] ELSE ARRAY[
            substr($2, 1, 1), substr($2, 1, 2), substr($2, 1, 3), substr($2, 1, 4), substr($2, 1, 5),
            substr($2, 1, 6)
        ] END)
        AND rate.valid_from <= $5
        AND (rate.valid_until IS NULL OR rate.valid_until > $4)
$$;

-- Which rate applies: the rates for a call or a number that are valid at some time from $6 until $7, the one that goes
-- before the others first. Of one instant the first is the rate that applies.
-- An outbound rate is found by the callee's digits and the caller's: the longest prefix of the callee goes first, of
-- these the longest of the caller, of these the dearest. Who calls may not be known ($8 null): then what is for some callers counts as well,
-- unless a longer prefix is for all, and the dearest goes first, so that no call is sold for less than it costs.
-- Other rates are found by country and category of the number, where '' is for all: the country goes before the
-- category. A connector has its own only.
-- $1 kind, $2 currency, $3 callee in E.164, or a short number, $4 country, $5 category, $6 since, $7 until, $8 caller
-- in E.164.
DROP FUNCTION rates_for(text, text, text, text, text, timestamptz, timestamptz);
CREATE FUNCTION rates_for(text, text, text, text, text, timestamptz, timestamptz, text) RETURNS SETOF rate
LANGUAGE sql STABLE AS $$
    SELECT fitting.*
    FROM (
        SELECT rate.*
        FROM outbound_rates($2, $3, $4, $6, $7) AS rate
        WHERE $1 = 'outbound'
            AND CASE
                WHEN $8 IS NOT NULL THEN caller_digits(rate.caller_prefixes, $8) IS NOT NULL
                ELSE NOT EXISTS (
                    SELECT 1
                    FROM outbound_rates($2, $3, $4, $6, $7) AS other
                    WHERE (other.caller_prefixes = '' AND length(other.prefix) > length(rate.prefix))
                        OR (
                            other.caller_prefixes = rate.caller_prefixes
                            AND other.prefix = rate.prefix
                            AND (other.valid_from, other.id) > (rate.valid_from, rate.id)
                        )
                )
            END
        UNION ALL
        SELECT rate.*
        FROM rate
        WHERE $1 <> 'outbound'
            AND rate.kind <> 'outbound'
            AND rate.kind = $1
            AND rate.currency = $2
            AND rate.country = ANY(ARRAY[$4, ''])
            AND rate.category = ANY(ARRAY[$5, CASE WHEN $5 = 'connector' THEN $5 ELSE '' END])
            AND rate.valid_from <= $7
            AND (rate.valid_until IS NULL OR rate.valid_until > $6)
    ) AS fitting
    ORDER BY
        CASE WHEN $8 IS NULL AND fitting.kind = 'outbound' THEN fitting.per_minute END DESC NULLS LAST,
        CASE
            WHEN fitting.kind = 'outbound' THEN length(fitting.prefix)
            ELSE (fitting.country <> '')::integer * 2 + (fitting.category <> '')::integer
        END DESC,
        caller_digits(fitting.caller_prefixes, $8) DESC NULLS LAST,
        CASE WHEN fitting.caller_prefixes <> '' THEN fitting.per_minute END DESC NULLS LAST,
        fitting.valid_from DESC,
        fitting.id DESC
$$;
