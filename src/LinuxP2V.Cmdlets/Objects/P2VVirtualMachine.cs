namespace LinuxP2V.Cmdlets;

/// <summary>The VM that a conversion made, with the names that PowerCLI's VirtualMachine has for the same things.</summary>
public sealed class P2VVirtualMachine
{
    public string Name { get; internal init; } = "";

    /// <summary>VirtualMachine-vm-42; the folder on the embedded destination.</summary>
    public string Id { get; internal init; } = "";

    /// <summary>
    /// /VIServer=user@server:443/VirtualMachine=VirtualMachine-vm-42/; null off vSphere, and while the server is not
    /// connected.
    /// </summary>
    public string? Uid { get; internal init; }

    /// <summary>PoweredOff, PoweredOn or Suspended; null when the server could not be asked.</summary>
    public string? PowerState { get; internal init; }

    /// <summary>The server's address.</summary>
    public string Server { get; internal init; } = "";

    /// <summary>For people: the inventory path, or the folder.</summary>
    public string? Location { get; internal init; }

    public override string ToString() => Name;
}
