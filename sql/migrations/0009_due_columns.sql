-- One suffix for when a row must be looked at again: due_at. Names in the catalogue only: every lock is held for a moment.

ALTER TABLE live_call RENAME COLUMN cut_next_at TO cut_due_at;
ALTER TABLE live_call RENAME COLUMN extend_at TO extend_due_at;
ALTER TABLE live_call RENAME COLUMN sweep_at TO reconcile_due_at;
ALTER INDEX live_call_sweep RENAME TO live_call_reconcile;

ALTER TABLE line RENAME COLUMN wake_at TO calendar_due_at;
ALTER INDEX line_wake RENAME TO line_calendar_due;
ALTER INDEX line_account_wake RENAME TO line_account_calendar_due;

ALTER TABLE account RENAME COLUMN low_check_at TO low_balance_due_at;
ALTER INDEX account_low_check RENAME TO account_low_balance_due;

ALTER TABLE mail RENAME COLUMN next_at TO due_at;
ALTER INDEX mail_next RENAME TO mail_due;

ALTER TABLE crm_call RENAME COLUMN next_at TO due_at;
ALTER INDEX crm_call_next RENAME TO crm_call_due;

ALTER TABLE provider_account RENAME COLUMN next_at TO due_at;
