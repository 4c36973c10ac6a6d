using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Identity;

/// <summary>The id by which a system knows itself, and the seeds of its random numbers.</summary>
internal static class MachineId
{
    private const string Place = "/etc/machine-id";
    private const string OfDBus = "/var/lib/dbus/machine-id";
    private const string EntryToken = "/etc/kernel/entry-token";

    private static readonly string[] Systemd = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

    private static readonly string[] Seeds =
    [
        "/var/lib/systemd/random-seed",
        "/var/lib/urandom/random-seed",
        "/var/lib/random-seed",
        "/var/lib/misc/random-seed",
        "/boot/loader/random-seed",
        "/boot/efi/loader/random-seed",
        "/efi/loader/random-seed",
    ];

    private static readonly string[] EntryFolders = ["/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries"];
    private static readonly string[] KernelFolders = ["/boot", "/boot/efi", "/efi"];

    private static readonly Regex Id = new("^[0-9a-f]{32}$", RegexOptions.CultureInvariant);

    public static void Plan(string concern, GuestContext context)
    {
        var files = context.Files;
        if (files.FileExists(Place))
        {
            KeepBootEntries(concern, context, files.ReadText(Place).Trim());
            // systemd makes one where the file is empty; where it is missing, it takes the machine for one that was never set up.
            if (Systemd.Any(files.FileExists))
                context.Write(concern, Place, "", "emptied", "the VM makes an id of its own when it first starts");
            else
                context.Remove(concern, Place, "D-Bus makes another when the VM first starts");
        }

        if (files.Entry(OfDBus) is { Kind: EntryKind.File })
            context.Remove(concern, OfDBus, "it holds the source's machine id, which would come back from it");

        foreach (var seed in Seeds.Where(seed => files.Entry(seed) is { Kind: EntryKind.File }))
            context.RemoveSecret(concern, seed, "two machines would begin with the same random numbers");
    }

    /// <summary>Entries that bear the id in their names go on to work, and later kernels are to be named as they are.</summary>
    private static void KeepBootEntries(string concern, GuestContext context, string id)
    {
        var files = context.Files;
        if (
            !Id.IsMatch(id)
            || files.FileExists(EntryToken)
            || !(
                EntryFolders.Any(folder => files.Files(folder, $"{id}-*.conf").Count > 0)
                || KernelFolders.Any(folder => files.FolderExists($"{folder}/{id}"))
            )
        )
            return;

        context.Write(
            concern,
            EntryToken,
            id + "\n",
            "names boot entries as before",
            "the entries that are there bear the source's machine id in their names"
        );
        context.Report(
            new Protocol.Findings.Finding(
                Protocol.Findings.FindingSeverity.Information,
                "BootEntriesKeepTheirNames",
                EntryToken,
                "The copy's boot entries keep the source's machine id in their names. A kernel-install before systemd 251 does not know "
                    + "this: it names new entries by the new id, and leaves an old entry behind when its kernel is removed.",
                "Nothing to do where systemd is newer; else remove such entries from /boot/loader/entries together with their kernels."
            )
        );
    }
}
