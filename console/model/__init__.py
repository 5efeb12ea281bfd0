"""What pages show, as pure functions of what a store holds."""
