using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>A devices file lists the source's disks by serial or WWN and hides all others from lvm. Without one, all are seen.</summary>
internal sealed class LvmDevicesStep : IGuestStep
{
    private const string Folder = "/etc/lvm/devices";
    private const string StandardFile = "system.devices";

    /// <summary>Locking by a cluster, which a machine alone waits for.</summary>
    private static readonly string[] ClusterLocking = ["2", "3"];

    public string Concern => "LvmDevices";

    public void Plan(GuestContext context)
    {
        var settings = LvmFiles.Settings(context.Files).ToList();
        var names = settings
            .Where(setting => setting.Path == "devices/devicesfile")
            .SelectMany(setting => setting.Values)
            .Append(StandardFile)
            .Where(name => name.Length > 0 && name.IndexOf('/') < 0)
            .Distinct();
        foreach (var path in names.Select(name => $"{Folder}/{name}").Where(context.Files.FileExists))
        {
            if (context.Layout.VolumeGroups.Count > 0)
                context.InitramfsInputs.Add(path);

            context.Remove(Concern, path, "it names the source's disks and hides the VM's from LVM");
        }

        if (
            settings.LastOrDefault(setting => setting.Path == "global/locking_type") is { Values: [var locking] }
            && ClusterLocking.Contains(locking)
        )
        {
            context.Warn(
                "LvmClusterLocking",
                "/etc/lvm/lvm.conf",
                $"LVM locks by a cluster (locking_type = {locking}): volume groups stay off until the cluster runs.",
                "Set locking_type = 1 in the copy if it runs without the cluster."
            );
        }
    }
}
