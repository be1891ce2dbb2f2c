"""A classifier that asks for more of a machine than others, and says what it got."""

from __future__ import annotations

from harness import Classifier, Predictions, Resources, parameter


class Hungry(Classifier):
    """Predicts always the first class, with a probability that tells how many threads it had."""

    name = "hungry"
    control = True
    cores: int = parameter(1, "processors that it asks for")
    memory: int = parameter(0, "bytes that it asks for")
    gpus: int = parameter(0, "graphics processors that it asks for")

    def resources(self):
        return Resources(self.cores, self.memory, self.gpus)

    def cross_validates(self):
        return False

    def fit(self, features, labels, rng):
        import threadpoolctl

        pools = [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]
        return Threaded(tuple(sorted(set(labels.tolist()))), max(pools))


class Threaded:
    def __init__(self, classes, threads):
        self.classes, self.threads = classes, threads

    def predict(self, features):
        share = 0.5 + self.threads / 100
        return Predictions.from_scores(
            features.ids, self.classes, [[share, 1 - share]] * len(features)
        )


plugins = [Hungry]
