using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Failures;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The one place where an exception becomes an error record.</summary>
internal static class ErrorMapper
{
    /// <summary>The id of a failure that nobody foresaw and that is none of the system's: a defect.</summary>
    public const string UnexpectedFailure = nameof(UnexpectedFailure);

    public static ErrorRecord ToRecord(Exception failure, object? target) =>
        failure switch
        {
            P2VException known => ToRecord(known, target),
            IContainsErrorRecord powerShell => powerShell.ErrorRecord,
            _ when SystemFailure.TryExplain(failure) is { } explained => ToRecord(explained, target),
            _ => new ErrorRecord(failure, UnexpectedFailure, ErrorCategory.NotSpecified, target)
            {
                ErrorDetails = new ErrorDetails(PlainText.Lines(failure.Message))
                {
                    RecommendedAction = "This is a defect of LinuxP2V. Repeat the command with -Verbose and report what it printed.",
                },
            },
        };

    private static ErrorRecord ToRecord(P2VException failure, object? target) =>
        new(
            P2VCommandException.Of(failure, CategoryOf(failure.ErrorId)),
            failure.ErrorId,
            CategoryOf(failure.ErrorId),
            failure.Target ?? target
        )
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = failure.Remedy },
        };

    public static ErrorCategory CategoryOf(string errorId) =>
        errorId switch
        {
            ErrorIds.SourceUnreachable
            or ErrorIds.SourceConnectionRefused
            or ErrorIds.SourceNameNotResolved
            or ErrorIds.SourceConnectionLost
            or ErrorIds.HelperConnectionLost
            or ErrorIds.HelperAddressNotObtained
            or ErrorIds.HelperCannotReachSource
            or ErrorIds.ServerNotConnected
            or ErrorIds.ServerUnreachable => ErrorCategory.ConnectionError,
            ErrorIds.SourceAuthenticationFailed
            or ErrorIds.SourceCredentialRequired
            or ErrorIds.SudoPasswordRequired
            or ErrorIds.SudoPasswordWrong
            or ErrorIds.ServerAuthenticationFailed
            or ErrorIds.ServerSessionEnded => ErrorCategory.AuthenticationError,
            ErrorIds.StateNotAccessible or ErrorIds.FileNotAccessible => ErrorCategory.OpenError,
            ErrorIds.RootRequired or ErrorIds.SudoNotAllowed or ErrorIds.ServerPermissionMissing => ErrorCategory.PermissionDenied,
            ErrorIds.SourceHostKeyUnknown
            or ErrorIds.SourceHostKeyChanged
            or ErrorIds.HelperHostKeyMismatch
            or ErrorIds.HelperImageAltered
            or ErrorIds.SourceAnswerInvalid
            or ErrorIds.ServerCertificateUntrusted => ErrorCategory.SecurityError,
            ErrorIds.SourceKeyUnreadable or ErrorIds.TaskUnreadable or ErrorIds.SourceUnreadable or ErrorIds.ObjectEdited =>
                ErrorCategory.InvalidData,
            ErrorIds.FilesUnreadable => ErrorCategory.ReadError,
            ErrorIds.VolumeNotFound
            or ErrorIds.MachineNotFound
            or ErrorIds.HelperImageMissing
            or ErrorIds.DiskNotFound
            or ErrorIds.ConversionNotFound
            or ErrorIds.InventoryItemNotFound => ErrorCategory.ObjectNotFound,
            ErrorIds.SourceAddressInvalid
            or ErrorIds.PlanNotPossible
            or ErrorIds.ParameterEmpty
            or ErrorIds.ConversionAmbiguous
            or ErrorIds.VolumeTooSmall
            or ErrorIds.VolumeGroupTooSmall
            or ErrorIds.InventoryItemAmbiguous => ErrorCategory.InvalidArgument,
            ErrorIds.FileSystemNotSupported
            or ErrorIds.BootLoaderNotSupported
            or ErrorIds.ArchitectureNotSupported
            or ErrorIds.SourceNotConvertible
            or ErrorIds.BlockCopyNotPossible
            or ErrorIds.SourceNotLinux
            or ErrorIds.DestinationNotSupported
            or ErrorIds.HardwareNotSupported
            or ErrorIds.ProcessorLevelTooLow => ErrorCategory.NotImplemented,
            ErrorIds.DestinationToolMissing or ErrorIds.SystemComponentMissing or ErrorIds.ReconfigurationToolMissing =>
                ErrorCategory.NotInstalled,
            ErrorIds.DestinationNameTaken => ErrorCategory.ResourceExists,
            ErrorIds.DestinationFull
            or ErrorIds.TargetDiskFull
            or ErrorIds.HelperMemoryTooSmall
            or ErrorIds.DestinationResourcesMissing
            or ErrorIds.MassDeletion
            or ErrorIds.SnapshotOverflow => ErrorCategory.LimitsExceeded,
            ErrorIds.HostNotAvailable or ErrorIds.SystemFailure => ErrorCategory.ResourceUnavailable,
            ErrorIds.ConversionInUse => ErrorCategory.ResourceBusy,
            ErrorIds.ConversionWrongState or ErrorIds.OperationOutOfOrder or ErrorIds.HelperVersionMismatch =>
                ErrorCategory.InvalidOperation,
            ErrorIds.OperationCancelled => ErrorCategory.OperationStopped,
            _ => ErrorCategory.InvalidResult,
        };
}
