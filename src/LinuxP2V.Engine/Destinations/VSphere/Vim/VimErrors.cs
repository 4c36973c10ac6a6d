using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>The server's faults as errors with an id, a cause and a remedy.</summary>
internal static class VimErrors
{
    /// <param name="action">What was tried, to stand after "could not": create the VM web01.</param>
    public static P2VException From(Exception exception, string server, string action, object? target = null) =>
        exception switch
        {
            P2VException known => known,
            VimFaultException fault => FromFault(fault, server, action, target),
            VimTransportException transport => new P2VException(
                ErrorIds.ServerUnreachable,
                $"{server} could not {action}: {transport.Message}",
                "Check the address, the port and the network between this machine and the server; then try again.",
                target ?? server,
                transport
            ),
            _ => new P2VException(
                ErrorIds.ServerTaskFailed,
                $"{server} could not {action}: {exception.Message}",
                "See the server's task list.",
                target ?? server,
                exception
            ),
        };

    private static P2VException FromFault(VimFaultException fault, string server, string action, object? target)
    {
        var (id, remedy) = Classify(fault);
        return new P2VException(id, $"{server} could not {action}: {MessageOf(fault)}", remedy, target ?? server, fault);
    }

    private static (string Id, string Remedy) Classify(VimFaultException fault) =>
        fault.Fault switch
        {
            "InvalidLogin" or "InvalidLocale" => (
                ErrorIds.ServerAuthenticationFailed,
                "Check the user name (with its domain, as user@domain) and the password, and that the account is not locked."
            ),
            "NotAuthenticated" or "InvalidSession" => (ErrorIds.ServerSessionEnded, "Connect again with Connect-P2VServer."),
            "NoPermission" => (
                ErrorIds.ServerPermissionMissing,
                $"Ask for a role with the privilege {fault.Detail.Text("privilegeId") ?? "named"} "
                    + $"on {fault.Detail.Reference("object")?.ToString() ?? "the object"}."
            ),
            "NoDiskSpace" or "InsufficientStorageSpace" or "FileTooLarge" or "InsufficientStorageIops" => (
                ErrorIds.DestinationFull,
                "Free space there, choose another datastore with -Datastore, or use -DiskStorageFormat Thin."
            ),
            "RestrictedVersion" => (
                ErrorIds.DestinationNotSupported,
                "The host's licence allows reading only, as the free ESXi's does: "
                    + "assign one that has the vSphere API, or connect to the vCenter that manages the host."
            ),
            "DuplicateName" or "AlreadyExists" => (
                ErrorIds.DestinationNameTaken,
                "Give the VM another name with -Name, or remove what is there."
            ),
            "ManagedObjectNotFound" => (ErrorIds.MachineNotFound, "It was removed, or belongs to another server: look for it with Get-VM."),
            "InvalidDatastorePath"
            or "InvalidDatastore"
            or "DatacenterMismatch"
            or "CannotAccessFile"
            or "CannotAccessVmDisk"
            or "InaccessibleDatastore" => (
                ErrorIds.DestinationNotSupported,
                "Choose a datastore that the host can reach, with -Datastore."
            ),
            "CannotAccessNetwork" or "InvalidNetworkResource" or "InvalidNetworkInType" => (
                ErrorIds.DestinationNotSupported,
                "Choose a network that the host has, with -NetworkName."
            ),
            "VirtualHardwareVersionNotSupported"
            or "UnsupportedGuest"
            or "DeviceNotSupported"
            or "VirtualDiskModeNotSupported"
            or "HotPlugNotSupported" => (
                ErrorIds.HardwareNotSupported,
                "Choose other hardware with -DiskController and -AdapterKind, or a newer host."
            ),
            "InsufficientResourcesFault"
            or "InsufficientMemoryResourcesFault"
            or "InsufficientCpuResourcesFault"
            or "InsufficientFailoverResourcesFault"
            or "NumVirtualCpusExceedsLimit"
            or "MemorySizeNotRecommended"
            or "InsufficientHostCapacityFault"
            or "InsufficientHostMemoryCapacityFault" => (
                ErrorIds.DestinationResourcesMissing,
                "Choose another host or resource pool, give the VM less memory or fewer processors, or power other VMs off."
            ),
            "HostNotConnected"
            or "HostNotReachable"
            or "HostCommunication"
            or "InvalidHostState"
            or "InvalidHostConnectionState"
            or "NoHost"
            or "NoCompatibleHost" => (ErrorIds.HostNotAvailable, "Choose a host that is connected and not in maintenance, with -VMHost."),
            "InvalidPowerState" or "TaskInProgress" or "InvalidState" => (
                ErrorIds.OperationOutOfOrder,
                "Wait for what the server does with the VM; then try again."
            ),
            _ => (ErrorIds.ServerTaskFailed, $"See the server's task list; the fault's name is {fault.Fault}."),
        };

    private static string MessageOf(VimFaultException fault)
    {
        var message = fault.Message.Trim();
        if (message.Length == 0)
            message = fault.Fault;

        if (fault.Is("NoPermission") && fault.Detail.Text("privilegeId") is { } privilege && !message.Contains(privilege))
            message += $" (privilege {privilege})";

        if (fault.Is("RestrictedVersion") && message.IndexOf("licen", StringComparison.OrdinalIgnoreCase) < 0)
            message += " (the host's licence has no API that changes anything)";

        if (fault.Is("InvalidArgument") && fault.Detail.Text("invalidProperty") is { } property && !message.Contains(property))
            message += $" ({property})";

        return message.EndsWith(".", StringComparison.Ordinal) ? message : message + ".";
    }
}
