# %% 3
for angle in rng.uniform(0, 2 * np.pi, 5):
    ask(upright, rng.normal(size=(6, 3)), np.array([np.cos(angle), np.sin(angle), 0]))
