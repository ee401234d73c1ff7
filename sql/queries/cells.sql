-- name: cell_is_untouched
-- Whether no id has been given in this database yet.
SELECT bool_and(last_value IS NULL) FROM pg_sequences WHERE schemaname = current_schema;

-- name: cell_begin
-- Have every id begin anew. $1 first bigint.
SELECT setval(pg_get_serial_sequence(quote_ident(pg_class.relname), pg_attribute.attname), $1::bigint, false)
FROM pg_class
JOIN pg_attribute ON pg_attribute.attrelid = pg_class.oid
WHERE pg_class.relnamespace = current_schema::regnamespace
    AND pg_class.relkind IN ('r', 'p')
    AND NOT pg_class.relispartition
    AND pg_attribute.attidentity <> '';

-- name: cell_begin_months
-- Have the first part for calls reach as far as the ids of a cell's first month. $1 first bigint.
SELECT begin_months($1::bigint);

-- name: cell_next_id
-- The id that the next account gets, or the last one has.
SELECT last_value FROM account_id_seq;

-- name: cell_lines
-- Lines that are in use.
SELECT name FROM line WHERE state <> 'disconnected';
