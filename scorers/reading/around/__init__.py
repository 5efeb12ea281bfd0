"""What stands in and around an answer: what a reader sees, what is glued to it, what words say."""
