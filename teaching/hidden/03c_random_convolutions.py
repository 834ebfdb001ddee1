# %% 2
for n_samples in (20, 128):
    ask(shares, rng.normal(size=(7, n_samples)), rng.normal(size=4))

# %% 3
for share in (0.0, 0.2, 0.5, 0.8, 1.0):
    ask(longest_run, rng.random(int(rng.integers(1, 40))) < share)

# %% 4
for penalty in (0.1, 3.0):
    n = int(rng.integers(12, 40))
    ask(errors_left_out, rng.normal(size=(n, 5)), rng.choice([-1.0, 1.0], n), penalty)
