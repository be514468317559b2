"""Making comparison sets: what is wished for, the job that takes it, and the pairs of it as rows; closing them."""
