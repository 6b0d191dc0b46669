"""``zkfl import``: what a hospital has, as image sets and tables that its node admits.

The work is imported when a command is called: help must not wait for it.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

import_ = typer.Typer(
    help="Bring images, DICOM, tables and FHIR of a hospital into the form that its node admits.",
    no_args_is_help=True,
)
Out = Annotated[Path, typer.Argument(help="New folder for the image set.")]
Pseudonyms = Annotated[
    Path, typer.Option(help="The site's key of pseudonyms, made by zkfl import pseudonym-key.")
]
SiteName = Annotated[
    str, typer.Option("--site", help="Name of the site, kept as the subgroup site.")
]
AllOrNothing = Annotated[
    bool, typer.Option("--all-or-nothing", help="Write nothing if any file is refused.")
]
LabelPairs = Annotated[
    list[str] | None,
    typer.Option("--label", help="Number of a class, such as malignant=1; repeatable."),
]
Labels = Annotated[Path | None, typer.Option(help="Table of labels, CSV or Parquet.")]
LabelKey = Annotated[
    str, typer.Option(help="Column of the table of labels: sop_instance_uid or patient_id.")
]
LabelTag = Annotated[
    str | None, typer.Option(help="DICOM keyword of the attribute that holds the label.")
]
WindowText = Annotated[
    str, typer.Option("--window", help="file, percentile, or centre,width such as 40,400.")
]
Keep = Annotated[
    list[str] | None,
    typer.Option(help="Subgroup to keep, repeatable; default: age_band and sex."),
]
NoLabels = Annotated[bool, typer.Option("--no-labels", help="The images are only to be scored.")]
Schema = Annotated[
    str, typer.Option(help="A schema that ships with zkfl, such as heart, or a JSON file.")
]
BurnedIn = Annotated[
    bool,
    typer.Option(
        "--allow-burned-in", help="Somebody has looked: no image shows who the patient is."
    ),
]


@import_.command("pseudonym-key")
def pseudonym_key(
    file: Annotated[Path, typer.Argument(help="New file for the key, mode 0600.")],
) -> None:
    """Draw the key of a site's pseudonyms, once and for all its imports.

    Keep it with the hospital's other keys: without it, a patient of an earlier import cannot be
    recognised in a later one.

    Example:  zkfl import pseudonym-key site/keys/pseudonyms.key
    """
    from zkfl.cli import import_steps

    import_steps.create_key(file)


@import_.command()
def images(  # noqa: PLR0913, PLR0917 - each is an option
    folder: Annotated[Path, typer.Argument(help="Folder of PNG, JPEG and TIFF files.")],
    out: Out,
    pseudonyms: Pseudonyms,
    index: Annotated[
        Path | None,
        typer.Option(help="CSV or Parquet with the columns image, patient, label."),
    ] = None,
    label: LabelPairs = None,
    patient_from: Annotated[
        str | None,
        typer.Option(help="Regular expression whose group is the patient in a file's name."),
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="Further column of the index to keep, repeatable.")
    ] = None,
    site: SiteName = "",
    *,
    one_image_per_patient: Annotated[
        bool, typer.Option("--one-image-per-patient", help="Each image is of another patient.")
    ] = False,
    all_or_nothing: AllOrNothing = False,
) -> None:
    """Import image files: a folder for each class, or an index that names patient and label.

    Examples:  zkfl import images scans set --index scans.csv --pseudonyms pseudonyms.key | \
