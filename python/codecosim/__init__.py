"""Placement policies in Python for codecosim: a policy that codecosim asks (`serve`), and an environment in Gymnasium's manner that
runs codecosim (`Environment`, `VectorEnvironment`). The protocol is in docs/external.md. Needs the standard library only."""

import sys

from .environment import Environment, VectorEnvironment, default_reward
from .policy import Problem, Targets, serve

__all__ = ["Environment", "Problem", "Targets", "VectorEnvironment", "default_reward", "register", "serve"]


def register() -> None:
    """Registers `codecosim/Placement-v0` with Gymnasium, once; its arguments are those of `Environment`."""
    # Where it is called by Gymnasium, that is not imported as a whole yet.
    from gymnasium.envs import registration

    if "codecosim/Placement-v0" not in registration.registry:
        registration.register("codecosim/Placement-v0", entry_point="codecosim.environment:gymnasium_environment")


# Who has imported Gymnasium wants it; who has not shall not wait for it.
if hasattr(sys.modules.get("gymnasium"), "register"):
    register()
