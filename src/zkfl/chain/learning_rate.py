"""The contract that gives each round its rate, as far as parties read it."""

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.deployment import Deployment
from zkfl.rate_schedule import RateSchedule

CONTRACT = "LearningRate"


def stated_schedule(client: ChainClient, deployment: Deployment) -> RateSchedule | None:
    """Return what a deployment's rule of rates says of itself, None where rounds have none.

    It is part of the creation that `zkfl.chain.genuine` compares.

    Raises
    ------
    RateScheduleError
        No contract of this kind says so.
    RpcError
        The endpoint is not in order.
    """
    if deployment.learning_rate is None:
        return None
    client.require_code(deployment.learning_rate)
    abi = compile_project()[CONTRACT].abi
    return RateSchedule.from_tuple(client.call(deployment.learning_rate, abi, "schedule"))
