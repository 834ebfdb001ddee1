# %% 2
who = np.repeat([3, 5, 8, 13], [10, 20, 30, 15])
for _ in range(5):
    ask(accuracy_of, rng.choice([3, 5, 8, 13], 4).tolist(), rng.random(75) < 0.8, who)

# %% 4
for _ in range(15):
    ask(mcnemar, *map(int, rng.integers(0, 40, 2)))
ask(mcnemar, 0, 0)

# %% 5
windows_of = rng.integers(200, 400, 9)
right_ones = [rng.binomial(windows_of, share) for share in (0.9, 0.93)]
places = rng.integers(0, 9, (4000, 9))
ask(difference_interval, *right_ones, windows_of, places, tolerance=1e-4)
