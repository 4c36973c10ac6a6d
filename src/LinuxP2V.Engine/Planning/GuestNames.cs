using System.Text.RegularExpressions;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>What the copy is to call itself.</summary>
internal static class GuestNames
{
    /// <summary>The kernel takes no longer one.</summary>
    private const int MaximumLength = 64;

    private static readonly Regex HostName = new(
        @"\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static void Check(TaskSettings settings)
    {
        if (settings.GuestHostName is { } name && (name.Length > MaximumLength || !HostName.IsMatch(name)))
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"'{name}' cannot be a host name.",
                $"Give -GuestHostName letters, digits and hyphens, with points between its parts: {MaximumLength} characters at most."
            );

        if (settings.SkipReconfiguration && (settings.NewIdentity || settings.GuestHostName is not null))
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                "With -SkipReconfiguration the copy equals its source: it gets neither another identity nor another host name.",
                "Leave out -SkipReconfiguration, or -Identity and -GuestHostName."
            );
    }
}
