"""What waits in a row for its instant: one way to claim it, to work it, and to come back to it later.

Every row that somebody must look at carries the instant in a column that ends in `due_at`; null: nothing is to be done.
Any number of processes work the same table (R38), by these rules:

- **Claim.** One short statement takes the rows that have waited longest, passes over what another process has locked
  (`FOR NO KEY UPDATE SKIP LOCKED`), and moves `due_at` to the end of the claim. Whoever dies in between has lost
  nothing: the row is due again when its claim is over.
- **Work** what takes long, as a request to a provider, outside of any transaction.
- **Record** what became of it in a second short statement, whose `WHERE` names the end of the claim: who was so slow
  that the row is somebody else's by now records nothing.
- **Later.** A row that fails waits its back-off (`backoff.py`, the only formula) while the others go on.

Three declarations say it, and `workers/roster.py` makes a worker of each:

- `AttemptQueue` (`attempts.py`): rows that are tried until they succeed or are given up. It does all of the above; a
  queue is its declaration, a function that works a row, and three statements. **Begin here.**
- `Queue` (`queue.py`): the same claim, where the work has more to record than success or failure, as a call that is
  asked about, registered in a CRM, or cut.
- `BatchQueue` (`batch_queue.py`): rows that are worked together in one transaction, as rents; where that fails, one by
  one, and one that fails alone is postponed.

How to add a queue
------------------

1. A migration: a table with `id`, `created_at`, `due_at`, `tries smallint NOT NULL DEFAULT 0`, what the work needs, and
   an index on `due_at WHERE due_at IS NOT NULL`. Insert its rows in the transaction that causes them.
2. Three statements in `sql/queries/<subject>/`, each with its name: claim, settle, postpone (`AttemptQueue` says what
   they are given).
3. The declaration and the work, in `usecases/<subject>/`:

       async def send(context: Context, attempt: Attempt) -> str:
           ...                                   # raise, and it is tried again; what is returned is kept

       RECEIPTS = AttemptQueue(
           name="receipts",
           interval_s=1,                         # how often it is asked when nothing is due
           batch=20,                             # so many are worked side by side
           claimed_for=timedelta(minutes=1),     # longer than `send` may take
           claim="receipt_claim",
           settle="receipt_settle",
           postpone="receipt_postpone",
           work=send,
           backoff=Backoff(first=timedelta(seconds=10), longest=timedelta(hours=1), give_up_after=timedelta(days=3)),
       )

4. A line in `workers/roster.py`.

`tests/integration/due/` has such a queue, its table and its statements, and shows what becomes of a row that fails, of
a process that dies, and of two that work at once.
"""
