# %% 2
for n in (1, 4, 9):
    ask(weights_of_the_past, *rng.normal(size=(2, n, int(rng.integers(2, 12)))))

# %% 3
for window in others(3):
    ask(with_place, window[:, : 2 * int(rng.integers(1, 5))].astype(float))
