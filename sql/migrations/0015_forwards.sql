-- Numbers that forward to each other are found by the live calls that forward to a number (R13).
ALTER TABLE live_call ADD COLUMN forwarded_to text;
CREATE INDEX live_call_forwarded ON live_call (forwarded_to) WHERE forwarded_to IS NOT NULL;
UPDATE live_call SET forwarded_to = (SELECT callee FROM call WHERE call.id = live_call.call_id AND direction = 'forward');
