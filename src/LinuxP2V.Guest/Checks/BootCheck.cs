using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.Checks;

/// <summary>
/// Looks at a guest's files as the boot loader and the system will: is there what the default entry starts, and does the
/// system ask for devices that the VM has? An error means that it would not boot. What cannot be understood is said.
/// </summary>
public static class BootCheck
{
    /// <summary>Of a copy as it is, after the reconfiguration.</summary>
    public static IReadOnlyList<Finding> Run(IGuestStore store, GuestTarget target)
    {
        var files = new GuestTree(store);
        return [.. BootEntryCheck.Run(files, target), .. DeviceCheck.Run(files, target)];
    }

    /// <summary>Of a guest as a plan will leave it. A menu that is made anew is not known yet.</summary>
    public static IReadOnlyList<Finding> Run(IGuestStore store, GuestTarget target, GuestPlan plan)
    {
        var planned = new PlannedStore(store);
        var files = new GuestTree(planned);
        foreach (var change in plan.Changes)
            Apply(change, planned, files);

        return [.. plan.Changes.OfType<GrubMenuBuild>().Any() ? [] : BootEntryCheck.Run(files, target), .. DeviceCheck.Run(files, target)];
    }

    private static void Apply(GuestChange change, PlannedStore planned, GuestTree files)
    {
        switch (change)
        {
            case FileText text:
                planned.Write(files.Resolve(text.Path), text.Text);
                break;
            case FileCopy copy:
                planned.Copy(files.Resolve(copy.From), files.ResolveFolder(copy.To));
                break;
            case FileRemoval removal:
                planned.Remove(files.ResolveFolder(removal.Path));
                break;
            case LinkTo link:
                planned.Link(files.ResolveFolder(link.Path), link.Target);
                break;
            case InitramfsBuild build when !files.FileExists(build.Image):
                planned.Write(files.Resolve(build.Image), "");
                break;
        }
    }
}
