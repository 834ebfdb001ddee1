# %% 2
for _ in range(5):
    ask(gradient, rng.normal(size=30), rng.integers(0, 2, 30), *rng.normal(size=2))

# %% 3
for _ in range(5):
    ask(ten_steps, rng.normal(size=30), rng.integers(0, 2, 30))

# %% 4
for size in (1, 10, 500):
    ask(softmax, size * rng.normal(size=(7, 6)))
# One row far above the other, and a number far above its row: whatever the seed, one number for
# all rows is too large for one of them, and a row's mean too small for the other.
far = rng.normal(size=(2, 6)) - 900
far[0, rng.integers(6)] += 1800
ask(softmax, far)

# %% 5
for _ in range(3):
    known = rng.normal(size=(20, 10)), rng.integers(0, 6, 20)
    ask(layer_gradient, *known, rng.normal(size=(10, 6)), rng.normal(size=6))
