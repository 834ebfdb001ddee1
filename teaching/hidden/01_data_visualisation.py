# %% 2
# Any threshold between lying and standing is right, so people who do either are asked about.
upright, lying = (rng.normal(mean, 0.02, (30, 3)) for mean in ([0.95, 0, 0], [0.0, 0.5, 0.8]))
ask(lies, rng.permutation(np.concatenate([upright, lying])))

# %% 3
for window in others(20):
    ask(step_rate, window[:, 0])

# %% 4
for n in (12, 40):
    ask(nearest, rng.normal(size=(n, 3)))
