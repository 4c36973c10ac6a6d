using System.Text.RegularExpressions;
using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>Files that the reconfiguration wrote get the label that the copy's own policy has for them.</summary>
internal sealed partial class SELinuxStep : IReconfigureStep
{
    private const string Configuration = "/etc/selinux/config";

    public string Concern => "SELinux";

    public bool Detect(ReconfigureContext context) => Policy(context.Files) is not null;

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var contexts = Policy(context.Files)!;
        var files = context
            .Originals.Touched.Concat(context.Changes.Select(change => change.Subject))
            .Where(path => path.StartsWith('/') && !path.StartsWith("/dev/", StringComparison.Ordinal) && context.Files.FileExists(path))
            .Append(Originals.Folder)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        return Task.FromResult<IReadOnlyList<PlannedChange>>([
            new PlannedChange(
                $"{files.Count} files",
                "labelled",
                "files that were written here have no label of the copy's policy",
                async token =>
                {
                    var hasTool = context.Files.Program("setfiles") is not null;
                    if (!hasTool || !(await context.Chroot.RunAsync("setfiles", ["-F", contexts, .. files], token)).Succeeded)
                    {
                        await context.Originals.KeepAsync("/.autorelabel", token);
                        await File.WriteAllTextAsync(context.Files.HostEntry("/.autorelabel"), "-F\n", token);
                        context.Note("The copy labels all its files at its first start, and restarts once.");
                    }
                }
            ),
        ]);
    }

    /// <returns>The path of file_contexts; null where SELinux is off or has no policy.</returns>
    private static string? Policy(CopyRoot files)
    {
        var text = files.TryReadText(Configuration) ?? "";
        var mode = Mode().Match(text).Groups[1].Value;
        var path = $"/etc/selinux/{PolicyType().Match(text).Groups[1].Value}/contexts/files/file_contexts";
        return mode is "enforcing" or "permissive" && files.FileExists(path) ? path : null;
    }

    [GeneratedRegex(@"^SELINUX=(\w+)", RegexOptions.Multiline)]
    private static partial Regex Mode();

    [GeneratedRegex(@"^SELINUXTYPE=(\w+)", RegexOptions.Multiline)]
    private static partial Regex PolicyType();
}
