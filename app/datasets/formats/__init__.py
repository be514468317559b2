"""The shapes in which trainers read rows: one file a shape, and `registry` that names them."""
