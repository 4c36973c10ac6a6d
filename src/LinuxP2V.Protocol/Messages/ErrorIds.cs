namespace LinuxP2V.Protocol.Messages;

/// <summary>
/// Every error id that a user can meet, from the engine as from the agent: the id is what scripts test for, so it never
/// changes its meaning.
/// </summary>
public static class ErrorIds
{
    public const string SourceAddressInvalid = nameof(SourceAddressInvalid);
    public const string SourceUnreachable = nameof(SourceUnreachable);
    public const string SourceConnectionRefused = nameof(SourceConnectionRefused);
    public const string SourceNameNotResolved = nameof(SourceNameNotResolved);
    public const string SourceAuthenticationFailed = nameof(SourceAuthenticationFailed);
    public const string SourceCredentialRequired = nameof(SourceCredentialRequired);
    public const string SourceKeyUnreadable = nameof(SourceKeyUnreadable);
    public const string SourceHostKeyUnknown = nameof(SourceHostKeyUnknown);
    public const string SourceHostKeyChanged = nameof(SourceHostKeyChanged);
    public const string SourceProbeFailed = nameof(SourceProbeFailed);
    public const string SourceConnectionLost = nameof(SourceConnectionLost);
    public const string SourceNotLinux = nameof(SourceNotLinux);
    public const string RootRequired = nameof(RootRequired);
    public const string SudoPasswordRequired = nameof(SudoPasswordRequired);
    public const string SudoPasswordWrong = nameof(SudoPasswordWrong);
    public const string SudoNotAllowed = nameof(SudoNotAllowed);

    public const string PlanNotPossible = nameof(PlanNotPossible);
    public const string VolumeTooSmall = nameof(VolumeTooSmall);
    public const string VolumeNotFound = nameof(VolumeNotFound);
    public const string VolumeGroupTooSmall = nameof(VolumeGroupTooSmall);
    public const string FileSystemNotSupported = nameof(FileSystemNotSupported);
    public const string BootLoaderNotSupported = nameof(BootLoaderNotSupported);
    public const string ArchitectureNotSupported = nameof(ArchitectureNotSupported);
    public const string SourceNotConvertible = nameof(SourceNotConvertible);
    public const string MissingTar = nameof(MissingTar);
    public const string BootFolderEmpty = nameof(BootFolderEmpty);
    public const string KernelModulesNotListed = nameof(KernelModulesNotListed);
    public const string NoVmDrivers = nameof(NoVmDrivers);
    public const string EfiSystemPartitionMissing = nameof(EfiSystemPartitionMissing);
    public const string VolumeGroupIncomplete = nameof(VolumeGroupIncomplete);
    public const string DiskTooLarge = nameof(DiskTooLarge);
    public const string TaskHasErrors = nameof(TaskHasErrors);

    public const string ServerNotConnected = nameof(ServerNotConnected);
    public const string ServerUnreachable = nameof(ServerUnreachable);
    public const string ServerAuthenticationFailed = nameof(ServerAuthenticationFailed);
    public const string ServerSessionEnded = nameof(ServerSessionEnded);
    public const string ServerCertificateUntrusted = nameof(ServerCertificateUntrusted);
    public const string ServerPermissionMissing = nameof(ServerPermissionMissing);
    public const string ServerTaskFailed = nameof(ServerTaskFailed);
    public const string InventoryItemNotFound = nameof(InventoryItemNotFound);
    public const string InventoryItemAmbiguous = nameof(InventoryItemAmbiguous);
    public const string HostNotAvailable = nameof(HostNotAvailable);
    public const string HardwareNotSupported = nameof(HardwareNotSupported);
    public const string ProcessorLevelTooLow = nameof(ProcessorLevelTooLow);
    public const string DestinationResourcesMissing = nameof(DestinationResourcesMissing);
    public const string DestinationNotSupported = nameof(DestinationNotSupported);
    public const string DestinationToolMissing = nameof(DestinationToolMissing);
    public const string DestinationNameTaken = nameof(DestinationNameTaken);
    public const string DestinationFull = nameof(DestinationFull);
    public const string MachineNotFound = nameof(MachineNotFound);
    public const string HelperImageMissing = nameof(HelperImageMissing);
    public const string HelperStartFailed = nameof(HelperStartFailed);
    public const string HelperAddressNotObtained = nameof(HelperAddressNotObtained);
    public const string HelperConnectionLost = nameof(HelperConnectionLost);
    public const string HelperHostKeyMismatch = nameof(HelperHostKeyMismatch);
    public const string HelperVersionMismatch = nameof(HelperVersionMismatch);
    public const string HelperCannotReachSource = nameof(HelperCannotReachSource);
    public const string HelperMemoryTooSmall = nameof(HelperMemoryTooSmall);

    public const string AgentFailed = nameof(AgentFailed);
    public const string DiskNotFound = nameof(DiskNotFound);
    public const string PartitioningFailed = nameof(PartitioningFailed);
    public const string FormatFailed = nameof(FormatFailed);
    public const string MountFailed = nameof(MountFailed);
    public const string CopyFailed = nameof(CopyFailed);
    public const string VerificationFailed = nameof(VerificationFailed);
    public const string SnapshotFailed = nameof(SnapshotFailed);
    public const string SnapshotOverflow = nameof(SnapshotOverflow);
    public const string BlockCopyNotPossible = nameof(BlockCopyNotPossible);
    public const string ServiceNotStopped = nameof(ServiceNotStopped);
    public const string ServiceNotStarted = nameof(ServiceNotStarted);
    public const string TargetDiskFull = nameof(TargetDiskFull);
    public const string ReconfigurationFailed = nameof(ReconfigurationFailed);
    public const string ReconfigurationToolMissing = nameof(ReconfigurationToolMissing);
    public const string OperationCancelled = nameof(OperationCancelled);
    public const string OperationOutOfOrder = nameof(OperationOutOfOrder);

    public const string ConversionNotFound = nameof(ConversionNotFound);
    public const string ConversionInUse = nameof(ConversionInUse);
    public const string ConversionWrongState = nameof(ConversionWrongState);
    public const string TaskUnreadable = nameof(TaskUnreadable);
    public const string StateNotAccessible = nameof(StateNotAccessible);
    public const string FileNotAccessible = nameof(FileNotAccessible);
    public const string SystemComponentMissing = nameof(SystemComponentMissing);
    public const string SystemFailure = nameof(SystemFailure);
}
