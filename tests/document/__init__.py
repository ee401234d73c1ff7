"""Whether the API does what its document says, and nothing else: schemathesis asks it whatever the document allows.

By hand, `python -m tests.document --examples 200` asks every operation 200 times as each role.
"""
