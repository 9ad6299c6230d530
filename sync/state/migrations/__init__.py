"""Schema steps, run by sync.state.upgrades."""
