-- The last calls of a month fill no range of pages, and such a range was in no index of instants: whoever looked for a day
-- read those of all months. From now on it is done when a month is turned to. Quick.

SELECT brin_summarize_new_values(inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'call_started'::regclass;
