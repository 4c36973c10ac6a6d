namespace LinuxP2V.Protocol.Messages;

/// <summary>
/// Every error id that a user can meet, from the engine as from the agent: the id is what scripts test for, so it never
/// changes its meaning.
/// </summary>
public static class ErrorIds
{
    /// <summary>The source's address is not [user@]host[:port].</summary>
    public const string SourceAddressInvalid = nameof(SourceAddressInvalid);

    /// <summary>The source does not answer.</summary>
    public const string SourceUnreachable = nameof(SourceUnreachable);

    /// <summary>Nothing listens on the source's port.</summary>
    public const string SourceConnectionRefused = nameof(SourceConnectionRefused);

    /// <summary>The source's name has no address.</summary>
    public const string SourceNameNotResolved = nameof(SourceNameNotResolved);

    /// <summary>The source refused the login.</summary>
    public const string SourceAuthenticationFailed = nameof(SourceAuthenticationFailed);

    /// <summary>There is no password and no key for the login.</summary>
    public const string SourceCredentialRequired = nameof(SourceCredentialRequired);

    /// <summary>The private key, or its passphrase, is wrong or of an unknown format.</summary>
    public const string SourceKeyUnreadable = nameof(SourceKeyUnreadable);

    /// <summary>The source's host key is in no known_hosts, and the policy takes no new ones.</summary>
    public const string SourceHostKeyUnknown = nameof(SourceHostKeyUnknown);

    /// <summary>The source shows another host key than the known one.</summary>
    public const string SourceHostKeyChanged = nameof(SourceHostKeyChanged);

    /// <summary>The source could not be read: the probe's script failed, or its answer is not understood.</summary>
    public const string SourceProbeFailed = nameof(SourceProbeFailed);

    /// <summary>The connection to the source broke and could not be made again in time.</summary>
    public const string SourceConnectionLost = nameof(SourceConnectionLost);

    /// <summary>The source is another system than Linux.</summary>
    public const string SourceNotLinux = nameof(SourceNotLinux);

    /// <summary>The user is not root, and sudo was not asked for.</summary>
    public const string RootRequired = nameof(RootRequired);

    /// <summary>sudo on the source asks for a password, and there is none.</summary>
    public const string SudoPasswordRequired = nameof(SudoPasswordRequired);

    /// <summary>sudo on the source refused the password.</summary>
    public const string SudoPasswordWrong = nameof(SudoPasswordWrong);

    /// <summary>sudo on the source does not let the user run everything.</summary>
    public const string SudoNotAllowed = nameof(SudoNotAllowed);

    /// <summary>sudo on the source records what commands write, which would be the whole copy.</summary>
    public const string SudoLogsOutput = nameof(SudoLogsOutput);

    /// <summary>The text of a source is damaged or of a newer version.</summary>
    public const string SourceUnreadable = nameof(SourceUnreadable);

    /// <summary>An object from a file or a job was edited where that has no effect.</summary>
    public const string ObjectEdited = nameof(ObjectEdited);

    /// <summary>A parameter was given without a value.</summary>
    public const string ParameterEmpty = nameof(ParameterEmpty);

    /// <summary>The destination has no use for a setting.</summary>
    public const string SettingIgnored = nameof(SettingIgnored);

    /// <summary>One host of a cluster alone has the datastore of the VM.</summary>
    public const string DatastoreNotShared = nameof(DatastoreNotShared);

    /// <summary>The datastores that are asked for do not offer what the storage policy wants.</summary>
    public const string StoragePolicyNotFulfilled = nameof(StoragePolicyNotFulfilled);

    /// <summary>The VM's adapters are connected to the only network there is.</summary>
    public const string NetworkChosen = nameof(NetworkChosen);

    /// <summary>A name is that of several conversions.</summary>
    public const string ConversionAmbiguous = nameof(ConversionAmbiguous);

    /// <summary>Tasks that cannot be carried out together: they ask for the same name or address.</summary>
    public const string TasksConflict = nameof(TasksConflict);

    /// <summary>The settings contradict each other or the source.</summary>
    public const string PlanNotPossible = nameof(PlanNotPossible);

    /// <summary>A volume is planned smaller than what it must hold.</summary>
    public const string VolumeTooSmall = nameof(VolumeTooSmall);

    /// <summary>The source has no such volume, or it is not mounted any more.</summary>
    public const string VolumeNotFound = nameof(VolumeNotFound);

    /// <summary>The logical volumes of a group do not fit into it.</summary>
    public const string VolumeGroupTooSmall = nameof(VolumeGroupTooSmall);

    /// <summary>A file system is of a kind that cannot be made.</summary>
    public const string FileSystemNotSupported = nameof(FileSystemNotSupported);

    /// <summary>The source boots by something else than GRUB 2.</summary>
    public const string BootLoaderNotSupported = nameof(BootLoaderNotSupported);

    /// <summary>The source is not x86-64.</summary>
    public const string ArchitectureNotSupported = nameof(ArchitectureNotSupported);

