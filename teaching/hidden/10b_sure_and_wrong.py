# %% 1
for temperature in (0.3, 1.0, 3.0):
    ask(at_temperature, rng.dirichlet(np.ones(6), size=15), temperature)

# %% 2
for share in (0.25, 0.6, 1.0):
    ask(accuracy_when_sure, rng.integers(0, 6, 40), rng.dirichlet(np.ones(6), size=40), share)

# %% 3
for n in (30, 300):
    sure = rng.dirichlet(0.3 * np.ones(6), size=n)
    ask(calibration_error, rng.integers(0, 6, n), sure)
