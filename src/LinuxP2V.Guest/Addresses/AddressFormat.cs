using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Addresses;

/// <summary>A way in which systems write the addresses of their interfaces.</summary>
internal abstract class AddressFormat
{
    /// <summary>As an admin calls it: ifupdown, netplan.</summary>
    public abstract string Name { get; }

    /// <summary>The program reads no file that others may read.</summary>
    public virtual bool HasPrivateFiles => false;

    /// <summary>The files that configure an interface, with its new addresses.</summary>
    /// <returns>Null where none of them does.</returns>
    public abstract AddressResult? Change(GuestTree files, WantedAddresses wanted);

    /// <summary>A configuration for an interface that none has, where other interfaces are configured in this way.</summary>
    /// <returns>Null where the machine does not use this format.</returns>
    public virtual AddressResult? Create(GuestTree files, WantedAddresses wanted) => null;
}

/// <summary>What becomes of an interface's configuration.</summary>
/// <param name="Files">New texts.</param>
internal sealed record AddressResult(IReadOnlyList<(string Path, string Text)> Files)
{
    /// <summary>Why nothing can be changed safely, as a sentence; null where all is well.</summary>
    public string? Refusal { get; init; }

    /// <summary>What stays as the source has it and may not fit, each a sentence.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>IPv4 came by DHCP, and with it name servers.</summary>
    public bool WasDhcp { get; init; }

    public static AddressResult Refused(string why) => new([]) { Refusal = why };
}
