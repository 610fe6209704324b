"""What a machine does with nets: whether its numbers can be trusted, and how long it takes. A file a question."""
