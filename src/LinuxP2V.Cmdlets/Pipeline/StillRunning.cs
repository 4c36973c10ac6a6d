using System.Management.Automation.Host;

namespace LinuxP2V.Cmdlets.Pipeline;

internal static class StillRunning
{
    /// <summary>Straight to the host: a stopped pipeline takes no warning any more.</summary>
    public static void Warn(PSHost host, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            host.UI?.WriteWarningLine(
                $"Only the waiting has ended. Still running: {string.Join(", ", names)}. "
                    + "Follow with Get-P2VConversion | Wait-P2VConversion, or end with Stop-P2VConversion."
            );
        }
    }
}
