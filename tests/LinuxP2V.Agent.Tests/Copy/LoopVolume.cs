using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A real file system in an image file, mounted.</summary>
public sealed class LoopVolume : IDisposable
{
    private readonly string folder;

    /// <param name="options">Of mount.</param>
    public LoopVolume(
        int megabytes = 64,
        string make = "mkfs.ext4 -q -F",
        FileSystemKind kind = FileSystemKind.Ext4,
        string options = "defaults"
    )
    {
        Kind = kind;
        folder = Directory.CreateTempSubdirectory("p2v-vol-").FullName;
        Directory.CreateDirectory(MountPoint);
        Shell.Run($"truncate -s {megabytes}M image; {make} image >/dev/null; mount -o loop,{options} image mnt", folder);
    }

    public FileSystemKind Kind { get; }

    public string MountPoint => Path.Combine(folder, "mnt");

    internal TargetVolume Describe(params string[] excluded) =>
        new()
        {
            Id = MountPoint,
            Device = DeviceReference.OnDisk(0, 1),
            FileSystem = new FileSystemSpec { Kind = Kind },
            MountPoint = MountPoint,
            SourceDevice = "/dev/sda1",
            UsedBytes = 1_000_000,
            UsedInodes = 10,
            ExcludedPaths = excluded,
        };

    /// <inheritdoc cref="TreeFingerprint.Of"/>
    public string Fingerprint(bool attributes = true) => TreeFingerprint.Of(MountPoint, attributes);

    public void Dispose()
    {
        Shell.Try($"chattr -R -f -ia {MountPoint}");
        Shell.Run($"umount -R {MountPoint}");
        Directory.Delete(folder, recursive: true);
    }
}
