-- As before, but that calls with a number are looked up one by one, whatever the plan makes of it: it may have read all
-- calls instead. Quick.
CREATE OR REPLACE FUNCTION calls_of_stretch(bigint, bigint, bigint, bigint, boolean, integer, text)
RETURNS SETOF call LANGUAGE sql STABLE AS $$
    SELECT looked_at.*
    FROM (
        (
            SELECT *
            FROM call
            WHERE account_id = $1
                AND id < least($2, $4)
                AND id >= CASE WHEN $7 IS NULL THEN $3 ELSE greatest($3, (SELECT call_id + 1 FROM usage_point)) END
            ORDER BY id DESC
            LIMIT $6
        )
        UNION ALL
        (
            SELECT *
            FROM call
            WHERE $1 IS NULL
                AND NOT $5
                AND id < least($2, $4)
                AND id >= CASE WHEN $7 IS NULL THEN $3 ELSE greatest($3, (SELECT call_id + 1 FROM usage_point)) END
            ORDER BY id DESC
            LIMIT $6
        )
        UNION ALL
        (
            SELECT call.*
            FROM numbered_calls($2, $3, $4, $6, $7) AS numbered
            CROSS JOIN LATERAL (SELECT * FROM call WHERE call.id = numbered.call_id LIMIT 1) AS call
            WHERE $7 IS NOT NULL AND NOT ($5 AND $1 IS NULL)
        )
        UNION ALL
        (
            SELECT *
            FROM call
            WHERE flags <> '{}'
                AND id < $2
                AND id >= CASE WHEN $5 AND $1 IS NULL THEN $3 ELSE $4 END
            ORDER BY id DESC
            LIMIT $6
        )
    ) AS looked_at
    WHERE $1 IS NULL OR account_id = $1
$$;
