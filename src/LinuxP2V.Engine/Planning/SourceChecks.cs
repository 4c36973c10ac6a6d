using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>What no setting can change: a source that cannot become a VM.</summary>
internal static class SourceChecks
{
    /// <exception cref="P2VException">ArchitectureNotSupported, BootLoaderNotSupported, PlanNotPossible.</exception>
    public static void Run(SourceFacts facts, TaskSettings settings, DestinationReference destination)
    {
        var architecture = facts.OperatingSystem.Architecture;
        if (architecture is not ("x86_64" or "amd64" or "i386" or "i486" or "i586" or "i686"))
        {
            throw new P2VException(
                ErrorIds.ArchitectureNotSupported,
                $"{facts.HostName} is a machine of architecture {architecture}; only x86 machines (x86_64, i686) can be cloned.",
                "Move its services to a VM that was installed anew.",
                facts.HostName
            );
        }

        if (!settings.SkipReconfiguration && facts.Boot.Loader is not ("grub2" or "grub-legacy" or "systemd-boot" or "extlinux"))
        {
            throw new P2VException(
                ErrorIds.BootLoaderNotSupported,
                facts.Boot.Loader is null
                    ? $"No boot loader was recognised on {facts.HostName}."
                    : $"{facts.HostName} boots with {facts.Boot.Loader}, which LinuxP2V cannot install into the copy.",
                "Install GRUB 2 on the source first, or copy with -SkipReconfiguration and make the copy boot by hand.",
                facts.HostName
            );
        }

        if (DestinationKinds.IsLocal(destination) && Named(settings.Placement) is { Count: > 0 } places)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"{string.Join(", ", places)} name a place on vSphere, but the destination is the local folder {destination.Address}.",
                "Leave them out, or give a vSphere server as the destination."
            );
        }
    }

    private static List<string> Named(PlacementSettings placement)
    {
        var names = new List<string>();
        Add(placement.VMHost, "-VMHost");
        Add(placement.Datastore, "-Datastore");
        Add(placement.ResourcePool, "-ResourcePool");
        Add(placement.InventoryLocation, "-InventoryLocation");
        return names;

        void Add(string? value, string parameter)
        {
            if (value is not null)
                names.Add($"{parameter} {value}");
        }
    }
}
