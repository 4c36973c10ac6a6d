using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Services;

/// <summary>Caches of device names that are wrong in the VM.</summary>
internal sealed class CachesStep : IGuestStep
{
    private static readonly string[] Paths = ["/etc/blkid.tab", "/etc/blkid/blkid.tab", "/etc/lvm/cache/.cache"];

    public string Concern => "Caches";

    public void Plan(GuestContext context)
    {
        // A link, as into /run, is nothing that was copied.
        foreach (var path in Paths.Where(path => context.Files.Entry(path) is { Kind: EntryKind.File }))
            context.Remove(Concern, path, "it caches the source's device names");
    }
}
