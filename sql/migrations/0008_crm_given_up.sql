-- What an operator must look at, and may have tried again. Reads crm_call once: about a second for a million calls.
CREATE INDEX crm_call_given_up ON crm_call (call_id) WHERE state = 'given_up';
