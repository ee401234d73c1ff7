-- Whether a repeat of a live call's webhook was told what is on record: then that is what its provider goes by.
-- Quick: a column with a constant default rewrites no table.
ALTER TABLE live_call ADD COLUMN asked_again boolean NOT NULL DEFAULT false;
