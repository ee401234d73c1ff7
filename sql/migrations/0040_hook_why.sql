-- Why a webhook was refused, as the log has it. Quick.
ALTER TABLE hook ADD COLUMN why text;
