# %% 2
for turned in (np.eye(3), np.eye(3)[[2, 0, 1]], -np.eye(3)):
    for unit in (1.0, 9.80665):
        ask(in_g, unit * others(1)[0, :, 6:] @ turned)

# %% 3
for _ in range(3):
    stumbling = np.concatenate([[0.0], np.cumsum(rng.uniform(0.01, 0.03, 149))])
    ask(regular, stumbling, rng.normal(size=(150, 3)))

# %% 4
for _ in range(5):
    ask(angle_to_usual, others(1)[0, :, 6:].astype(float), rng.normal(size=3), tolerance=1e-5)

# %% 5
for n in (1, 2, 12):
    ask(diary, rng.choice(["WALKING", "SITTING"], n).tolist(), 1.28 * np.arange(n))
