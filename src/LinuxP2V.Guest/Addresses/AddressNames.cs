using LinuxP2V.Guest.Network;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Addresses;

/// <summary>Whether a text names an adapter by its hardware address.</summary>
internal static class AddressNames
{
    /// <summary>The VM's address; the source's, where the VM's is not known yet.</summary>
    public static bool Names(string text, AdapterMapping adapter) =>
        (adapter.TargetMac is { } target && MacText.Names(text, target)) || MacText.Names(text, adapter.SourceMac);
}
