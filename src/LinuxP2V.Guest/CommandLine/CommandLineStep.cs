using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>The kernel's command line wherever boot loaders, kernel packages and image builders keep it.</summary>
internal sealed class CommandLineStep : IGuestStep
{
    public string Concern => "CommandLine";

    public void Plan(GuestContext context)
    {
        var findings = new List<Finding>();
        var isChanged = false;
        var isForShell = false;
        foreach (var place in CommandLinePlaces.Find(context.Files, context.Layout))
        {
            var result = CommandLineFiles.Change(place.Format, context.Files.ReadText(place.Path), context.Devices);
            isChanged |= result.Text.Changes.Count > 0;
            isForShell |=
                place.Path.StartsWith("/etc/default/grub", StringComparison.Ordinal)
                && (result.Text.Changes.Count > 0 || result.Doubts.Count > 0);
            Write(context, place, result.Text);
            findings.AddRange(CommandLineFindings.Of(result.Words, context.Devices));
            findings.AddRange(result.Doubts.Select(doubt => Doubt(place, doubt)));
        }

        if (isForShell && GrubDefaultsRead.Plan(context.Files, Concern) is { } read)
            context.Run(read);

        if (isChanged)
            findings.AddRange(UnifiedImages(context));

        foreach (var finding in findings.GroupBy(finding => (finding.Id, finding.Subject)).Select(group => group.First()))
            context.Report(finding);
    }

    private void Write(GuestContext context, CommandLinePlace place, ChangedText changed)
    {
        if (changed.Changes.Count == 0)
            return;

        context.Write(Concern, place.Output, changed.Text, changed.What, changed.Why);
        if (place.IsInMenu)
            context.MenuReasons.Add($"{place.Path} changed");
        if (place.IsInInitramfs)
            context.InitramfsInputs.Add(place.Output);
    }

    private static Finding Doubt(CommandLinePlace place, string doubt) =>
        new(
            FindingSeverity.Warning,
            "CommandLineNotUnderstood",
            place.Path,
            $"{place.Path} holds {doubt}: what it adds to the kernel's command line is not known before the copy runs it.",
            "See that it names no RAID array, LUKS volume or disk that the copy does not have."
        );

    private static IEnumerable<Finding> UnifiedImages(GuestContext context) =>
        from mount in CommandLinePlaces.BootFolders(context.Layout)
        from image in context.Files.Files($"{mount}/EFI/Linux", "*.efi")
        select new Finding(
            FindingSeverity.Warning,
            "UnifiedKernelImage",
            image,
            $"{image} holds a command line of its own, which cannot be changed in place.",
            "Build it again in the copy (kernel-install, dracut --uefi or ukify), or start the copy by another entry."
        );
}