    /// <summary>The inspection of the source found errors.</summary>
    public const string SourceNotConvertible = nameof(SourceNotConvertible);

    /// <summary>The source has no tar, which a copy by files needs.</summary>
    public const string MissingTar = nameof(MissingTar);

    /// <summary>There is no kernel that has modules.</summary>
    public const string BootFolderEmpty = nameof(BootFolderEmpty);

    /// <summary>A kernel has no modules.dep, so that its drivers are not known.</summary>
    public const string KernelModulesNotListed = nameof(KernelModulesNotListed);

    /// <summary>The kernel drives none of the controllers or adapters that a VM can have.</summary>
    public const string NoVmDrivers = nameof(NoVmDrivers);

    /// <summary>The source starts by UEFI, and its EFI system partition is not among the volumes.</summary>
    public const string EfiSystemPartitionMissing = nameof(EfiSystemPartitionMissing);

    /// <summary>A physical volume of a group is missing.</summary>
    public const string VolumeGroupIncomplete = nameof(VolumeGroupIncomplete);

    /// <summary>A disk is larger than its partition table or the destination allows.</summary>
    public const string DiskTooLarge = nameof(DiskTooLarge);

    /// <summary>The task has findings of severity Error, and was not forced.</summary>
    public const string TaskHasErrors = nameof(TaskHasErrors);

    /// <summary>No session is open to the server that is asked for.</summary>
    public const string ServerNotConnected = nameof(ServerNotConnected);

    /// <summary>The server does not answer, or not as a vSphere server does.</summary>
    public const string ServerUnreachable = nameof(ServerUnreachable);

    /// <summary>The server refused the login.</summary>
    public const string ServerAuthenticationFailed = nameof(ServerAuthenticationFailed);

    /// <summary>The server no longer knows the session.</summary>
    public const string ServerSessionEnded = nameof(ServerSessionEnded);

    /// <summary>The server's certificate is neither trusted nor the given one.</summary>
    public const string ServerCertificateUntrusted = nameof(ServerCertificateUntrusted);

    /// <summary>The account lacks a privilege on the server.</summary>
    public const string ServerPermissionMissing = nameof(ServerPermissionMissing);

    /// <summary>A task on the server failed.</summary>
    public const string ServerTaskFailed = nameof(ServerTaskFailed);

    /// <summary>The server has no host, datastore, network or the like of that name.</summary>
    public const string InventoryItemNotFound = nameof(InventoryItemNotFound);

    /// <summary>Several objects of the server have that name.</summary>
    public const string InventoryItemAmbiguous = nameof(InventoryItemAmbiguous);

    /// <summary>The host is disconnected or in maintenance mode.</summary>
    public const string HostNotAvailable = nameof(HostNotAvailable);

    /// <summary>The host cannot run the planned virtual hardware.</summary>
    public const string HardwareNotSupported = nameof(HardwareNotSupported);

    /// <summary>The guest needs newer processors than the host offers.</summary>
    public const string ProcessorLevelTooLow = nameof(ProcessorLevelTooLow);

    /// <summary>The destination lacks memory or processors for the VM.</summary>
    public const string DestinationResourcesMissing = nameof(DestinationResourcesMissing);

    /// <summary>The destination is of a version or licence that cannot be used.</summary>
    public const string DestinationNotSupported = nameof(DestinationNotSupported);

    /// <summary>A program that the destination needs, such as QEMU, is not installed.</summary>
    public const string DestinationToolMissing = nameof(DestinationToolMissing);

    /// <summary>The destination already has a VM of that name.</summary>
    public const string DestinationNameTaken = nameof(DestinationNameTaken);

    /// <summary>The datastore or disk has too little room.</summary>
    public const string DestinationFull = nameof(DestinationFull);

    /// <summary>The VM of the conversion is gone.</summary>
    public const string MachineNotFound = nameof(MachineNotFound);

    /// <summary>The VM has snapshots that somebody else made, or their files.</summary>
    public const string MachineHasSnapshots = nameof(MachineHasSnapshots);

    /// <summary>The destination can make no twin of the VM for a rehearsal.</summary>
    public const string TwinNotPossible = nameof(TwinNotPossible);

    /// <summary>A cutover that asked for a proof found that the copy does not boot.</summary>
    public const string BootNotProved = nameof(BootNotProved);

    /// <summary>A rehearsal of the conversion runs.</summary>
    public const string RehearsalRunning = nameof(RehearsalRunning);

    /// <summary>There is no helper image at the given path, or it is damaged.</summary>
    public const string HelperImageMissing = nameof(HelperImageMissing);

    /// <summary>A helper image, here or on a datastore, is not the one that it should be.</summary>
    public const string HelperImageAltered = nameof(HelperImageAltered);

    /// <summary>A helper image at the destination was compared by its length alone.</summary>
    public const string HelperImageUnread = nameof(HelperImageUnread);

    /// <summary>The helper VM could not be started.</summary>
    public const string HelperStartFailed = nameof(HelperStartFailed);

