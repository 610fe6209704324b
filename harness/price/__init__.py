"""What a session costs, told before it is paid for: nothing here trains."""
