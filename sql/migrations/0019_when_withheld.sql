-- What becomes of a call whose user withholds the number (R43). A column with a constant default rewrites no table.
ALTER TABLE account
    ADD COLUMN when_withheld text NOT NULL DEFAULT 'anonymous' CHECK (when_withheld IN ('anonymous', 'refused'));
