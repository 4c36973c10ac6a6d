using System.Globalization;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Bench.Agents;

/// <summary>An empty disk for the agent to build a copy on: a loop device with room for a small root and the volume.</summary>
internal sealed class LoopDisk : IAsyncDisposable
{
    public const string RootId = "/";

    private const long MiB = 1 << 20;

    /// <summary>The journal lies there, with what the agent remembers of each volume.</summary>
    private const long RootBytes = 192 * MiB;
    private const string LinuxType = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

    private readonly string image;

    private LoopDisk(string image, string device) => (this.image, Device) = (image, device);

    public string Device { get; }

    /// <summary>The partition of the volume that is copied.</summary>
    public string DataPartition => Device + "p2";

    /// <summary>The data volume's folder below the agent's, as the agent numbers them.</summary>
    public const string DataFolder = "volumes/1";

    public static async Task<LoopDisk> CreateAsync(WorkFolder work, SourceVolume source, CancellationToken cancellationToken)
    {
        var image = work.Combine("agent-target.img");
        var device = await Shell.RunAsync(
            "rm -f \"$1\"; truncate -s \"$2\" \"$1\"; losetup -f --show --direct-io=on -P \"$1\"",
            [image, SizeOf(source).ToString(CultureInfo.InvariantCulture)],
            cancellationToken
        );
        await DiskSpeed.SetAsync(work.DiskSpeed, device.Trim(), cancellationToken);
        return new LoopDisk(image, device.Trim());
    }

    /// <summary>
    /// The volume on a partition of exactly its size, which a copy by blocks needs. A machine must have a /: its files are
    /// left out.
    /// </summary>
    public static TargetLayout Layout(SourceVolume source) =>
        new()
        {
            Firmware = Firmware.Bios,
            Disks =
            [
                new TargetDisk
                {
                    Number = 0,
                    SizeBytes = SizeOf(source),
                    Address = new DiskAddress(DiskController.Pvscsi, 0, 0),
                    PartitionTable = PartitionTableKind.Gpt,
                    IsBootDisk = true,
                    Partitions =
                    [
                        new TargetPartition
                        {
                            Number = 1,
                            StartBytes = MiB,
                            SizeBytes = RootBytes,
                            Type = LinuxType,
                        },
                        new TargetPartition
                        {
                            Number = 2,
                            StartBytes = MiB + RootBytes,
                            SizeBytes = source.VolumeBytes,
                            Type = LinuxType,
                        },
                    ],
                },
            ],
            Volumes =
            [
                new TargetVolume
                {
                    Id = RootId,
                    MountPoint = "/",
                    Device = DeviceReference.OnDisk(0, 1),
                    FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
                    SourceDevice = "/dev/none",
                    ExcludedPaths = ["/"],
                },
                new TargetVolume
                {
                    Id = source.Folder,
                    MountPoint = source.Folder,
                    Device = DeviceReference.OnDisk(0, 2),
                    FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
                    SourceDevice = source.Device,
                    UsedBytes = source.Bytes,
                    UsedInodes = source.Entries,
                },
            ],
        };

    public async ValueTask DisposeAsync()
    {
        await WorkFolder.DetachAsync(Device, CancellationToken.None);
        File.Delete(image);
    }

    private static long SizeOf(SourceVolume source) => source.VolumeBytes + RootBytes + (2 * MiB);
}
