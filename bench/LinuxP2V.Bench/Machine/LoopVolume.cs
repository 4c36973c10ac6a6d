using System.Globalization;

namespace LinuxP2V.Bench.Machine;

/// <summary>A fresh ext4 file system on a loop device, mounted. Its image goes with it.</summary>
internal sealed class LoopVolume : IAsyncDisposable
{
    private readonly string image;

    private LoopVolume(string image, string device, string mountPoint, long sizeBytes) =>
        (this.image, Device, MountPoint, SizeBytes) = (image, device, mountPoint, sizeBytes);

    public string Device { get; }

    public string MountPoint { get; }

    public long SizeBytes { get; }

    /// <param name="name">Of the image and the mount point below the work folder.</param>
    public static async Task<LoopVolume> CreateAsync(WorkFolder work, string name, long sizeBytes, CancellationToken cancellationToken)
    {
        var (image, mountPoint) = (work.Combine(name + ".img"), work.Combine(name));
        // The agent makes and mounts its copy the same way: mke2fs's defaults, noatime. Direct, as behind a disk there is no
        // second cache that reads ahead and takes what is written.
        var device = await Shell.RunAsync(
            """
            rm -f "$1"; truncate -s "$3" "$1"; mkdir -p "$2"
            device=$(losetup -f --show --direct-io=on "$1")
            mke2fs -q -F -t ext4 "$device"
            mount -o noatime "$device" "$2"
            echo "$device"
            """,
            [image, mountPoint, sizeBytes.ToString(CultureInfo.InvariantCulture)],
            cancellationToken
        );
        await DiskSpeed.SetAsync(work.DiskSpeed, device.Trim(), cancellationToken);
        return new LoopVolume(image, device.Trim(), mountPoint, sizeBytes);
    }

    public Task SetReadOnlyAsync(bool isReadOnly, CancellationToken cancellationToken) =>
        Shell.RunAsync("mount -o \"remount,$1\" \"$2\"", [isReadOnly ? "ro" : "rw", MountPoint], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await WorkFolder.UnmountAsync(MountPoint, CancellationToken.None);
        await WorkFolder.DetachAsync(Device, CancellationToken.None);
        File.Delete(image);
    }
}
