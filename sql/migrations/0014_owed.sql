-- A call whose end never came is over for us some time after its deadline: its hold is owed. What is owed still limits
-- new calls, and never a rent.
-- All of it is quick: columns with constant defaults rewrite no table; the checks are not run over what is there.
ALTER TABLE live_call ADD COLUMN over_at timestamptz;

ALTER TABLE account ADD COLUMN owed amount NOT NULL DEFAULT 0;
ALTER TABLE account ADD CONSTRAINT account_owed_check CHECK (owed >= 0 AND owed <= held) NOT VALID;
