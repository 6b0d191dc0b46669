"""``zkfl features``: images become the records that a node admits.

The work is imported when a command is called: help must not wait for torch.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

features = typer.Typer(
    help="Turn images into records: by a frozen backbone, or pixel by pixel.",
    no_args_is_help=True,
)
Images = Annotated[Path, typer.Argument(help="Image set, made by zkfl import.")]
Weights = Annotated[
    Path | None,
    typer.Option(
        help="The backbone's weights, safetensors; efficientnet-lite0 needs none (extra imaging)."
    ),
]
Projection = Annotated[
    Path | None,
    typer.Option(help="The recipe's projection.safetensors, where it has principal components."),
]


@features.command()
def backbones() -> None:
    """List the backbones, how many numbers each gives an image, and where weights come from.

    Example:  zkfl features backbones
    """
    from zkfl.cli import features_steps

    features_steps.list_backbones()


@features.command()
def recipe(  # noqa: PLR0913, PLR0917 - each is an option
    images: Images,
    out: Annotated[Path, typer.Argument(help="New folder for recipe.json and the projection.")],
    source: Annotated[str, typer.Option(help="Which public or pilot images these are.")],
    name: Annotated[str, typer.Option(help="Of the recipe.")],
    backbone: Annotated[str, typer.Option(help="See zkfl features backbones.")] = (
        "efficientnet-lite0"
    ),
    weights: Weights = None,
    mode: Annotated[str, typer.Option(help="Of all images: grey or rgb.")] = "grey",
    size: Annotated[int, typer.Option(help="Side of the square images are resized to.")] = 224,
    outputs: Annotated[int, typer.Option(help="Features an image.", min=1)] = 64,
    random: Annotated[
        str | None,
        typer.Option(help="Seed of a random projection; default: principal components."),
    ] = None,
) -> None:
    """Fit a recipe on public or pilot images, once a consortium.

    The images must be nobody's training or test images: what is fitted is given to everyone.

    Example:  zkfl features recipe pilot-set our-recipe --name ours --source "50 public scans"
    """
    from zkfl.cli import features_steps

    plan = features_steps.Wanted(name, backbone, mode, size, outputs, random, source)
    features_steps.fit(images, out, plan, weights)


@features.command()
def schema(  # noqa: PLR0913, PLR0917 - each is an option
    recipe: Annotated[Path, typer.Argument(help="recipe.json.")],
    out: Annotated[Path, typer.Argument(help="New file for the schema.")],
    name: Annotated[str, typer.Option(help="Of the schema.")],
    label: Annotated[str, typer.Option(help="Name of the label's column.")],
    description: Annotated[str, typer.Option(help="What the records are.")],
    source: Annotated[str, typer.Option(help="Where the images come from.")],
    positive: Annotated[str | None, typer.Option(help="What label 1 means.")] = None,
    negative: Annotated[str | None, typer.Option(help="What label 0 means.")] = None,
    class_: Annotated[
        list[str] | None,
        typer.Option("--class", help="Of several classes: the name of the next, from 0; repeat."),
    ] = None,
    of_interest: Annotated[
        str | None, typer.Option(help="Of several classes: the one counted against the rest.")
    ] = None,
) -> None:
    """Write the record schema of a recipe; the recipe is part of it, and of its digest.

    Example:  zkfl features schema our-recipe/recipe.json schema.json --name ours \
--label malignant --positive malignant --negative other --description scans --source hospitals
    """
    from zkfl.cli import features_steps
    from zkfl.cli.label_options import LabelOptions

    column = LabelOptions(label, positive, negative, class_ or [], of_interest).column()
    features_steps.write_schema(recipe, out, name, column, description, source)


@features.command()
def pixels(  # noqa: PLR0913, PLR0917 - each is an option
    images: Images,
    out: Annotated[Path, typer.Argument(help="New file for the schema.")],
    name: Annotated[str, typer.Option(help="Of the schema.")],
    label: Annotated[str, typer.Option(help="Name of the label's column.")],
    positive: Annotated[str, typer.Option(help="What label 1 means.")],
    negative: Annotated[str, typer.Option(help="What label 0 means.")],
    description: Annotated[str, typer.Option(help="What the records are.")],
    source: Annotated[str, typer.Option(help="Where the images come from.")],
    pilot: Annotated[str, typer.Option(help="Which public or pilot images these are.")],
    side: Annotated[
        int, typer.Option(help="Side of the pictures that a convolution sees, in pixels.")
    ] = 8,
) -> None:
    """Write the schema of small grey pictures, each pixel a feature, for a convolution.

    The pilot images give every pixel's centre and scale. They must be nobody's training or test
    images: what is fitted is given to everyone. The centres are the pilot images' mean, itself a
    picture, so at least 16 patients are asked for, better hundreds.

    Example:  zkfl features pixels pilot-set schema.json --name ours --label malignant \
--positive malignant --negative other --description scans --source hospitals --pilot "50 scans"
    """
    from zkfl.cli import pixel_schema_steps
    from zkfl.node.records.schema import Label

    column = Label(name=label, positive=positive, negative=negative)
    words = pixel_schema_steps.Words(name, column, description, source, pilot)
    pixel_schema_steps.write_schema(images, out, side, words)


@features.command()
def run(  # noqa: PLR0913, PLR0917 - each is an option
    images: Images,
    out: Annotated[Path, typer.Argument(help="New CSV of records.")],
    schema: Annotated[
        Path | None, typer.Option(help="The consortium's schema, which holds the recipe.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="A schema that comes with zkfl, such as busi.")
    ] = None,
    weights: Weights = None,
    projection: Projection = None,
    *,
    no_labels: Annotated[
        bool, typer.Option("--no-labels", help="The records are only to be scored.")
    ] = False,
) -> None:
    """Compute the records of an image set: patient, features, the recipe's digest, label.

    Examples:  zkfl features run image-set records.csv --schema schema.json  |
    zkfl features run ultrasound records.csv --dataset busi  |
    zkfl features run ultrasound records.csv --dataset busi-pixels
    """
    from zkfl.cli import features_steps

    chosen = features_steps.schema_given(schema, dataset)
    files = features_steps.Files(weights, projection)
    features_steps.compute(images, out, chosen, files, labelled=not no_labels)
