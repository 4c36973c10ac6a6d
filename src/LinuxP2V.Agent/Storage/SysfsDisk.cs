using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <param name="Name">The kernel's name: sda, nvme0n1.</param>
/// <param name="Address">Null for a disk on a controller that no layout names.</param>
internal sealed record SysfsDisk(string Name, long SizeBytes, DiskAddress? Address)
{
    public override string ToString() =>
        $"{Name} ({SizeBytes} bytes, {(Address is null ? "other controller" : $"{Address.Controller} {Address.Bus}:{Address.Unit}")})";
}
