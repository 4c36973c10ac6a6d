using System.Text;
using System.Text.RegularExpressions;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Whether the admin's scripts can run, and what is told of each.</summary>
internal static class HookCheck
{
    private const int MostBytes = 64 << 10;
    private const int MostSeconds = 24 * 60 * 60;

    /// <summary>It becomes the name of a file.</summary>
    private static readonly Regex UsualName = new(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant);

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static void Require(TaskSettings settings, PlanFindings findings)
    {
        foreach (var hook in settings.Hooks)
            Require(hook);

        if (settings.Hooks.GroupBy(hook => (hook.Moment, hook.Name)).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw AddressText.Refused(
                $"Two hooks of the moment {twice.Key.Moment} have the name {twice.Key.Name}.",
                "Give each its own: New-P2VHook -Name."
            );

        if (settings.SkipReconfiguration && settings.Hooks.FirstOrDefault(hook => hook.Moment != HookMoment.BeforeCopy) is { } lost)
            throw AddressText.Refused(
                $"With -SkipReconfiguration the copy equals its source: the {lost} of the moment {lost.Moment} does not run.",
                "Leave out -SkipReconfiguration, or the hook."
            );

        foreach (var hook in settings.Hooks)
            findings.Inform("HookRuns", hook.Name, $"The {hook} {Where(hook.Moment)}. {Failing(hook)}", Remedy(hook.Moment));
    }

    private static void Require(HookScript hook)
    {
        if (!UsualName.IsMatch(hook.Name ?? ""))
            throw AddressText.Refused(
                $"'{hook.Name}' cannot be the name of a hook.",
                "Give 1 to 64 letters, digits, points, hyphens and underlines: New-P2VHook -Name."
            );

        if (string.IsNullOrWhiteSpace(hook.Text) || hook.Text.IndexOf('\0') >= 0)
            throw AddressText.Refused($"The {hook} holds no script.", "Give a file of shell commands.");

        if (Encoding.UTF8.GetByteCount(hook.Text) > MostBytes)
            throw AddressText.Refused(
                $"The {hook} has more than {MostBytes >> 10} KiB.",
                "Have a short script fetch or start what is longer."
            );

        if (hook.TimeoutSeconds is < 1 or > MostSeconds)
            throw AddressText.Refused($"The {hook} has {hook.TimeoutSeconds} seconds.", $"Give 1 to {MostSeconds} seconds.");
    }

    private static string Where(HookMoment moment) =>
        moment switch
        {
            HookMoment.BeforeCopy => "runs on the source before the first pass, as root, and may change the source",
            HookMoment.BeforeReconfiguration => "runs in the copy before it is made bootable, confined, without a network",
            HookMoment.AfterReconfiguration => "runs in the copy after it was made bootable, confined, without a network",
            _ => "runs once in the VM, when it first starts",
        };

    private static string Failing(HookScript hook) =>
        hook.ContinueOnError ? "Where it fails, that is a warning"
        : hook.Moment == HookMoment.FirstBoot ? "Where it fails, the further ones of the first start do not run"
        : "Where it fails, the conversion stops";

    private static string Remedy(HookMoment moment) =>
        moment == HookMoment.FirstBoot
            ? "Nothing to do; what it prints is in the VM: /var/log/linuxp2v-first-boot.log."
            : "Nothing to do; what it prints is in the conversion's log.";
}
