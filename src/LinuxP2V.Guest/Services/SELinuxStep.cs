using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Services;

/// <summary>Labels of the copy's own policy for the files that the reconfiguration wrote.</summary>
/// <param name="Contexts">The policy's file_contexts.</param>
public sealed record SELinuxLabels(string Concern, string Contexts)
    : ToolChange(Concern, "changed files", "labelled", "files that were written here have no label of the copy's policy");

/// <summary>Comes last: what was written before it is labelled.</summary>
internal sealed class SELinuxStep : IGuestStep
{
    private const string Configuration = "/etc/selinux/config";

    private static readonly Regex ModePattern = new(@"^SELINUX=(\w+)", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    private static readonly Regex TypePattern = new(@"^SELINUXTYPE=(\w+)", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    public string Concern => "SELinux";

    public void Plan(GuestContext context)
    {
        if (Policy(context.Files) is not { } contexts)
            return;

        context.Run(new SELinuxLabels(Concern, contexts));
        if (context.Options.Hooks.Any(hook => hook.Moment is HookMoment.BeforeReconfiguration or HookMoment.AfterReconfiguration))
            context.Write(
                Concern,
                "/.autorelabel",
                "-F\n",
                "all files are labelled anew at the first start, which takes a restart",
                "hooks write any file, and no label of the copy's policy with it"
            );
    }

    /// <returns>The path of file_contexts; null where SELinux is off or has no policy.</returns>
    private static string? Policy(GuestTree files)
    {
        var text = files.TryReadText(Configuration) ?? "";
        var mode = ModePattern.Match(text).Groups[1].Value;
        var path = $"/etc/selinux/{TypePattern.Match(text).Groups[1].Value}/contexts/files/file_contexts";
        return mode is "enforcing" or "permissive" && files.FileExists(path) ? path : null;
    }
}
