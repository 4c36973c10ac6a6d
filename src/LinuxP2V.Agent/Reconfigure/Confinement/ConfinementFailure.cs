using System.Runtime.InteropServices;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Confinement;

/// <summary>The helper cannot confine a program; it is then not run at all.</summary>
internal static class ConfinementFailure
{
    /// <param name="what">That the last call was to do.</param>
    public static AgentException Of(string what) =>
        Because($"it could not {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    public static AgentException Because(string detail) =>
        new(
            ErrorIds.ReconfigurationFailed,
            "The helper could not confine a program of the copy, so it did not run it.",
            "Use the helper image that belongs to this module: Get-P2VHelperImage shows it.",
            detail
        );
}
