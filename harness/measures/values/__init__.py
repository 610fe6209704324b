"""Numbers from what runs came to: accuracies, and which examples are right."""
