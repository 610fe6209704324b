"""Where runs are trained, kernels fitted and nets measured, and what a claim is handed of them."""
