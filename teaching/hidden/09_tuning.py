# %% 2
for _ in range(5):
    low = float(10 ** rng.uniform(-6, -2))
    ask(learning_rates, rng.random(8), low, low * float(rng.uniform(2, 1000)))

# %% 3
for n_trials in (2, 5, 30):
    ask(nested_loss, rng.random((n_trials, 5)))

# %% 4
for _ in range(30):
    others_losses = rng.random((int(rng.integers(1, 6)), 8)).round(2).tolist()
    so_far = rng.random(int(rng.integers(1, 8))).round(2).tolist()
    ask(should_prune, so_far, others_losses, int(rng.integers(1, 5)))
