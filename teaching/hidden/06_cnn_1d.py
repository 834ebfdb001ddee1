# %% 2
for size in (2, 3, 5):
    ask(max_pool, others(1)[0], size)

# %% 3
for size in (1, 3, 7):
    kernels = rng.normal(size=(size, 9, 4))
    ask(convolve_same, others(1)[0], kernels, rng.normal(size=4), tolerance=1e-5)

# %% 4
for n_layers in (1, 2, 4, 6):
    ask(receptive_field, [tuple(map(int, rng.integers(1, 6, 2))) for _ in range(n_layers)])
