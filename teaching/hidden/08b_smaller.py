# %% 2
for share in (0.0, 0.3, 0.9):
    taught = rng.dirichlet(np.ones(6), size=(3, 10))
    ask(targets, rng.integers(0, 6, 10), taught, share)
