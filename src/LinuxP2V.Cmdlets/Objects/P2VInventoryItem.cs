namespace LinuxP2V.Cmdlets;

/// <summary>A place of a server's inventory as a parameter names it: a text to be looked up, or an object that was given.</summary>
public sealed class P2VInventoryItem
{
    internal P2VInventoryItem(string name) => Name = name;

    /// <summary>A name, a wildcard, an inventory path or an id where a text was given.</summary>
    public string Name { get; }

    /// <summary>As PowerCLI writes it, HostSystem-host-12; null for what is known by its name.</summary>
    public string? Id { get; internal init; }

    /// <summary>The server's type: HostSystem, StoragePod.</summary>
    public string? Type { get; internal init; }

    /// <summary>The name of the server that the object came from.</summary>
    public string? Server { get; internal init; }

    /// <summary>Of PowerCLI's folders: VM, HostAndCluster, Datastore, Network.</summary>
    internal string? FolderType { get; init; }

    /// <summary>What the engine takes.</summary>
    internal string Reference => Id ?? Name;

    public override string ToString() => Name;
}
