"""Every guided action, one decorated function for each, in the module of its family. Their order is the menu's."""

from console.fleet.guided_actions import caches, releases, reruns, services
from console.fleet.guided_actions.action import GUIDED_ACTIONS, About, GuidedAction, Offer, about, offer, refused_by

__all__ = [
    "GUIDED_ACTIONS",
    "About",
    "GuidedAction",
    "Offer",
    "about",
    "caches",
    "offer",
    "refused_by",
    "releases",
    "reruns",
    "services",
]
