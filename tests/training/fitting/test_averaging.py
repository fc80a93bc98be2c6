import torch
from torch import nn

from training.fitting.averaging import averaged


def test_averages_weights_and_statistics_as_one_by_one() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    average = averaged(network, 0.5)
    expected = network[0].weight.detach().clone()
    for number in range(6):
        network(torch.randn(4, 3)).sum().backward()
        with torch.no_grad():
            network[0].weight.add_(torch.randn(2, 3))
        average.update_parameters(network)
        if number == 0:
            expected = network[0].weight.detach().clone()  # nothing to average with yet
            statistics = network[1].running_mean.clone()
            continue
        decay = min(0.5, (1 + number) / (10 + number))
        expected = decay * expected + (1 - decay) * network[0].weight.detach()
        statistics = decay * statistics + (1 - decay) * network[1].running_mean

    assert torch.allclose(average.module[0].weight, expected, atol=1e-6)
    assert torch.allclose(average.module[1].running_mean, statistics, atol=1e-6)


def test_a_decay_of_nothing_gives_the_last_weights() -> None:
    network = nn.Linear(3, 2)
    average = averaged(network, 0.0)
    for _ in range(3):
        with torch.no_grad():
            network.weight.add_(1.0)
        average.update_parameters(network)

    assert torch.equal(average.module.weight, network.weight)
