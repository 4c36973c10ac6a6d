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
            VimTransportException transport => FromTransport(transport, server, action, target),
            _ => new P2VException(
                ErrorIds.ServerTaskFailed,
                $"{server} could not {action}: {exception.Message}",
                "See the server's task list.",
                target ?? server,
                exception
            ),
        };

    private static P2VException FromTransport(VimTransportException transport, string server, string action, object? target)
    {
        var (id, remedy) = transport.Refusal switch
        {
            FileRefusal.Session => (
                ErrorIds.ServerSessionEnded,
                "The file service does not know the session. Connect again with Connect-P2VServer -Credential."
            ),
            FileRefusal.Rights => (
                ErrorIds.ServerPermissionMissing,
                "Ask for a role with the privileges Datastore.Browse and Datastore.FileManagement on the datastore, and "
                    + "Cryptographer.Access where it is encrypted."
            ),
            FileRefusal.Missing => (
                ErrorIds.InventoryItemNotFound,
                "Somebody renamed or deleted the datacenter, the datastore or its folder linuxp2v meanwhile. Try again."
            ),
            FileRefusal.Space => (ErrorIds.DestinationFull, "Free space there, or choose another datastore with -Datastore."),
            FileRefusal.Proxy => (
                ErrorIds.ServerUnreachable,
                "A proxy between this machine and the server refuses. Log in there with -Proxy and -ProxyCredential of Connect-P2VServer, "
                    + "or name the server in NO_PROXY."
            ),
            _ => (
                ErrorIds.ServerUnreachable,
                "Check the address, the port and the network between this machine and the server; then try again."
            ),
        };
        return new P2VException(id, $"{server} could not {action}: {transport.Message}", remedy, target ?? server, transport);
    }

    private static P2VException FromFault(VimFaultException fault, string server, string action, object? target)
    {
        var (id, remedy) = Classify(fault);
        return new P2VException(id, $"{server} could not {action}: {MessageOf(fault)}", remedy, target ?? server, fault);
    }

    private static (string Id, string Remedy) Classify(VimFaultException fault) =>
        fault.Fault == "NoPermission"
            ? (
                ErrorIds.ServerPermissionMissing,
                $"Ask for a role with the privilege {fault.Detail.Text("privilegeId") ?? "named"} "
                    + $"on {fault.Detail.Reference("object")?.ToString() ?? "the object"}."
            )
            : FaultRemedies.Find(fault.Fault)
                ?? (ErrorIds.ServerTaskFailed, $"See the server's task list; the fault's name is {fault.Fault}.");

    private static string MessageOf(VimFaultException fault)
    {
        var message = fault.Message.Trim();
        if (message.Length == 0)
            message = fault.Fault;

        if (fault.Fault == "NoPermission" && fault.Detail.Text("privilegeId") is { } privilege && !message.Contains(privilege))
            message += $" (privilege {privilege})";

        if (fault.Is("RestrictedVersion") && message.IndexOf("licen", StringComparison.OrdinalIgnoreCase) < 0)
            message += " (the host's licence has no API that changes anything)";

        if (fault.Is("InvalidArgument") && fault.Detail.Text("invalidProperty") is { } property && !message.Contains(property))
            message += $" ({property})";

        return message.EndsWith(".", StringComparison.Ordinal) ? message : message + ".";
    }
}
