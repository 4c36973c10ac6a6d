using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Checks;

/// <summary>The menu that the loader really reads: kernel, initramfs and root of its entries.</summary>
internal sealed class BootEntryCheck
{
    private readonly GuestTree files;
    private readonly GuestTarget target;
    private readonly GrubPaths paths;
    private readonly List<Finding> findings = [];

    private BootEntryCheck(GuestTree files, GuestTarget target)
    {
        this.files = files;
        this.target = target;
        paths = new GrubPaths(files, target.Layout);
    }

    public static IReadOnlyList<Finding> Run(GuestTree files, GuestTarget target)
    {
        var check = new BootEntryCheck(files, target);
        check.Check(BootMenu.Find(files, target));
        return check.findings;
    }

    private void Check(BootMenu menu)
    {
        if (menu.Problem is { } problem)
        {
            if (menu.IsFatal)
                Fail(menu.Place, problem);
            else
                Warn(menu.Place, problem);
        }

        if (menu.Entries is not { } entries)
            return;

        if (entries.Doubt is { } doubt)
            Warn(menu.Place, $"{menu.Place}: {doubt}.");

        foreach (var entry in entries.All.Distinct())
            Check(entry, entry == entries.Default);
    }

    private void Check(BootEntry entry, bool isDefault)
    {
        var name = isDefault ? $"The default boot entry \"{entry.Name}\"" : $"Boot entry \"{entry.Name}\"";
        foreach (var problem in Problems(entry))
        {
            if (isDefault)
                Fail(entry.File, $"{name} {problem}.");
            else
                Warn(entry.File, $"{name} {problem}.");
        }

        if (entry.UnifiedImage is null && (entry.Doubts.Count > 0 || entry.Kernel is null))
        {
            var what = entry.Doubts.Count > 0 ? string.Join(", ", entry.Doubts) : "it starts no Linux kernel";
            // Entries of the firmware's setup and of other systems are none of ours; the default one must be understood.
            if (isDefault || entry.Kernel is not null)
                Warn(entry.File, $"{name} cannot be understood: {what}.");
        }

        foreach (var change in entry.Kernel is null ? [] : RootWord.Misfits(entry.Words, target))
            Warn(entry.File, $"{name} has {change.Line} on its command line: {change.Why}.");
    }

    private IEnumerable<string> Problems(BootEntry entry)
    {
        if (entry.Kernel is not { } kernel)
            yield break;

        if (entry.Device is { } device && !paths.HasDevice(device))
            yield return $"looks for its files on {device}, which the copy does not have";
        else if (paths.Find(kernel, entry.Device) is null)
            yield return $"starts {kernel}, which is not there";
        else
        {
            foreach (var initrd in entry.Initrds.Where(initrd => paths.Find(initrd, entry.Device) is null))
                yield return $"loads {initrd}, which is not there";
        }

        if (RootWord.Problem(entry.Words, entry.Initrds.Count > 0, target) is { } problem)
            yield return problem;
    }

    private void Fail(string subject, string what) =>
        findings.Add(
            new Finding(
                FindingSeverity.Error,
                ErrorIds.ReconfigurationFailed,
                subject,
                what,
                "Mend the boot loader's configuration on the source, so that it starts an installed kernel."
            )
        );

    private void Warn(string subject, string what) =>
        findings.Add(
            new Finding(FindingSeverity.Warning, "BootEntry", subject, what, "See that the entry is not needed, or mend it in the copy.")
        );
}
