"""A decision is made: wanted, held, carried out, told; by two people where a project asks for it."""
