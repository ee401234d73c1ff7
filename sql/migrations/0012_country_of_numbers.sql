-- Where an account is, for emergency calls of a line that tells of no country: the country of most of its numbers, the
-- first by its code where as many are of two. A thousand of them tell, so that a long list costs a start no time.
-- $1 account_id.
CREATE FUNCTION country_of_numbers(bigint) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    SELECT number.country
    FROM (
        SELECT line.country
        FROM line
        WHERE line.account_id = $1
            AND line.kind = 'number'
            AND line.state <> 'disconnected'
            AND line.country <> '001'
        LIMIT 1000
    ) AS number
    GROUP BY number.country
    ORDER BY count(*) DESC, number.country
    LIMIT 1
$$;

-- The connectors, of which every process knows where they are. The table of lines is locked while the index is built,
-- about a second for a million lines.
CREATE INDEX line_connector ON line (name) WHERE kind = 'connector' AND state <> 'disconnected';
