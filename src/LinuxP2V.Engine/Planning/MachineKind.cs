using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Tells a machine that boots by itself from what only looks like one.</summary>
internal static class MachineKind
{
    /// <summary>Null for a machine that boots by itself.</summary>
    public static Finding? Check(PlanInput input, DeviceGraph graph)
    {
        var facts = input.Facts;
        var root = facts.Mounts.LastOrDefault(mount => mount.MountPoint == "/");
        if (facts.Container is { } container)
            return Container(input, $"it is a container ({container})");
        if (IsImageBased(facts, root))
        {
            return Refuse(
                input,
                $"{input.Host} is an image-based system (OSTree, as rpm-ostree and bootc use it): its root is one "
                    + $"deployment inside the file system, and a copy of files does not boot.",
                "Install the same image in a new VM, and copy /etc and /var into it."
            );
        }

        // Without root much is not seen, and its absence tells nothing.
        if (!facts.IsRoot || facts.Boot.Loader is not null || SourceKernel.Of(facts) is not null || IsOnOwnDisk(root, graph))
            return null;

        return Container(
            input,
            root is null ? "it tells of no root file system"
                : root.Class == MountClass.Volume
                    ? $"there is no boot loader and no kernel in /boot, and its root ({root.Device}) is a device of another machine"
                : $"there is no boot loader and no kernel in /boot, and its root is {root.FileSystem} ({root.Device})"
        );
    }

    private static bool IsImageBased(SourceFacts facts, MountFacts? root) =>
        $" {facts.Boot.KernelCommandLine}".IndexOf(" ostree=", StringComparison.Ordinal) >= 0
        || root?.Root.StartsWith("/ostree/deploy/", StringComparison.Ordinal) == true;

    private static bool IsOnOwnDisk(MountFacts? root, DeviceGraph graph) =>
        root is null
        || root.Class is MountClass.Network
        || (root.Class == MountClass.Volume && (graph.Find(root.Device) is not { } device || graph.TryFindBacking(device) is not null));

    private static Finding Container(PlanInput input, string why) =>
        Refuse(
            input,
            $"{input.Host} does not boot by itself: {why}. A container or a live system has no kernel and no disks of its own.",
            "Convert the machine that runs it, or move its services to a VM that was installed anew."
        );

    private static Finding Refuse(PlanInput input, string what, string remedy) =>
        new(FindingSeverity.Error, ErrorIds.SourceNotConvertible, input.Host, what, remedy);
}
