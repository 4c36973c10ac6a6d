using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

internal static class Samples
{
    public const long Gigabyte = 1L << 30;

    public static MachineSpecification Machine(string name = "web01") =>
        new()
        {
            Name = name,
            Firmware = Firmware.Bios,
            NumCpu = 2,
            MemoryBytes = Gigabyte,
            Disks =
            [
                new DiskSpecification(2 * Gigabyte, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.Thin) { UsedBytes = 1 << 20 },
                new DiskSpecification(Gigabyte, new DiskAddress(DiskController.Pvscsi, 0, 3), DiskFormat.Thin) { UsedBytes = 1 << 20 },
            ],
            Adapters =
            [
                new AdapterSpecification(AdapterKind.Vmxnet3, "VM Network"),
                new AdapterSpecification(AdapterKind.E1000e, "VM Network"),
            ],
            OperatingSystemId = "debian",
            OperatingSystemVersion = "12",
            Notes = "of <web01> & more",
            SourceName = "web01.example.com",
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster, Datastore = "big" },
        };

    public static HelperSettings Settings(string conversionId = "c-1", string key = "ssh-ed25519 AAAA") =>
        new() { ConversionId = conversionId, AuthorizedKey = key };
}

/// <summary>Keeps what was said.</summary>
internal sealed class ListeningConsole : IEngineConsole
{
    public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

    public void Verbose(string message) => Lines.Enqueue(message);

    public void Warning(string message) => Lines.Enqueue("WARNING " + message);
}
