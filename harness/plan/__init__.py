"""What a claim asks for, before anything is trained."""
