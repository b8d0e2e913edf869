"""Tokens: `tokens` gives them out, `keyrings` and `token_command` fetch them, `secret` is the type they live in."""