    /// <summary>The helper did not announce itself, or has no address.</summary>
    public const string HelperAddressNotObtained = nameof(HelperAddressNotObtained);

    /// <summary>The connection to the helper broke and could not be made again in time.</summary>
    public const string HelperConnectionLost = nameof(HelperConnectionLost);

    /// <summary>Another machine answers at the helper's address.</summary>
    public const string HelperHostKeyMismatch = nameof(HelperHostKeyMismatch);

    /// <summary>The helper image is of another version than the engine.</summary>
    public const string HelperVersionMismatch = nameof(HelperVersionMismatch);

    /// <summary>The helper has no connection to the source.</summary>
    public const string HelperCannotReachSource = nameof(HelperCannotReachSource);

    /// <summary>The helper has too little memory for the source's list of files.</summary>
    public const string HelperMemoryTooSmall = nameof(HelperMemoryTooSmall);

    /// <summary>The agent met a fault of its own.</summary>
    public const string AgentFailed = nameof(AgentFailed);

    /// <summary>A disk of the VM is not where the layout says, or has another size.</summary>
    public const string DiskNotFound = nameof(DiskNotFound);

    /// <summary>A partition table or volume group could not be created.</summary>
    public const string PartitioningFailed = nameof(PartitioningFailed);

    /// <summary>A file system could not be made.</summary>
    public const string FormatFailed = nameof(FormatFailed);

    /// <summary>A file system of the copy could not be mounted or unmounted.</summary>
    public const string MountFailed = nameof(MountFailed);

    /// <summary>Files or folders of the source cannot be read; everything else is in the copy.</summary>
    public const string FilesUnreadable = nameof(FilesUnreadable);

    /// <summary>A pass would delete a large part of a volume of the copy.</summary>
    public const string MassDeletion = nameof(MassDeletion);

    /// <summary>The source's tools answered what was not asked for, or what cannot be right.</summary>
    public const string SourceAnswerInvalid = nameof(SourceAnswerInvalid);

    /// <summary>Another file system is mounted on the source where a volume of the conversion was.</summary>
    public const string SourceVolumeReplaced = nameof(SourceVolumeReplaced);

    /// <summary>A volume could not be copied.</summary>
    public const string CopyFailed = nameof(CopyFailed);

    /// <summary>A tool failed while the copy was compared.</summary>
    public const string VerificationFailed = nameof(VerificationFailed);

    /// <summary>A snapshot on the source could not be made or was lost.</summary>
    public const string SnapshotFailed = nameof(SnapshotFailed);

    /// <summary>The source changed more than a snapshot had room for.</summary>
    public const string SnapshotOverflow = nameof(SnapshotOverflow);

    /// <summary>A volume cannot be copied by its blocks, though that was asked for.</summary>
    public const string BlockCopyNotPossible = nameof(BlockCopyNotPossible);

    /// <summary>A service on the source could not be stopped.</summary>
    public const string ServiceNotStopped = nameof(ServiceNotStopped);

    /// <summary>A service on the source could not be started again.</summary>
    public const string ServiceNotStarted = nameof(ServiceNotStarted);

    /// <summary>A volume of the copy is full.</summary>
    public const string TargetDiskFull = nameof(TargetDiskFull);

    /// <summary>The copy could not be made bootable.</summary>
    public const string ReconfigurationFailed = nameof(ReconfigurationFailed);

    /// <summary>A script of the admin's failed, or did not end in time.</summary>
    public const string HookFailed = nameof(HookFailed);

    /// <summary>The copy lacks a program that makes it bootable.</summary>
    public const string ReconfigurationToolMissing = nameof(ReconfigurationToolMissing);

    /// <summary>The operation was cancelled on request.</summary>
    public const string OperationCancelled = nameof(OperationCancelled);

    /// <summary>The operation needs another one to be done first.</summary>
    public const string OperationOutOfOrder = nameof(OperationOutOfOrder);

    /// <summary>The state folder has no conversion of that id.</summary>
    public const string ConversionNotFound = nameof(ConversionNotFound);

    /// <summary>Another process works on the conversion.</summary>
    public const string ConversionInUse = nameof(ConversionInUse);

    /// <summary>The conversion has not come so far, or is past it.</summary>
    public const string ConversionWrongState = nameof(ConversionWrongState);

    /// <summary>A task's file or text is damaged, or of another version.</summary>
    public const string TaskUnreadable = nameof(TaskUnreadable);

    /// <summary>The state folder cannot be read or written.</summary>
    public const string StateNotAccessible = nameof(StateNotAccessible);

    /// <summary>A file that the user named cannot be read or written.</summary>
    public const string FileNotAccessible = nameof(FileNotAccessible);

    /// <summary>A library of the system or of the module cannot be loaded.</summary>
    public const string SystemComponentMissing = nameof(SystemComponentMissing);

    /// <summary>A failure that none of the other ids describes.</summary>
    public const string SystemFailure = nameof(SystemFailure);
}
