using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>The devices file lists the source's disks by serial or WWN and hides all others from lvm.</summary>
internal sealed class LvmDevicesStep : IGuestStep
{
    private const string File = "/etc/lvm/devices/system.devices";

    public string Concern => "LvmDevices";

    public void Plan(GuestContext context)
    {
        if (!context.Files.FileExists(File))
            return;

        if (context.Layout.VolumeGroups.Count > 0)
            context.InitramfsInputs.Add(File);

        context.Remove(Concern, File, "it names the source's disks and hides the VM's from LVM");
    }
}
