# %% 3
for _ in range(10):
    n_steps = int(rng.integers(10, 500))
    ask(cosine_decay, int(rng.integers(n_steps)), n_steps, float(rng.random()))
