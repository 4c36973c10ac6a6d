using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Copy;

namespace LinuxP2V.Agent.Tests.Storage;

public sealed class DeviceUseTests
{
    [RootFact]
    public async Task A_device_is_in_use_as_long_as_it_is_mounted_in_any_namespace()
    {
        using var volume = new LoopVolume();
        var device = Shell.Run($"findmnt -n -o SOURCE {volume.MountPoint}").Trim();
        // Holds the loop device beyond the mount, without a claim.
        await using var held = File.OpenRead(device);
        var another = Shell.Run("unshare -m sh -c 'mount --make-rprivate /; exec sleep 600' >/dev/null 2>&1 & echo $!; sleep 0.5").Trim();
        var waiting = DeviceUse.WaitForEndAsync(device, default);
        try
        {
            Shell.Run($"umount {volume.MountPoint}");
            Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(500)));
        }
        finally
        {
            Shell.Run($"kill {another}");
        }

        await waiting;
        Shell.Run($"mount {device} {volume.MountPoint}");
    }
}
