"""What keeps images from becoming features."""

from zkfl.errors import ZkflError


class FeatureError(ZkflError):
    """Images cannot become features as the consortium agreed."""


class RecipeError(FeatureError):
    """A feature recipe is malformed, or contradicts itself or another one."""


class WeightsError(FeatureError):
    """Weights or a projection are not those that the recipe names, or no such tensors."""


class FeatureImageError(FeatureError):
    """An image does not have the form that the recipe asks for."""
