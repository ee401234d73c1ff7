-- The numbers of old calls lose their last digits, and their replies go, where the operator says after how many days.
-- `anonymised` has the last call that was looked at. All of it is quick.
ALTER TABLE call ADD COLUMN anonymised_at timestamptz;

CREATE TABLE anonymised (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    call_id bigint NOT NULL
);
INSERT INTO anonymised (call_id) VALUES (0);

-- What is left of a party: of a number its country and area, at least three characters; a short number, one that was
-- withheld and an empty one whole; of any other text nothing.
CREATE FUNCTION anonymised_party(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN $1 IN ('', 'anonymous') OR $1 ~ '^[0-9]{1,6}$' THEN $1
        WHEN $1 ~ '^[+][0-9]{7,15}$' THEN left($1, greatest(length($1) - 6, 3)) || '******'
        ELSE '******'
    END
$$;
