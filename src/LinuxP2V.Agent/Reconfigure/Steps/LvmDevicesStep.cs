using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>The devices file lists the source's disks by serial or WWN and hides all others from lvm.</summary>
internal sealed class LvmDevicesStep : IReconfigureStep
{
    private const string File = "/etc/lvm/devices/system.devices";

    public string Concern => "LvmDevices";

    public bool Detect(ReconfigureContext context) => context.Files.FileExists(File);

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        if (context.Layout.VolumeGroups.Count > 0)
        {
            context.InitramfsInputs.Add(File);
        }

        return Task.FromResult<IReadOnlyList<PlannedChange>>([
            context.Remove(File, "it names the source's disks and hides the VM's from LVM"),
        ]);
    }
}
