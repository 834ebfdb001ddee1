# %% 3
for _ in range(10):
    n_steps = int(rng.integers(10, 500))
    ask(cosine_decay, int(rng.integers(n_steps)), n_steps, float(rng.random()))

# %% 4
for share in (0.0, 0.3, 0.9):
    taught = rng.dirichlet(np.ones(6), size=(3, 10))
    ask(targets, rng.integers(0, 6, 10), taught, share)
