"""How ``zkfl`` ends: one number a kind of outcome. A number is never given a second meaning.

Errors are named here and not imported: ``--help`` must not wait for what raises them. The
most specific class of an error decides.
"""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """The exit statuses of ``zkfl``; docs/reference/exit-codes.md says what to do about each.

    Attributes
    ----------
    meaning
        What happened, in one line.
    """

    meaning: str

    def __new__(cls, number: int, meaning: str) -> Self:
        """Make a member of a number and its meaning."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.meaning = meaning
        return member

    OK = 0, "it is done, or was done before"
    INTERNAL = 1, "zkfl itself failed: a bug"
    USAGE = 2, "the command line is wrong: nothing was done"
    CONFIG = 3, "an agreement, a setting or a deployment file is wrong"
    KEYS = 4, "a key, a password or a private folder is missing, unsafe or wrong"
    CHAIN = 5, "the RPC endpoint is unreachable, broken, or of another chain"
    REFUSED = 6, "a contract refused the transaction or the call"
    FUNDS = 7, "the account cannot pay, or the fee is above the limit"
    PENDING = 8, "a transaction was sent and is not mined yet"
    PROOF = 9, "a proof, a circuit or an SRS could not be made, or does not hold"
    INPUT = 10, "a file that was given is not what it should be"
    NOT_NOW = 11, "there is nothing to do, or not now, or not for this party"
    MISTRUST = 12, "what another party or the chain gave fails a check: nothing was signed"
    STATE = 13, "the party's own notes do not allow it: a secret would be used twice, or is lost"
    FILES = 14, "the file system refused: full disk, missing folder, no permission"
    CHECK_FAILED = 15, "the command ran, and a check in it did not pass"
    ABORTED = 16, "a question was answered with no"
    INTERRUPTED = 130, "Ctrl-C: repeat the command, it goes on where it was"


FAMILIES: dict[ExitCode, tuple[str, ...]] = {
    ExitCode.CONFIG: (
        "ConsortiumError",
        "DeploymentFileError",
        "CouncilFileError",
        "AgreementError",
        "SchemaDisagreementError",
        "FeeLimitsError",
        "PlainHttpError",
        "PartyConfigError",
        "DeployConfigError",
        "DemoSettingsError",
        "DatasetError",
        "UnknownInstanceError",
        "FoundingError",
        "RateScheduleError",
        "AuditorError",
        "AnchorsFileError",
        "RosterError",
        "MissingExtraError",
    ),
    ExitCode.KEYS: (
        "KeyFileError",
        "KeyStoreError",
        "ShufflingKeyError",
        "SecretFileError",
        "PrivateFileError",
        "PseudonymKeyError",
        "NodeHomeError",
        "HomeBindingError",
        "ScratchError",
        "CertificateError",
        "ProverFolderError",
        "NoAccountError",
        "SecretKeyPresentError",
        "SecretKeyMissingError",
        "MachineCertificateError",
    ),
    ExitCode.CHAIN: (
        "RpcError",
        "WrongChainIdError",
        "NoCodeError",
        "NonceConflictError",
        "LocalChainError",
        "ChainError",
    ),
    ExitCode.REFUSED: ("ContractRevertError", "TransactionFailedError", "BundleRejectedError"),
    ExitCode.FUNDS: ("InsufficientFundsError", "TooExpensiveError"),
    ExitCode.PENDING: ("TransactionTimeoutError",),
    ExitCode.PROOF: (
        "ProverError",
        "ProverQueueError",
        "EzklError",
        "BuildError",
        "SettingsError",
        "SpecError",
        "SlackError",
        "ModelChoiceError",
        "LayoutError",
        "SrsError",
        "CommitmentError",
        "CurveError",
        "FieldError",
        "FixedPointError",
        "VectorOpeningError",
        "NoiseBoundError",
        "CountsError",
        "CompileError",
        "SourceNotFoundError",
        "OversizeContractError",
        "UnlinkedLibraryError",
    ),
    ExitCode.INPUT: (
        "SchemaError",
        "BundleFileError",
        "RecordsFileError",
        "RecordsError",
        "PreprocessingError",
        "PublicFileError",
        "ModelFileError",
        "ModelExportError",
        "SrsFormatError",
        "PtauError",
        "TranscriptFileError",
        "EvaluationError",
        "FeatureError",
        "ImageError",
        "ImageSetError",
        "ConnectorError",
        "DeidentificationReportError",
        "HeldOutRecordsError",
        "TooFewRecordsError",
        "PredictionFileError",
        "IntendedUseError",
        "CardFileError",
    ),
    ExitCode.NOT_NOW: (
        "StepError",
        "AwaitsChainError",
        "BundleNotReadyError",
        "UnansweredReadError",
        "NotExaminedError",
        "CouncilError",
        "HandOverError",
        "TurnError",
        "CeremonyError",
        "NoFinalModelError",
        "ModelOpeningError",
        "HospitalError",
        "CoordinatorError",
        "AdmissionError",
        "BenefitError",
        "ModelTestingError",
        "InferenceError",
        "ReleaseCardError",
        "DatasetVersionError",
        "KeyRotationError",
        "FlowerConnectionError",
        "AggregatorRunError",
    ),
    ExitCode.MISTRUST: (
        "NotGenuineError",
        "BundleRefusedError",
        "RawTransactionError",
        "PinnedKeyError",
        "UnsignedKeyError",
        "UnknownDisputeError",
        "RepeatedStepError",
        "LineageError",
        "CardOwedError",
        "ProofAuditError",
        "AnchorError",
        "AnchorShownWrongError",
        "ChainChangedError",
        "ProofDisputedError",
        "ChallengeTooLateError",
        "SumRefusedError",
        "SumDoesNotOpenError",
        "CiphertextRefusedError",
        "ArtifactError",
        "EncryptionError",
        "MaskError",
        "ProtocolError",
        "UnreadableCallError",
        "ModelMismatchError",
        "HistoryError",
        "BeaconError",
        "ResultError",
        "PartyCardError",
        "KeySharingError",
        "ExchangeError",
        "FlowerMessageError",
        "OversizeMessageError",
        "UnansweredError",
        "PredictionRefusedError",
    ),
    ExitCode.STATE: (
        "JournalError",
        "RoundJournalError",
        "OpeningCountError",
        "BlindersSpentError",
        "ShardVaultError",
        "StuckShardError",
        "UpdateMismatchError",
        "SitOutError",
    ),
    ExitCode.FILES: ("FolderError", "SnarkjsError", "LogFileError"),
    ExitCode.CHECK_FAILED: (
        "DemoCheckError",
        "RoundFailedError",
        "RoundNotFinalError",
        "DrillError",
        "StudyError",
        "DrillFailedError",
        "AuditError",
    ),
}
"""Errors by name, each with all that derive from it and are not named themselves."""
_CODES = {name: code for code, names in FAMILIES.items() for name in names}


def exit_code_of(error: BaseException) -> ExitCode:
    """Return the status that an error ends the command with."""
    for ancestor in type(error).__mro__:
        if ancestor.__name__ in _CODES:
            return _CODES[ancestor.__name__]
    if isinstance(error, OSError):
        return ExitCode.FILES
    return ExitCode.INTERNAL
