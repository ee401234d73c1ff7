"""Pages by which people sign in: server-rendered, without scripts."""
