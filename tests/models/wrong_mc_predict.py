"""Wrong ways to sample: one mask, none, another divisor, a mode or a seed that stays."""

import torch

from dropoutbook import MCPrediction, mc_predict


def altered(change):
    """`mc_predict` with its samples changed."""

    def predict(*args, **options):
        samples = change(mc_predict(*args, **options).samples)
        return MCPrediction(samples.mean(0), samples.var(0), samples)

    return predict


def divides_by_s(*args, **options):
    result = mc_predict(*args, **options)
    return result._replace(variance=result.samples.var(0, correction=0))


def samples_last(*args, **options):
    result = mc_predict(*args, **options)
    return result._replace(samples=result.samples.movedim(0, -1))


def leaves_training_on(model, *args, **options):
    return mc_predict(model.train(), *args, **options)


def seeds_for_good(*args, generator=None, **options):
    torch.manual_seed(0)
    return mc_predict(*args, **options)


def ignores_its_generator(*args, generator=None, **options):
    return mc_predict(*args, **options)


def never_drops(model, x, samples, **options):
    with torch.no_grad():
        same = torch.stack([model.eval()(x)] * samples)
    return MCPrediction(same.mean(0), same.var(0), same)


frozen = altered(lambda samples: samples[:1].expand_as(samples))
