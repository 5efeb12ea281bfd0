"""The playground's form, and what it reads and sends."""
