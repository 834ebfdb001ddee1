# %% 2
for _ in range(5):
    ask(gradient, rng.normal(size=30), rng.integers(0, 2, 30), *rng.normal(size=2))

# %% 3
for _ in range(5):
    ask(ten_steps, rng.normal(size=30), rng.integers(0, 2, 30))

# %% 4
for size in (1, 10, 500):
    ask(softmax, size * rng.normal(size=(7, 6)))

# %% 5
for _ in range(3):
    known = rng.normal(size=(20, 10)), rng.integers(0, 6, 20)
    ask(layer_gradient, *known, rng.normal(size=(10, 6)), rng.normal(size=6))
