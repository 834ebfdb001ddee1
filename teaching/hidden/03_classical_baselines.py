# %% 1
for window in others(10):
    ask(sma, window[:, :3], tolerance=1e-5)

# %% 2
ask(scale, rng.normal(size=(40, 5)), rng.normal(size=(20, 5)))

# %% 3
ask(nearest_centroid, rng.normal(size=(60, 4)), np.arange(60) % 6, rng.normal(size=(25, 4)))

# %% 5
for window in others(10):
    ask(burg, window[:, 1].astype(float))
    ask(burg, window[:, 2].astype(float), 3)
