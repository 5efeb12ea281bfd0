"""One pass: conversations to tokens, tokens to hidden states, prompts computed once."""
