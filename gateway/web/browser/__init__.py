"""What pages stand on: who comes by a browser, whether its address may be trusted, and how a page is filled in."""
