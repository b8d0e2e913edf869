"""Every guided action, one decorated function for each, in the module of its family. Their order is the menu's."""

# isort: off
from console.fleet.guided_actions import services, registration, jit, disk, reruns, caches, releases, others, removal

# isort: on
from console.fleet.guided_actions.action import GUIDED_ACTIONS, About, GuidedAction, Offer, about, offer, refused_by

__all__ = [
    "GUIDED_ACTIONS",
    "About",
    "GuidedAction",
    "Offer",
    "about",
    "caches",
    "disk",
    "jit",
    "offer",
    "others",
    "refused_by",
    "registration",
    "releases",
    "removal",
    "reruns",
    "services",
]
