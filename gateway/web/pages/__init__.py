"""The pages: server-rendered, on the API, for whoever has signed in."""
