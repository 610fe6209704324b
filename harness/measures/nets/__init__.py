"""Numbers from trained nets and their gradients."""
