-- Rules that several queries share, each in one place. They are plain SQL, which the planner puts into the query that
-- asks, so that they cost nothing beside it. Parameters are named by numbers where columns have the same names.

-- Which rate applies: the rates for a call or a number that are valid at some time from $6 until $7, the one that goes
-- before the others first. Of one instant the first is the rate that applies.
-- An outbound rate is found by the callee's digits, and the longest prefix goes first. Other rates are found by country
-- and category of the number, where '' is for all: the country goes before the category. A connector has its own only.
-- $1 kind, $2 currency, $3 callee in E.164, $4 country, $5 category, $6 since, $7 until.
CREATE FUNCTION rates_for(text, text, text, text, text, timestamptz, timestamptz) RETURNS SETOF rate
LANGUAGE sql STABLE AS $$
    SELECT fitting.*
    FROM (
        SELECT rate.*
        FROM rate
        WHERE $1 = 'outbound'
            AND rate.kind = 'outbound'
            AND rate.currency = $2
            AND rate.prefix = ANY(ARRAY[
                substr($3, 2, 1), substr($3, 2, 2), substr($3, 2, 3), substr($3, 2, 4), substr($3, 2, 5),
                substr($3, 2, 6), substr($3, 2, 7), substr($3, 2, 8), substr($3, 2, 9), substr($3, 2, 10),
                substr($3, 2, 11), substr($3, 2, 12), substr($3, 2, 13), substr($3, 2, 14), substr($3, 2, 15)
            ])
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

-- Whether a rate is or will be valid after an instant.
CREATE FUNCTION is_valid_after(rate, timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT $1.valid_until IS NULL OR ($1.valid_until > $2 AND $1.valid_until > $1.valid_from)
$$;

-- The day that calls which end now count to, of an account whose counted day is $1 and whose clock shows the day $2.
-- Its counted day may be tomorrow: by another machine, whose clock is past midnight already.
CREATE FUNCTION counting_day(date, date) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN $1 = $2 + 1 THEN $1 ELSE $2 END
$$;

-- What calls have cost on the day that counts now: $1 on the counted day $2, today is $3.
CREATE FUNCTION spent_today(numeric, date, date) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN $2 = counting_day($2, $3) THEN $1 ELSE 0 END
$$;
