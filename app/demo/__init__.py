"""`penset demo`: the whole job on real data, by the verbs that people use."""
