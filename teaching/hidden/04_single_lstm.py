# %% 4
for cells in (4, 7):
    parts_of_it = [
        (rng.normal(size=(9, cells)), rng.normal(size=(cells, cells)), rng.normal(size=cells))
        for _ in range(4)
    ]
    state = rng.normal(size=(2, cells))
    ask(lstm_step, others(1)[0, 5], *state, *parts_of_it, tolerance=1e-5)

# %% 5
for cells in (4, 7):
    shapes = ((9, 3 * cells), (cells, 3 * cells), (2, 3 * cells))
    weights = [rng.normal(size=shape) for shape in shapes]
    ask(gru_step, others(1)[0, 5], rng.normal(size=cells), *weights, tolerance=1e-5)
