-- Short numbers of a country have prices (R40): outbound rows of the category `short`, found by the line's country and
-- the digits as they are dialled. They are a deck of their own, so that no price list of long numbers ends them.
-- Rates are locked while their index of open rows is built: some 0.2 s for 300,000 rows.
ALTER TABLE rate DROP CONSTRAINT rate_category_check;
ALTER TABLE rate ADD CONSTRAINT rate_category_check
    CHECK (category IN ('', 'geographic', 'mobile', 'toll_free', 'national', 'connector', 'short'));
ALTER TABLE rate ADD CONSTRAINT rate_short_check
    CHECK (category <> 'short' OR (kind = 'outbound' AND country <> '' AND length(prefix) <= 6));

DROP INDEX rate_outbound_open;
CREATE UNIQUE INDEX rate_outbound_open ON rate (currency, prefix)
    WHERE kind = 'outbound' AND category <> 'short' AND valid_until IS NULL;
CREATE UNIQUE INDEX rate_short_open ON rate (currency, country, prefix)
    WHERE category = 'short' AND valid_until IS NULL;

-- Which rate applies: the rates for a call or a number that are valid at some time from $6 until $7, the one that goes
-- before the others first. Of one instant the first is the rate that applies.
-- An outbound rate is found by the callee's digits, and the longest prefix goes first: a long number by rates of long
-- numbers alone, a short one by those of short numbers of the country. Other rates are found by country and category
-- of the number, where '' is for all: the country goes before the category. A connector has its own only.
-- $1 kind, $2 currency, $3 callee in E.164, or a short number, $4 country, $5 category, $6 since, $7 until.
CREATE OR REPLACE FUNCTION rates_for(text, text, text, text, text, timestamptz, timestamptz) RETURNS SETOF rate
LANGUAGE sql STABLE AS $$
    SELECT fitting.*
    FROM (
        SELECT rate.*
        FROM rate
        WHERE $1 = 'outbound'
            AND rate.kind = 'outbound'
            AND rate.currency = $2
            AND CASE WHEN starts_with($3, '+') THEN rate.category <> 'short'
                ELSE rate.category = 'short' AND rate.country = $4 END
            AND rate.prefix = ANY(CASE WHEN starts_with($3, '+') THEN ARRAY[
                substr($3, 2, 1), substr($3, 2, 2), substr($3, 2, 3), substr($3, 2, 4), substr($3, 2, 5),
                substr($3, 2, 6), substr($3, 2, 7), substr($3, 2, 8), substr($3, 2, 9), substr($3, 2, 10),
                substr($3, 2, 11), substr($3, 2, 12), substr($3, 2, 13), substr($3, 2, 14), substr($3, 2, 15)
            ] ELSE ARRAY[
                substr($3, 1, 1), substr($3, 1, 2), substr($3, 1, 3), substr($3, 1, 4), substr($3, 1, 5),
                substr($3, 1, 6)
            ] END)
        UNION ALL
        SELECT rate.*
        FROM rate
        WHERE $1 <> 'outbound'
            AND rate.kind <> 'outbound'
            AND rate.kind = $1
            AND rate.currency = $2
            AND rate.country = ANY(ARRAY[$4, ''])
            AND rate.category = ANY(ARRAY[$5, CASE WHEN $5 = 'connector' THEN $5 ELSE '' END])
    ) AS fitting
    WHERE fitting.valid_from <= $7 AND (fitting.valid_until IS NULL OR fitting.valid_until > $6)
    ORDER BY
        CASE
            WHEN fitting.kind = 'outbound' THEN length(fitting.prefix)
            ELSE (fitting.country <> '')::integer * 2 + (fitting.category <> '')::integer
        END DESC,
        fitting.valid_from DESC,
        fitting.id DESC
$$;
