using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>What a fault of the server means for an admin, by its type or the nearest above it in <see cref="FaultTree"/>.</summary>
internal static class FaultRemedies
{
    private static readonly Dictionary<string, (string Id, string Remedy)> Known = new(StringComparer.Ordinal);

    static FaultRemedies()
    {
        Add(
            ErrorIds.ServerAuthenticationFailed,
            "Check the user name (with its domain, as user@domain) and the password, and that the account is not locked.",
            "InvalidLogin"
        );
        Add(ErrorIds.ServerAuthenticationFailed, "The password has run out: change it, and connect again.", "PasswordExpired");
        Add(ErrorIds.ServerSessionEnded, "Connect again with Connect-P2VServer.", "NotAuthenticated", "InvalidSession");
        Add(
            ErrorIds.ServerPermissionMissing,
            "Ask for LinuxP2V's role on the datacenter, or use an account that has it: docs/vsphere.md lists the privileges.",
            "SecurityError",
            "AuthMinimumAdminPermission",
            "NoPermissionOnHost",
            "RestrictedByAdministrator",
            "DvsNotAuthorized"
        );
        Add(
            ErrorIds.ServerPermissionMissing,
            "The host takes changes from its vCenter alone. Connect to the vCenter that manages it.",
            "HostAccessRestrictedToManagementServer",
            "OperationDisallowedOnHost"
        );
        Add(
            ErrorIds.DestinationFull,
            "Free space there, choose another datastore with -Datastore, or use -DiskStorageFormat Thin.",
            "NoDiskSpace",
            "InsufficientStorageSpace",
            "FileTooLarge",
            "InsufficientStorageIops",
            "NamespaceFull",
            "NamespaceLimitReached"
        );
        Add(
            ErrorIds.DestinationNotSupported,
            "The host's licence allows reading only, as the free ESXi's does: "
                + "assign one that has the vSphere API, or connect to the vCenter that manages the host.",
            "RestrictedVersion"
        );
        Add(
            ErrorIds.DestinationNotSupported,
            "Assign a licence that allows this, renew it, or free one: the server's page of licences shows what is used.",
            "NotEnoughLicenses",
            "InvalidLicense",
            "LicenseAssignmentFailed",
            "LicenseEntityNotFound",
            "LicenseServerUnavailable",
            "ThirdPartyLicenseAssignmentFailed"
        );
        Add(
            ErrorIds.DestinationNameTaken,
            "Give the VM another name with -Name, or remove what is there.",
            "DuplicateName",
            "AlreadyExists",
            "FileAlreadyExists"
        );
        Add(ErrorIds.PlanNotPossible, "Give the VM a name that the server takes, with -Name.", "InvalidName", "FileNameTooLong");
        Add(ErrorIds.MachineNotFound, "It was removed, or belongs to another server: look for it with Get-VM.", "ManagedObjectNotFound");
        Add(
            ErrorIds.DestinationNotSupported,
            "Choose a datastore that the host can reach and write to, with -Datastore.",
            "InvalidDatastore",
            "InvalidDatastoreState",
            "DatacenterMismatch",
            "CannotAccessFile",
            "CannotCreateFile",
            "FileNotWritable",
            "CannotAccessVmDisk",
            "UnsupportedDatastore",
            "UnsupportedVmxLocation",
            "NoCompatibleDatastore",
            "NoConnectedDatastore",
            "NamespaceWriteProtected",
            "MemorySizeNotSupportedByDatastore"
        );
        Add(
            ErrorIds.OperationOutOfOrder,
            "Another VM or a backup has the file open. Wait until it lets go of it, and try again.",
            "FileLocked",
            "ResourceInUse",
            "ConcurrentAccess",
            "SnapshotLocked"
        );
        Add(
            ErrorIds.DestinationNotSupported,
            "Choose a network that the host has, with -NetworkName.",
            "CannotAccessNetwork",
            "CannotUseNetwork",
            "InvalidNetworkResource",
            "InvalidNetworkInType",
            "DvsFault",
            "DVPortNotSupported"
        );
        Add(
            ErrorIds.DestinationResourcesMissing,
            "The switch has no free port for the VM's adapter. Give it more ports, or choose another network with -NetworkName.",
            "DestinationSwitchFull",
            "InsufficientNetworkCapacity",
            "InsufficientNetworkResourcePoolCapacity"
        );
        Add(
            ErrorIds.HardwareNotSupported,
            "Choose other hardware with -DiskController, -NetworkAdapterType, -NumCpu or -HardwareVersion, or a newer host.",
            "VirtualHardwareCompatibilityIssue",
            "InvalidDeviceSpec",
            "UnsupportedGuest",
            "TooManyDevices",
            "HotPlugNotSupported",
            "CpuHotPlugNotSupported",
            "MemoryHotPlugNotSupported",
            "VmValidateMaxDevice"
        );
        Add(
            ErrorIds.HardwareNotSupported,
            "The host has fewer processors than the VM is to get. Give it fewer with -NumCpu, or choose another host with -VMHost.",
            "NotEnoughCpus",
            "NumVirtualCpusNotSupported",
            "NumVirtualCoresPerSocketNotSupported",
            "NumVirtualCpusIncompatible"
        );
        Add(
            ErrorIds.HardwareNotSupported,
            "A disk or adapter points to something that the host does not have. Choose another datastore or network; a VM that "
                + "was changed by hand can be removed with Remove-P2VConversion -DeleteVM and made anew.",
            "InvalidDeviceBacking",
            "DeviceBackingNotSupported"
        );
        Add(
            ErrorIds.HardwareNotSupported,
            "The server does not say more. Its event list and the vmware.log of the VM name the setting.",
            "VmConfigFault"
        );
        Add(
            ErrorIds.DestinationResourcesMissing,
            "Choose another host or resource pool, give the VM less memory or fewer processors, or power other VMs off.",
            "InsufficientResourcesFault",
            "MemorySizeNotRecommended",
            "LimitExceeded"
        );
        Add(
            ErrorIds.HostNotAvailable,
            "The host or cluster keeps its room for a failover. Choose another host with -VMHost, or have the reserve made smaller.",
            "InsufficientFailoverResourcesFault",
            "DisallowedOperationOnFailoverHost",
            "NoActiveHostInCluster"
        );
        Add(
            ErrorIds.HostNotAvailable,
            "Choose a host that is connected and neither in maintenance nor in quarantine, with -VMHost.",
            "HostConnectFault",
            "HostCommunication",
            "HostConfigFault",
            "HostPowerOpFailed",
            "InvalidHostState",
            "InvalidHostConnectionState",
            "NoCompatibleHost",
            "QuarantineModeFault",
            "NotSupportedHost"
        );
        Add(
            ErrorIds.HostNotAvailable,
            "A rule of the cluster keeps the VM off the host. Choose another host with -VMHost, or change the rule.",
            "RuleViolation",
            "VmHostAffinityRuleViolation",
            "InvalidAffinitySettingFault",
            "NoCompatibleHardAffinityHost",
            "NoCompatibleSoftAffinityHost"
        );
        Add(
            ErrorIds.OperationOutOfOrder,
            "The VM waits for an answer: open it in the vSphere client, answer its question, and try again.",
            "QuestionPending"
        );
        Add(
            ErrorIds.OperationOutOfOrder,
            "The VM is encrypted, and the host has no key for it. Bring the key server back, and try again.",
            "EncryptionKeyRequired"
        );
        Add(
            ErrorIds.OperationOutOfOrder,
            "Wait for what the server does with the VM; then try again.",
            "InvalidState",
            "TaskInProgress",
            "VAppOperationInProgress",
            "ToolsUnavailable",
            "SnapshotFault"
        );
        Add(
            ErrorIds.OperationOutOfOrder,
            "Another product has switched this operation off for the VM, as backups do while they run. Wait for it, and try again.",
            "MethodDisabled",
            "MethodAlreadyDisabledFault",
            "DisallowedChangeByService"
        );
        Add(
            ErrorIds.OperationOutOfOrder,
            "The VM is on or off against what is needed, or may not be switched. Look at it in the vSphere client, and try again.",
            "InvalidPowerState",
            "VmPowerOnDisabled",
            "CannotPowerOffVmInCluster"
        );
        Add(
            ErrorIds.DestinationNotSupported,
            "The host could not do it. Its events tell more; choose another host or datastore, with -VMHost or -Datastore.",
            "PlatformConfigFault",
            "VmfsMountFault",
            "NasConfigFault",
            "FileFault"
        );
        Add(ErrorIds.ServerUnreachable, "The server was too slow. Look at its load, and try again.", "Timedout");
    }

    /// <returns>Null where nothing is known of it.</returns>
    public static (string Id, string Remedy)? Find(string fault)
    {
        foreach (var type in FaultTree.LineageOf(fault))
        {
            if (Known.TryGetValue(type, out var found))
                return found;
        }

        return null;
    }

    private static void Add(string id, string remedy, params string[] faults)
    {
        foreach (var fault in faults)
            Known.Add(fault, (id, remedy));
    }
}