zkfl import images scans set --label benign=0 --label malignant=1 \
--patient-from '^(P[0-9]+)_' --pseudonyms pseudonyms.key
    """
    from zkfl.cli import import_steps

    source = import_steps.ImageSource(
        folder, index, label or [], patient_from, keep or [], site, one_image_per_patient
    )
    import_steps.import_image_files(source, out, pseudonyms, all_or_nothing=all_or_nothing)


@import_.command()
def dicom(  # noqa: PLR0913, PLR0917 - each is an option
    folder: Annotated[Path, typer.Argument(help="Folder of DICOM files; other files are counted.")],
    out: Out,
    pseudonyms: Pseudonyms,
    labels: Labels = None,
    label_key: LabelKey = "sop_instance_uid",
    label_tag: LabelTag = None,
    label: LabelPairs = None,
    window: WindowText = "file",
    keep: Keep = None,
    site: SiteName = "",
    *,
    no_labels: NoLabels = False,
    allow_burned_in: BurnedIn = False,
    all_or_nothing: AllOrNothing = False,
) -> None:
    """Import DICOM files: pixels, a pseudonym, chosen subgroups; all else is dropped and reported.

    Example:  zkfl import dicom ct set --labels labels.csv --window 40,400 --pseudonyms p.key
    """
    from zkfl.cli import import_steps

    labelling = import_steps.Labelling(labels, label_key, label_tag, label or [], no_labels)
    choices = import_steps.DicomChoices(labelling, window, keep, site, allow_burned_in)
    import_steps.import_dicom(folder, out, pseudonyms, choices, all_or_nothing=all_or_nothing)


@import_.command()
def dicomweb(  # noqa: PLR0913, PLR0917 - each is an option
    account: Annotated[
        Path, typer.Argument(help="File of mode 0600: url and credentials of the archive.")
    ],
    out: Out,
    pseudonyms: Pseudonyms,
    filters: Annotated[
        list[str], typer.Option("--filter", help="Which images: Modality=MG, repeatable.")
    ],
    labels: Labels = None,
    label_key: LabelKey = "sop_instance_uid",
    label_tag: LabelTag = None,
    label: LabelPairs = None,
    window: WindowText = "file",
    keep: Keep = None,
    site: SiteName = "",
    *,
    no_labels: NoLabels = False,
    allow_burned_in: BurnedIn = False,
    all_or_nothing: AllOrNothing = False,
) -> None:
    """Import images of an archive that speaks DICOMweb, such as Orthanc, as zkfl import dicom does.

    Example:  zkfl import dicomweb archive.json set --filter Modality=MG --labels labels.csv \
--pseudonyms pseudonyms.key
    """
    from zkfl.cli import import_steps

    labelling = import_steps.Labelling(labels, label_key, label_tag, label or [], no_labels)
    choices = import_steps.DicomChoices(labelling, window, keep, site, allow_burned_in)
    chosen = import_steps.ArchiveChoice(account, filters)
    import_steps.import_dicomweb(chosen, out, pseudonyms, choices, all_or_nothing=all_or_nothing)


@import_.command()
def table(  # noqa: PLR0913, PLR0917 - each is an option
    file: Annotated[Path, typer.Argument(help="Export of the hospital, CSV or Parquet.")],
    out: Annotated[Path, typer.Argument(help="New folder for records.csv and the report.")],
    schema: Schema,
    pseudonyms: Pseudonyms,
    patient: Annotated[
        str | None,
        typer.Option(help="Column of the export that names the patient; none if unset."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column of the schema and its name in the export, age=PATAGE."),
    ] = None,
) -> None:
    """Import a table: the schema's columns checked, the patient a pseudonym, the rest dropped.

    Example:  zkfl import table export.parquet records --schema heart --patient MRN \
--pseudonyms pseudonyms.key
    """
    from zkfl.cli import import_record_steps

    import_record_steps.import_table(file, out, schema, pseudonyms, patient, column or [])


@import_.command()
def fhir(
    source: Annotated[Path, typer.Argument(help="FHIR R4 bundle (JSON), or a folder of them.")],
    out: Annotated[Path, typer.Argument(help="New folder for records.csv and the report.")],
    schema: Schema,
    mapping: Annotated[Path, typer.Option(help="JSON file: which code is which column.")],
    pseudonyms: Pseudonyms,
) -> None:
    """Import FHIR bundles: a record a patient, by a declared mapping of codes and units.

    Example:  zkfl import fhir bundles records --schema heart --mapping heart-fhir.json \
--pseudonyms pseudonyms.key
    """
    from zkfl.cli import import_record_steps

    import_record_steps.import_fhir(source, out, schema, mapping, pseudonyms)
