# %% 3
for rate in (0.2, 0.7):
    for training in (True, False):
        ask(dropout, rng.normal(size=(6, 5)), rate, rng.random((6, 5)), training)

# %% 5
sizes = ((9, 5), (5, 4))
layers_of_it = [
    [rng.normal(size=(inputs, 4 * cells)), rng.normal(size=(cells, 4 * cells)), np.zeros(4 * cells)]
    for inputs, cells in sizes
]
ask(network, others(1)[0], *layers_of_it, [rng.normal(size=(4, 6)), np.zeros(6)], tolerance=1e-5)
